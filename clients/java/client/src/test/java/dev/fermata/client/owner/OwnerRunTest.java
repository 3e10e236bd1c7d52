package dev.fermata.client.owner;

import static dev.fermata.client.ScriptedStreams.asked;
import static dev.fermata.client.ScriptedStreams.event;
import static dev.fermata.client.ScriptedStreams.snapshot;
import static dev.fermata.client.owner.ScriptedOwnerServer.take;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fermata.client.FermataException;
import dev.fermata.client.ScriptedServer;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSessionChange;
import dev.fermata.v1.ServerEvent;
import dev.fermata.v1.StreamPoint;
import dev.fermata.v1.Warning;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

class OwnerRunTest extends OwnerFixture {
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
  void tellsWhatMayBeWrongWithItsSubscription() throws Exception {
    calls.warnings.add(Warning.newBuilder().setField("subscription.project_id").setMessage("nobody is there").build());
    run(new Recording());
    assertEquals("warning subscription.project_id: nobody is there", take(heard));
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
    awaitAcknowledged(1);
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
    awaitAcknowledged(5);
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
    awaitAcknowledged(2);
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
                    if (!(item instanceof dev.fermata.client.watch.WatchItem.Connected)) {
                      read.incrementAndGet();
                    }
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
    awaitAcknowledged(90);
    stream.onNext(snapshot(3));
    awaitAcknowledged(3);
    assertNotEquals(null, owner);
  }

  /** By reflection, for this is compiled for Java 17. */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void handlersMayRunOnVirtualThreads() throws Exception {
    var made = Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    var isVirtual = Thread.class.getMethod("isVirtual");
    var seen = new LinkedBlockingQueue<Object>();
    var handler =
        new Recording() {
          @Override
          public Answer onPlanned(Notification asked) throws Exception {
            seen.add(isVirtual.invoke(Thread.currentThread()));
            return Answer.accept();
          }
        };
    run(builder(handler).executor((Executor) made));
    calls.stream().onNext(snapshot(1, pending("n", 1).build()));
    assertEquals(true, take(seen));
    take(calls.replies);
    awaitAcknowledged(1);
  }
}
