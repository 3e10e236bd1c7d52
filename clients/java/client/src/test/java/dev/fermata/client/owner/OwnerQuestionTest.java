package dev.fermata.client.owner;

import static dev.fermata.client.ScriptedStreams.asked;
import static dev.fermata.client.ScriptedStreams.event;
import static dev.fermata.client.ScriptedStreams.snapshot;
import static dev.fermata.client.owner.ScriptedOwnerServer.take;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.ScriptedServer;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.CounterOffer;
import dev.fermata.v1.CounterOfferState;
import dev.fermata.v1.CounterOfferStatus;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationKind;
import dev.fermata.v1.NotificationState;
import dev.fermata.v1.OwnerSessionChange;
import dev.fermata.v1.ReplyRequest;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerQuestionTest extends OwnerFixture {
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
    awaitAcknowledged(1);
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
    awaitAcknowledged(5);
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
    awaitAcknowledged(2);
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
    awaitAcknowledged(3);
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
}
