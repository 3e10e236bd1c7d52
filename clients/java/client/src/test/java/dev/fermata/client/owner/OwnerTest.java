package dev.fermata.client.owner;

import static dev.fermata.client.ScriptedStreams.asked;
import static dev.fermata.client.ScriptedStreams.event;
import static dev.fermata.client.ScriptedStreams.snapshot;
import static dev.fermata.client.owner.ScriptedOwnerServer.take;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.ScriptedServer;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.CounterOffer;
import dev.fermata.v1.CounterOfferState;
import dev.fermata.v1.CounterOfferStatus;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationKind;
import dev.fermata.v1.NotificationState;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSessionChange;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.ReplyRequest;
import dev.fermata.v1.ServerEvent;
import dev.fermata.v1.StreamPoint;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class OwnerTest {
  private final ScriptedOwnerServer calls = new ScriptedOwnerServer();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private ScriptedServer server;
  private Fermata fermata;
  private Owner owner;
  private Thread thread;

  /** Writes down what it is told; a test overrides what it decides. */
  private class Recording implements OwnerHandler {
    @Override
    public void onServerEvent(ServerEvent event) throws Exception {
      heard.add("server " + event.getServerId());
    }

    @Override
    public void onSessionEvent(OwnerSessionEvent event) {
      heard.add("session " + event.getChange());
    }

    @Override
    public void onComplete(OwnerSessionEvent event) {
      heard.add("complete " + event.getChange());
    }

    @Override
    public void onReplyRefused(Notification asked, FermataException error) {
      heard.add("refused " + error.name());
    }

    @Override
    public void onError(Exception error) {
      heard.add("error " + error.getMessage());
    }
  }

  private final class Listener implements OwnerListener {
    @Override
    public void onHandler(HandlerCall call) {
      handled.add(call.handler() + " " + call.id() + " " + call.attempt() + " " + call.phase());
    }

    @Override
    public void onReply(ReplyOutcome reply) {
      outcomes.add(reply.answer() + (reply.isFallback() ? " fallback " : " ") + reply.outcome());
    }
  }

  @BeforeEach
  void startServer() throws Exception {
    server = new ScriptedServer(calls);
    fermata = server.connect();
  }

  @AfterEach
  void stop() throws Exception {
    if (owner != null) {
      owner.close();
    }
    fermata.close();
    server.close();
  }

  private OwnerBuilder builder(OwnerHandler handler) {
    return Owner.builder(fermata, "core", "vnfm", handler)
        .listener(new Listener())
        .firstHandlerWait(Duration.ofMillis(10));
  }

  private void run(OwnerHandler handler) {
    run(builder(handler));
  }

  private void run(OwnerBuilder builder) {
    owner = builder.build();
    thread = new Thread(owner::run);
    thread.setUncaughtExceptionHandler((unused, thrown) -> failure.set(thrown));
    thread.start();
  }

  static Notification.Builder pending(String id, long revision) {
    return Notification.newBuilder()
        .setId(id)
        .setProjectId("core")
        .setSessionId("session")
        .setKind(NotificationKind.NOTIFICATION_KIND_PLANNED)
        .setState(NotificationState.NOTIFICATION_STATE_PENDING)
        .setPlanRevision(revision)
        .setReplyDeadlineTime(Times.timestamp(Instant.now().plus(Duration.ofHours(1))));
  }

  private static OwnerEvent session(OwnerSessionChange change) {
    return OwnerEvent.newBuilder().setSession(OwnerSessionEvent.newBuilder().setSessionId("session").setChange(change)).build();
  }

  /** A handler that waits until it is interrupted. */
  private static final class Stuck implements OwnerHandler {
    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public Answer onPlanned(Notification asked) throws InterruptedException {
      began.countDown();
      try {
        new CountDownLatch(1).await();
        return Answer.accept();
      } catch (InterruptedException e) {
        interrupted.countDown();
        throw e;
      }
    }
  }

  @Test
  void putsItsSubscriptionAndGoesOnAfterWhatWasAcknowledged() throws Exception {
    calls.putRefusals.add(ScriptedServer.error(Status.Code.INTERNAL, ""));
    run(builder(new Recording()).displayName("my VNFM").heartbeat(Duration.ofSeconds(2)));
    calls.stream();
    assertEquals(2, calls.subscriptions.size());
    var subscription = take(calls.subscriptions).getSubscription();
    assertEquals("core", subscription.getProjectId());
    assertEquals("vnfm", subscription.getId());
    assertEquals("my VNFM", subscription.getDisplayName());
    var request = calls.requests().get(0);
    assertEquals("vnfm", request.getSubscriptionId());
    assertEquals(StreamPoint.STREAM_POINT_ACKNOWLEDGED, request.getStart().getPoint());
    assertEquals(2, request.getHeartbeatInterval().getSeconds());
  }

  @Test
  void aQuestionIsAnsweredOnceHoweverOftenItIsSent() throws Exception {
    run(new Recording());
    var stream = calls.stream();
    var question = pending("n", 1).addServers(AffectedServer.newBuilder().setServerId("s")).build();
    stream.onNext(snapshot(1, question));
    stream.onNext(asked(2, question));
    assertEquals(1, take(calls.replies).getPlanRevision());
    // So that the newer plan does not come in between.
    assertEquals("accept accepted", take(outcomes));
    stream.onNext(asked(3, pending("n", 2).build()));
    assertEquals(2, take(calls.replies).getPlanRevision());
    stream.onNext(event(4, session(OwnerSessionChange.OWNER_SESSION_CHANGE_COMPLETED)));
    assertEquals("complete OWNER_SESSION_CHANGE_COMPLETED", take(heard));
    assertEquals(0, calls.replies.size());
    assertEquals(List.of("planned n 1 BEGIN", "planned n 1 END", "planned n 1 BEGIN", "planned n 1 END"), handledOf("planned"));
  }

  private List<String> handledOf(String handler) {
    return handled.stream().filter(line -> line.startsWith(handler)).toList();
  }

  @Test
  void theRequestIdIsMadeFromTheKey() throws Exception {
    run(new Recording());
    var stream = calls.stream();
    stream.onNext(snapshot(1, pending("n", 1).build()));
    var first = take(calls.replies).getRequestId();
    var declined =
        CounterOfferStatus.newBuilder()
            .setState(CounterOfferState.COUNTER_OFFER_STATE_DECLINED)
            .setCreateTime(Times.timestamp(Instant.ofEpochSecond(7)));
    stream.onNext(asked(2, pending("n", 1).setCounterOffer(declined).build()));
    var second = take(calls.replies).getRequestId();
    assertEquals("n/1", first);
    assertEquals("n/1/7.0", second);
  }

  @Test
  void aReplyIsRepeatedWithTheSameIdUntilTheServerHasIt() throws Exception {
    calls.refusals.add(ScriptedServer.error(Status.Code.UNKNOWN, ""));
    calls.refusals.add(ScriptedServer.error(Status.Code.ABORTED, "CONCURRENT_CHANGE"));
    run(new Recording());
    calls.stream().onNext(snapshot(1, pending("n", 1).build()));
    assertEquals(take(calls.replies), take(calls.replies));
    take(calls.replies);
    assertEquals("accept accepted", take(outcomes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAN_REVISION_STALE", "REPLY_LATE", "WRONG_STATE", "NOTIFICATION_NOT_FOUND", "REQUEST_ID_REUSED"})
  void aReplyThatIsRefusedEndsTheQuestion(String reason) throws Exception {
    var code =
        switch (reason) {
          case "PLAN_REVISION_STALE" -> Status.Code.ABORTED;
          case "NOTIFICATION_NOT_FOUND" -> Status.Code.NOT_FOUND;
          case "REQUEST_ID_REUSED" -> Status.Code.ALREADY_EXISTS;
          default -> Status.Code.FAILED_PRECONDITION;
        };
    calls.refusals.add(ScriptedServer.error(code, reason));
    run(new Recording());
    calls.stream().onNext(snapshot(1, pending("n", 1).build()));
    assertEquals("accept " + reason, take(outcomes));
    assertEquals("refused " + reason, take(heard));
    // It counts as handled.
    assertEquals(1, take(calls.acknowledged));
    assertEquals(1, calls.replies.size());
  }

  @Test
  void aHandlerThatFailsIsCalledAgain() throws Exception {
    var called = new AtomicInteger();
    run(
        new Recording() {
          @Override
          public Answer onPlanned(Notification asked) throws Exception {
            if (called.incrementAndGet() == 1) {
              throw new Exception("once");
            }
            if (called.get() == 2) {
              throw new AssertionError("twice");
            }
            return called.get() == 3 ? null : Answer.reject("no");
          }
        });
    calls.stream().onNext(snapshot(1, pending("n", 1).build()));
    assertEquals("no", take(calls.replies).getReject().getReason());
    assertEquals("error once", take(heard));
    assertEquals(4, called.get());
  }

  @Test
  void anAnswerThatIsNotPossibleIsAFailure() throws Exception {
    calls.refusals.add(ScriptedServer.error(Status.Code.INVALID_ARGUMENT, "ACTION_NOT_ALLOWED"));
    run(new Recording());
    calls.stream().onNext(snapshot(1, pending("n", 1).build()));
    assertEquals("accept ACTION_NOT_ALLOWED", take(outcomes));
    assertEquals("accept accepted", take(outcomes));
    assertEquals(2, calls.replies.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ACCEPT", "REJECT"})
  void theFallbackAnswersBeforeTheDeadline(String fallback) throws Exception {
    var stuck = new Stuck();
    run(builder(stuck).fallback(Fallback.valueOf(fallback)).answerMargin(Duration.ofHours(2)));
    // A quarter of the time that there was is the most: it answers after 0.6 s.
    var deadline = Instant.now().plusMillis(800);
    calls.stream().onNext(snapshot(1, pending("n", 1).setReplyDeadlineTime(Times.timestamp(deadline)).build()));
    var reply = take(calls.replies);
    assertEquals(fallback.equals("ACCEPT"), reply.hasAccept());
    assertEquals(fallback.equals("REJECT"), reply.hasReject());
    assertEquals(fallback.toLowerCase(java.util.Locale.ROOT) + " fallback accepted", take(outcomes));
    assertTrue(stuck.interrupted.await(60, TimeUnit.SECONDS));
    assertEquals("planned n 1 BEGIN", take(handled));
    assertEquals("planned n 1 CANCELLED", take(handled));
  }

  @Test
  void aDeadlineThatMovesMovesTheFallback() throws Exception {
    var stuck = new Stuck();
    run(builder(stuck).answerMargin(Duration.ZERO));
    var stream = calls.stream();
    stream.onNext(snapshot(1, pending("n", 1).build()));
    stuck.began.await();
    stream.onNext(asked(2, pending("n", 1).setReplyDeadlineTime(Times.timestamp(Instant.now())).build()));
    assertEquals("accept fallback accepted", take(outcomes));
  }

  @Test
  void toScaleInIsRejectedWithoutAHandler() throws Exception {
    run(new Recording());
    calls.stream().onNext(snapshot(1, pending("n", 1).setKind(NotificationKind.NOTIFICATION_KIND_SCALE_IN).build()));
    assertTrue(take(calls.replies).hasReject());
  }

  @Test
  void noAnswerSendsNothingAndIsHandled() throws Exception {
    run(
        new Recording() {
          @Override
          public Answer onPlanned(Notification asked) {
            return Answer.none();
          }
        });
    calls.stream().onNext(snapshot(5, pending("n", 1).build()));
    assertEquals(5, take(calls.acknowledged));
    assertEquals(0, calls.replies.size());
  }

  @Test
  void aNewerPlanCancelsTheHandlerAndItsAnswerIsNotSent() throws Exception {
    var stuck = new Stuck();
    run(stuck);
    var stream = calls.stream();
    stream.onNext(snapshot(1, pending("n", 1).build()));
    stuck.began.await();
    stream.onNext(asked(2, pending("n", 2).setState(NotificationState.NOTIFICATION_STATE_CLOSED).build()));
    assertTrue(stuck.interrupted.await(60, TimeUnit.SECONDS));
    assertEquals(2, take(calls.acknowledged));
    assertEquals(0, calls.replies.size());
  }

  @Test
  void aQuestionThatIsNotInASnapshotIsClosed() throws Exception {
    var stuck = new Stuck();
    run(stuck);
    var stream = calls.stream();
    stream.onNext(snapshot(1, pending("n", 1).build()));
    stuck.began.await();
    stream.onNext(snapshot(3));
    assertTrue(stuck.interrupted.await(60, TimeUnit.SECONDS));
    assertEquals(3, take(calls.acknowledged));
  }

  @Test
  void serversThatWereLeftOutAreRead() throws Exception {
    var seen = new LinkedBlockingQueue<Notification>();
    run(
        new Recording() {
          @Override
          public Answer onDrain(Notification asked) {
            seen.add(asked);
            return Answer.counterOffer(CounterOffer.getDefaultInstance()).withComment("later");
          }
        });
    var omitted = pending("n", 1).setKind(NotificationKind.NOTIFICATION_KIND_DRAIN).setServersOmitted(true).setServerCount(2);
    calls.stream().onNext(snapshot(1, omitted.build()));
    var asked = take(seen);
    assertEquals(List.of("one", "two"), asked.getServersList().stream().map(AffectedServer::getServerId).toList());
    assertFalse(asked.getServersOmitted());
    ReplyRequest reply = take(calls.replies);
    assertTrue(reply.hasCounterOffer());
    assertEquals("later", reply.getComment());
  }

  @Test
  void eventsOfASessionComeInOrderAndAreAcknowledgedAfterwards() throws Exception {
    var release = new CountDownLatch(1);
    run(
        new Recording() {
          @Override
          public void onServerEvent(ServerEvent event) throws Exception {
            release.await();
            super.onServerEvent(event);
          }
        });
    var stream = calls.stream();
    stream.onNext(snapshot(1));
    assertEquals(1, take(calls.acknowledged));
    stream.onNext(event(2));
    stream.onNext(event(3, session(OwnerSessionChange.OWNER_SESSION_CHANGE_STARTED)));
    stream.onNext(event(4, OwnerEvent.getDefaultInstance()));
    // Another question is answered meanwhile, and does not move the position.
    stream.onNext(asked(5, pending("n", 1).build()));
    take(calls.replies);
    assertEquals(0, calls.acknowledged.size());
    release.countDown();
    assertEquals("server server-2", take(heard));
    assertEquals("session OWNER_SESSION_CHANGE_STARTED", take(heard));
    long last = take(calls.acknowledged);
    while (last < 5) {
      last = take(calls.acknowledged);
    }
    assertEquals(5, last);
  }

  @Test
  void anEventIsGivenUpAfterFiveCalls() throws Exception {
    run(
        new Recording() {
          @Override
          public void onServerEvent(ServerEvent event) throws Exception {
            throw new Exception("always");
          }
        });
    var stream = calls.stream();
    stream.onNext(snapshot(1));
    stream.onNext(event(2));
    assertEquals("error always", take(heard));
    Long last = take(calls.acknowledged);
    assertEquals(2L, last == 1 ? take(calls.acknowledged) : last);
    assertEquals(5, handled.stream().filter(line -> line.endsWith("FAILED")).count());
  }

  @Test
  void readingPausesWhenTooMuchIsNotHandled() throws Exception {
    var release = new CountDownLatch(1);
    var read = new AtomicInteger();
    var handler =
        new Recording() {
          @Override
          public void onServerEvent(ServerEvent event) throws Exception {
            release.await();
            super.onServerEvent(event);
          }
        };
    run(
        builder(handler)
            .listener(
                new OwnerListener() {
                  @Override
                  public void onItem(dev.fermata.client.watch.WatchItem<dev.fermata.v1.OwnerSnapshot, OwnerEvent> item) {
                    read.incrementAndGet();
                  }
                }));
    var stream = calls.stream();
    stream.onNext(snapshot(1));
    for (int i = 2; i <= 1_200; i++) {
      stream.onNext(event(i));
    }
    // The reading thread waits without a limit only for room.
    while (read.get() < 1_001 || thread.getState() != Thread.State.WAITING) {
      Thread.sleep(5);
    }
    assertEquals(1_001, read.get());
    release.countDown();
    for (int i = 2; i <= 1_200; i++) {
      assertEquals("server server-" + i, take(heard));
    }
  }

  @Test
  void stoppingWaitsForHandlersAndAcknowledges() throws Exception {
    var began = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    run(
        new Recording() {
          @Override
          public Answer onPlanned(Notification asked) throws Exception {
            began.countDown();
            release.await();
            return Answer.accept();
          }
        });
    calls.stream().onNext(snapshot(7, pending("n", 1).build()));
    began.await();
    owner.stop();
    release.countDown();
    owner.close();
    assertEquals(1, calls.replies.size());
    assertEquals(List.of(7L), List.copyOf(calls.acknowledged));
    assertEquals(null, failure.get());
  }

  @Test
  void aHandlerMayStopTheOwner() throws Exception {
    run(
        new Recording() {
          @Override
          public Answer onPlanned(Notification asked) {
            owner.close();
            return Answer.accept();
          }
        });
    calls.stream().onNext(snapshot(7, pending("n", 1).build()));
    thread.join(TimeUnit.SECONDS.toMillis(60));
    assertFalse(thread.isAlive());
    assertEquals(1, calls.replies.size());
  }

  @Test
  void whatCannotBeMendedEndsIt() throws Exception {
    calls.putRefusals.add(ScriptedServer.error(Status.Code.PERMISSION_DENIED, "PROJECT_FOREIGN"));
    var mine = builder(new Recording()).build();
    assertEquals("PROJECT_FOREIGN", assertThrows(FermataException.class, mine::run).name());
    assertThrows(IllegalStateException.class, mine::run);
  }

  @Test
  void aRestoredStoreBeginsToCountAnew() throws Exception {
    run(new Recording());
    var stream = calls.stream();
    stream.onNext(snapshot(90));
    assertEquals(90, take(calls.acknowledged));
    stream.onNext(snapshot(3));
    assertEquals(3, take(calls.acknowledged));
    assertNotEquals(null, owner);
  }
}
