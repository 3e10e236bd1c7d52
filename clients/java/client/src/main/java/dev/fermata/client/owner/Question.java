package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Times;
import dev.fermata.client.owner.OwnerListener.HandlerCall;
import dev.fermata.client.owner.OwnerListener.Phase;
import dev.fermata.client.owner.OwnerListener.ReplyOutcome;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.CounterOfferState;
import dev.fermata.v1.ListNotificationServersRequest;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationKind;
import io.grpc.Status;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A question of one plan revision, until it is answered, closed or given up.
 *
 * <pre>
 * open ── a handler or the fallback answers ──▶ replying ── accepted or refused ──▶ over
 *  ▲ │                                             │                                 ▲
 *  │ └── not PENDING any more, or a newer plan ────┼─────────────────────────────────┘
 *  └──────── INVALID_ARGUMENT: try again ──────────┘
 * </pre>
 */
final class Question implements Lanes.Step {
  private static final int PAGE = 1_000;

  private enum State {
    OPEN,
    REPLYING,
    OVER
  }

  private final Work work;
  private final Runnable wake;
  private final String key;
  private final Instant askedAt = Instant.now();
  private final List<Positions.Ticket> tickets = new ArrayList<>();

  private Notification asked;
  private State state = State.OPEN;
  private ScheduledFuture<?> fallbackTimer;
  private boolean fallbackDue;
  /** A newer plan or the end of the question makes a reply pointless. */
  private boolean superseded;
  private Thread handling;
  private int attempts;

  /**
   * A question.
   *
   * @param wake has a step that waits to be run again run at once
   */
  Question(Work work, Notification asked, Runnable wake) {
    this.work = work;
    this.asked = asked;
    this.wake = wake;
    key = key(asked);
    scheduleFallback();
  }

  /** Names the question: the notification, the plan, and the counter-offer that was declined before it. */
  static String key(Notification asked) {
    var key = asked.getId() + "/" + asked.getPlanRevision();
    var offer = asked.getCounterOffer();
    if (offer.getState() != CounterOfferState.COUNTER_OFFER_STATE_DECLINED) {
      return key;
    }
    return key + "/" + offer.getCreateTime().getSeconds() + "." + offer.getCreateTime().getNanos();
  }

  String key() {
    return key;
  }

  synchronized long planRevision() {
    return asked.getPlanRevision();
  }

  /** The position that is handled when this question is over. */
  synchronized void attach(Positions.Ticket ticket) {
    if (state != State.OVER) {
      ticket.hold();
      tickets.add(ticket);
    }
  }

  /** The same question was sent again; its deadline may have moved. */
  synchronized void update(Notification again) {
    if (state == State.OPEN && !again.getReplyDeadlineTime().equals(asked.getReplyDeadlineTime())) {
      asked = asked.toBuilder().setReplyDeadlineTime(again.getReplyDeadlineTime()).build();
      scheduleFallback();
    }
  }

  /**
   * An answer is not wanted any more.
   *
   * @param isOver whether a reply that is on its way is pointless, too
   */
  void close(boolean isOver) {
    synchronized (this) {
      superseded |= isOver;
      if (state != State.OPEN) {
        return;
      }
      finish(true);
    }
    wake.run();
  }

  /** Has a handler answer. */
  @Override
  public Optional<Duration> run() {
    try {
      if (isOpen()) {
        complete();
      }
    } catch (FermataException e) {
      return failed(e);
    }
    int attempt;
    Notification current;
    synchronized (this) {
      if (state != State.OPEN || work.isHalted()) {
        return Optional.empty();
      }
      attempt = ++attempts;
      current = asked;
      handling = Thread.currentThread();
    }
    return handle(current, attempt);
  }

  private Optional<Duration> handle(Notification current, int attempt) {
    var handler = handler(current);
    tell(current, attempt, Phase.BEGIN);
    var span = work.telemetry.begin(handler, current.getId(), current.getSessionId());
    var context = Context.current().with(span);
    long began = System.nanoTime();
    Answer answer = null;
    Exception failure = null;
    try {
      answer = context.wrap(() -> answer(current)).call();
      if (answer == null) {
        failure = new IllegalStateException("the handler " + handler + " returned no answer");
      }
    } catch (Exception e) {
      failure = e;
    } catch (Throwable e) { // An assertion of an author's must not silence the question.
      failure = new ExecutionException(e);
    }
    boolean wanted;
    synchronized (this) {
      handling = null;
      // From here on nobody interrupts for this question; one that came late is not for what comes next.
      Thread.interrupted();
      wanted = state == State.OPEN && !(failure != null && work.isHalted());
    }
    work.telemetry.end(span, handler, began, failure);
    if (!wanted) {
      tell(current, attempt, Phase.CANCELLED);
      return Optional.empty();
    }
    tell(current, attempt, failure == null ? Phase.END : Phase.FAILED);
    if (failure != null) {
      return failed(failure);
    }
    var given = answer;
    return context.wrapSupplier(() -> settle(given, false)).get();
  }

  /** Answers for a handler that has not. */
  private void fallBack() {
    synchronized (this) {
      fallbackDue = true;
      if (state != State.OPEN) {
        return;
      }
    }
    try {
      complete();
    } catch (FermataException e) {
      // The default of the session has to do for servers that are not known.
    }
    settle(fallback(), true);
    wake.run();
  }

  private Answer fallback() {
    // To scale in cannot be accepted, only done.
    return kind() == NotificationKind.NOTIFICATION_KIND_SCALE_IN
        ? Fallback.REJECT.answer()
        : work.settings.fallback().answer();
  }

  private Optional<Duration> settle(Answer answer, boolean isFallback) {
    Notification current;
    synchronized (this) {
      if (state != State.OPEN) {
        return Optional.empty();
      }
      state = State.REPLYING;
      current = asked;
      interruptHandler();
    }
    if (!answer.isSent()) {
      end(true);
      return Optional.empty();
    }
    var outcome = work.replies.send(answer.reply(current, key), this::deadline, this::isWanted);
    if (outcome instanceof Replies.Accepted) {
      report(current, answer, isFallback, "accepted");
      end(true);
    } else if (outcome instanceof Replies.Dropped) {
      // What was not answered is asked again after the next start.
      end(!work.isHalted());
    } else if (outcome instanceof Replies.Refused refused) {
      report(current, answer, isFallback, refused.error().name());
      if (refused.error().code() == Status.Code.INVALID_ARGUMENT && !isFallback) {
        return again(refused.error());
      }
      work.hooks.refused(current, refused.error());
      end(true);
    }
    return Optional.empty();
  }

  /** The handler gave an answer that is not possible: it may give another one, if there is time. */
  private Optional<Duration> again(FermataException error) {
    boolean late;
    synchronized (this) {
      state = State.OPEN;
      late = fallbackDue;
      if (superseded) {
        finish(true);
      }
    }
    if (late) {
      work.hooks.error(error);
      return settle(fallback(), true);
    }
    return failed(error);
  }

  private Optional<Duration> failed(Exception failure) {
    work.hooks.error(failure);
    synchronized (this) {
      if (state != State.OPEN) {
        return Optional.empty();
      }
      return Optional.of(work.settings.handlerWait(Math.max(attempts, 1)));
    }
  }

  private Answer answer(Notification current) throws Exception {
    var handler = work.hooks.handler();
    return switch (current.getKind()) {
      case NOTIFICATION_KIND_PLANNED -> handler.onPlanned(current);
      case NOTIFICATION_KIND_DRAIN -> handler.onDrain(current);
      case NOTIFICATION_KIND_SCALE_IN -> handler.onScaleIn(current);
      // A question that this version does not understand is left to the policies.
      case NOTIFICATION_KIND_UNSPECIFIED, UNRECOGNIZED -> Answer.none();
    };
  }

  private static String handler(Notification current) {
    return switch (current.getKind()) {
      case NOTIFICATION_KIND_DRAIN -> "drain";
      case NOTIFICATION_KIND_SCALE_IN -> "scale_in";
      case NOTIFICATION_KIND_PLANNED, NOTIFICATION_KIND_UNSPECIFIED, UNRECOGNIZED -> "planned";
    };
  }

  /** Reads the servers, where the notification came without them. */
  private void complete() {
    Notification current;
    synchronized (this) {
      current = asked;
    }
    if (!current.getServersOmitted()) {
      return;
    }
    var request =
        ListNotificationServersRequest.newBuilder()
            .setProjectId(current.getProjectId())
            .setNotificationId(current.getId())
            .setPageSize(PAGE);
    var servers = new ArrayList<AffectedServer>();
    do {
      var page = Fermata.call(() -> work.fermata.notifications().listNotificationServers(request.build()));
      servers.addAll(page.getServersList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    synchronized (this) {
      asked = asked.toBuilder().clearServers().addAllServers(servers).setServersOmitted(false).build();
    }
  }

  private synchronized void scheduleFallback() {
    if (fallbackTimer != null) {
      fallbackTimer.cancel(false);
    }
    deadline()
        .ifPresent(
            deadline -> {
              var margin = work.settings.answerMargin();
              var quarter = Duration.between(askedAt, deadline).dividedBy(4);
              var at = deadline.minus(margin.compareTo(quarter) < 0 ? margin : quarter);
              long delay = Math.max(Duration.between(Instant.now(), at).toMillis(), 0);
              fallbackTimer =
                  work.timer.schedule(() -> work.workers.execute(this::fallBack), delay, TimeUnit.MILLISECONDS);
            });
  }

  private synchronized Optional<Instant> deadline() {
    return asked.hasReplyDeadlineTime() ? Optional.of(Times.instant(asked.getReplyDeadlineTime())) : Optional.empty();
  }

  private synchronized boolean isWanted() {
    return !superseded;
  }

  private synchronized boolean isOpen() {
    return state == State.OPEN;
  }

  private synchronized NotificationKind kind() {
    return asked.getKind();
  }

  private synchronized void end(boolean isHandled) {
    if (state != State.OVER) {
      finish(isHandled);
    }
  }

  private void finish(boolean isHandled) {
    state = State.OVER;
    if (fallbackTimer != null) {
      fallbackTimer.cancel(false);
    }
    interruptHandler();
    if (isHandled) {
      tickets.forEach(Positions.Ticket::release);
    }
    tickets.clear();
  }

  private void interruptHandler() {
    if (handling != null && handling != Thread.currentThread()) {
      handling.interrupt();
    }
  }

  private void report(Notification current, Answer answer, boolean isFallback, String outcome) {
    work.telemetry.replied(outcome);
    work.hooks.listener(listener -> listener.onReply(new ReplyOutcome(current, answer, isFallback, outcome)));
  }

  private void tell(Notification current, int attempt, Phase phase) {
    var call = new HandlerCall(handler(current), current.getId(), current.getPlanRevision(), attempt, phase);
    work.hooks.listener(listener -> listener.onHandler(call));
  }
}
