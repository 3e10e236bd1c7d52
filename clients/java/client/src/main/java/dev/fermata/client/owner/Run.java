package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Backoff;
import dev.fermata.client.internal.Times;
import dev.fermata.client.watch.Position;
import dev.fermata.client.watch.Watch;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.PutSubscriptionRequest;
import dev.fermata.v1.StreamPoint;
import dev.fermata.v1.StreamStart;
import dev.fermata.v1.SubscribeRequest;
import dev.fermata.v1.Subscription;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One run of an owner, from its subscription to its last acknowledgement. */
final class Run {
  /** So many positions may be open before reading pauses. */
  private static final int MOST_OPEN = 1_000;
  /** How long handlers have to end, when the owner stops; and then again, when they have been interrupted. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

  private final Work work;
  private final Thread runner = Thread.currentThread();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Positions positions = new Positions(MOST_OPEN, this::handled);
  private final Watch<OwnerSnapshot, OwnerEvent> watch;
  private final Lanes questionLanes;
  private final Lanes eventLanes;
  private final Questions questions;
  private final Events events;
  private final Acknowledger acknowledger;

  private String storeId = "";
  private long sequence;

  Run(Work work) {
    this.work = work;
    int most = work.settings.mostHandlers();
    questionLanes = new Lanes(work.workers, work.timer, most);
    eventLanes = new Lanes(work.workers, work.timer, most);
    questions = new Questions(work, questionLanes);
    events = new Events(work, eventLanes);
    acknowledger = new Acknowledger(work, positions);
    watch = work.fermata.watch(subscribeRequest());
  }

  void participate() {
    try {
      if (putSubscription()) {
        while (watch.hasNext()) {
          take(watch.next());
          positions.awaitRoom();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      finish();
    }
  }

  void stop() {
    stopping.countDown();
    positions.stop();
    watch.close();
  }

  /** Whether the thread runs this owner or one of its handlers, so that it must not wait for the end. */
  boolean isMine(Thread thread) {
    return thread == runner || questionLanes.runs(thread) || eventLanes.runs(thread);
  }

  private SubscribeRequest subscribeRequest() {
    var acknowledged = StreamStart.newBuilder().setPoint(StreamPoint.STREAM_POINT_ACKNOWLEDGED);
    var request =
        SubscribeRequest.newBuilder()
            .setProjectId(work.settings.projectId())
            .setSubscriptionId(work.settings.subscriptionId())
            .setStart(acknowledged);
    work.settings.heartbeat().ifPresent(interval -> request.setHeartbeatInterval(Times.duration(interval)));
    return request.build();
  }

  /** Puts the subscription, however long the server is away. Returns whether it did. */
  private boolean putSubscription() throws InterruptedException {
    var subscription =
        Subscription.newBuilder()
            .setProjectId(work.settings.projectId())
            .setId(work.settings.subscriptionId())
            .setDisplayName(work.settings.displayName());
    var request = PutSubscriptionRequest.newBuilder().setSubscription(subscription).build();
    var backoff = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(15));
    var wait = Duration.ZERO;
    while (!stopping.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
      try {
        var stored = Fermata.call(() -> work.fermata.notifications().putSubscription(request));
        stored.getWarningsList().forEach(work.hooks::warning);
        return true;
      } catch (FermataException e) {
        if (work.fermata.isClosed() || Thread.currentThread().isInterrupted()) {
          return false;
        }
        if (!work.mayPass(e)) {
          throw e;
        }
        wait = backoff.next(e.retryAfter().orElse(Duration.ZERO));
        Hooks.LOG.log(Level.INFO, "the subscription cannot be put, trying again: {0}", e.getMessage());
      }
    }
    return false;
  }

  private void take(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    work.hooks.listener(listener -> listener.onItem(item));
    if (item instanceof WatchItem.Snapshot<OwnerSnapshot, OwnerEvent> snapshot) {
      snapshot(snapshot.snapshot(), snapshot.position());
    } else if (item instanceof WatchItem.Event<OwnerSnapshot, OwnerEvent> event) {
      event(event.event(), event.position());
    } else if (item instanceof WatchItem.Interrupted<OwnerSnapshot, OwnerEvent> cut) {
      Hooks.LOG.log(Level.INFO, "the stream was interrupted ({0}), again in {1}", cut.cause(), cut.retryIn());
    } else {
      Hooks.LOG.log(Level.INFO, "the stream is open");
    }
  }

  private void snapshot(OwnerSnapshot snapshot, Position position) {
    boolean isOtherStore = !storeId.isEmpty() && !storeId.equals(position.storeId());
    if (isOtherStore || Long.compareUnsigned(position.sequence(), sequence) < 0) {
      positions.reset();
      acknowledger.reset();
    }
    var ticket = begin(position);
    questions.all(snapshot.getNotificationsList(), ticket);
    ticket.release();
  }

  private void event(OwnerEvent event, Position position) {
    work.telemetry.received();
    var ticket = begin(position);
    switch (event.getEventCase()) {
      case NOTIFICATION -> questions.one(event.getNotification(), ticket);
      case SERVER -> events.server(event.getServer(), ticket);
      case SESSION -> events.session(event.getSession(), ticket);
      case EVENT_NOT_SET -> { // Of a kind that this version does not know.
      }
    }
    ticket.release();
  }

  private Positions.Ticket begin(Position position) {
    storeId = position.storeId();
    sequence = position.sequence();
    return positions.begin(sequence);
  }

  private void handled() {
    acknowledger.look();
  }

  private void finish() {
    stop();
    questionLanes.stop();
    eventLanes.stop();
    // Whoever interrupted this thread wants it to end, but in good order.
    boolean interrupted = Thread.interrupted();
    try {
      long end = System.nanoTime() + GRACE.toNanos();
      boolean idle = questionLanes.awaitIdle(GRACE) & eventLanes.awaitIdle(Duration.ofNanos(end - System.nanoTime()));
      work.halt();
      if (!idle) {
        questionLanes.interrupt();
        eventLanes.interrupt();
        questionLanes.awaitIdle(AFTER_INTERRUPT);
        eventLanes.awaitIdle(AFTER_INTERRUPT);
      }
    } catch (InterruptedException e) {
      interrupted = true;
      work.halt();
    }
    acknowledger.acknowledge();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
