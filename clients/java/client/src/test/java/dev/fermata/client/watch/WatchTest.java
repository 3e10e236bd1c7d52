package dev.fermata.client.watch;

import static dev.fermata.client.ScriptedStreams.event;
import static dev.fermata.client.ScriptedStreams.goingAway;
import static dev.fermata.client.ScriptedStreams.heartbeat;
import static dev.fermata.client.ScriptedStreams.snapshot;
import static dev.fermata.client.ScriptedStreams.span;
import static dev.fermata.client.ScriptedStreams.token;
import static dev.fermata.client.ScriptedStreams.unknown;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.RetryInfo;
import dev.fermata.client.ConnectOptions;
import dev.fermata.client.Credentials;
import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.ScriptedServer;
import dev.fermata.v1.SubscribeRequest;
import dev.fermata.v1.SubscribeResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchTest extends WatchFixture {
  @Test
  void beginsWithASnapshotAndGoesOnAfterTheLastMessage() throws Exception {
    var watch = watch(thenEnd(snapshot(3), event(4), heartbeat(6, 15)), send(event(7)));
    state(watch.next());
    var event = assertInstanceOf(WatchItem.Event.class, watch.next());
    assertEquals(4, event.position().sequence());
    // Events do not carry it.
    assertEquals("store", event.position().storeId());
    cut(Interruption.CLOSED, watch.next());
    assertEquals(7, sequence(watch.next()));
    assertEquals(SNAPSHOT, start(0));
    assertEquals(after(6), start(1));
  }

  @Test
  void tellsOnceForEachStreamThatItIsOpen() throws Exception {
    var refused = thenFail(Status.Code.UNAVAILABLE, "STARTING");
    var watch = watch(refused, thenEnd(snapshot(3)), send(heartbeat(3, 15))).whole();
    cut(Interruption.FAILED, watch.next());
    assertInstanceOf(WatchItem.Connected.class, watch.next());
    state(watch.next());
    cut(Interruption.CLOSED, watch.next());
    // Nothing has happened.
    assertInstanceOf(WatchItem.Connected.class, watch.next());
  }

  @Test
  void beginsWhereTheCallerSaid() throws Exception {
    var request = SubscribeRequest.newBuilder().setStart(after(9)).build();
    var watch = watch(request, QUICK, send(event(10)));
    assertEquals(10, sequence(watch.next()));
    assertEquals(after(9), start(0));
  }

  @Test
  void anEventComesOnce() throws Exception {
    var watch = watch(send(snapshot(3), event(2), event(3), event(4), event(4), event(6), event(5), event(7)));
    state(watch.next());
    assertEquals(4, sequence(watch.next()));
    assertEquals(6, sequence(watch.next()));
    assertEquals(7, sequence(watch.next()));
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL", "UNAVAILABLE"})
  void whatMayPassIsTriedAgain(Status.Code code) throws Exception {
    var watch = watch(thenFail(code, "", snapshot(1)), send(event(2)));
    state(watch.next());
    var error = cut(Interruption.FAILED, watch.next()).error();
    assertEquals(code, error.orElseThrow().code());
    assertEquals(2, sequence(watch.next()));
    assertEquals(after(1), start(1));
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "FAILED_PRECONDITION",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "DATA_LOSS",
        "UNAUTHENTICATED"
      })
  void whatTryingAgainCannotMendEndsIt(Status.Code code) throws Exception {
    var watch = watch(thenFail(code, "", snapshot(1)));
    state(watch.next());
    assertEquals(code, assertThrows(FermataException.class, watch::hasNext).code());
    assertFalse(watch.hasNext());
    assertThrows(NoSuchElementException.class, watch::next);
    assertEquals(1, streams.requests().size());
  }

  @Test
  void waitsAtLeastAsLongAsTheServerWants() throws Exception {
    var info = RetryInfo.newBuilder().setRetryDelay(span(0.4)).build();
    var watch =
        watch(stream -> stream.onError(ScriptedServer.error(Status.Code.UNAVAILABLE, "STARTING", info)), send(snapshot(1)));
    long began = System.nanoTime();
    assertEquals(Duration.ofMillis(400), cut(Interruption.FAILED, watch.next()).retryIn());
    state(watch.next());
    assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(400));
  }

  @Test
  void waitsDoubleAndBeginAnewAfterAMessage() throws Exception {
    var fails = thenFail(Status.Code.UNAVAILABLE, "");
    var watch = watch(fails, fails, fails, fails, thenFail(Status.Code.UNAVAILABLE, "", heartbeat(0, 15)));
    for (int most : new int[] {10, 20, 40, 50, 10}) {
      var wait = cut(Interruption.FAILED, watch.next()).retryIn().toNanos();
      assertTrue(wait <= most * 1_000_000L && wait >= most * 500_000L, wait + " ns of " + most + " ms");
    }
  }

  @Test
  void threeHeartbeatsThatDoNotComeCutIt() throws Exception {
    var request = SubscribeRequest.newBuilder().setHeartbeatInterval(span(3600)).build();
    var watch = watch(request, QUICK, send(snapshot(1), heartbeat(1, 0.1)), send(event(2)));
    state(watch.next());
    assertTrue(cut(Interruption.SILENT, watch.next()).error().isEmpty());
    assertEquals(2, sequence(loud(watch)));
  }

  @Test
  void theIntervalThatWasAskedForCountsBeforeTheFirstHeartbeat() throws Exception {
    var request = SubscribeRequest.newBuilder().setHeartbeatInterval(span(0.1)).build();
    var watch = watch(request, QUICK, send(snapshot(1)), send(event(2)));
    state(loud(watch));
    cut(Interruption.SILENT, watch.next());
    assertEquals(2, sequence(loud(watch)));
  }

  @Test
  void openingMayNotTakeForever() throws Exception {
    var options = new WatchOptions(QUICK.firstWait(), QUICK.longestWait(), Duration.ofMillis(300), 1 << 20);
    var watch = watch(SubscribeRequest.getDefaultInstance(), options, send(), send(snapshot(1)));
    cut(Interruption.SILENT, watch.next());
    state(loud(watch));
  }

  @Test
  void goingAwayIsHonouredWithItsDelay() throws Exception {
    var watch = watch(send(snapshot(1), goingAway(1, 0.3)), send(event(2)));
    state(watch.next());
    assertEquals(Duration.ofMillis(300), cut(Interruption.GOING_AWAY, watch.next()).retryIn());
    assertEquals(2, sequence(watch.next()));
    assertEquals(after(1), start(1));
  }

  @Test
  void aMessageOfAnUnknownKindIsLeftOutAndItsTokenCounts() throws Exception {
    var watch = watch(thenEnd(snapshot(1), unknown(8)), send(event(9)));
    state(watch.next());
    cut(Interruption.CLOSED, watch.next());
    assertEquals(9, sequence(watch.next()));
    assertEquals(after(8), start(1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anExpiredCredentialIsTriedAgainOnlyIfAnotherMayCome(boolean renewable) throws Exception {
    var credentials =
        new Credentials() {
          @Override
          public String token() {
            return "t";
          }

          @Override
          public boolean renewable() {
            return renewable;
          }
        };
    var connect = ConnectOptions.defaults().withCredentials(credentials);
    var expires = thenFail(Status.Code.UNAUTHENTICATED, "CREDENTIALS_EXPIRED", snapshot(1));
    var watch = watch(SubscribeRequest.getDefaultInstance(), QUICK, connect, expires, send(event(2)));
    state(watch.next());
    if (renewable) {
      cut(Interruption.FAILED, watch.next());
      assertEquals(2, sequence(watch.next()));
    } else {
      assertEquals("CREDENTIALS_EXPIRED", assertThrows(FermataException.class, watch::next).name());
    }
  }

  @Test
  void whoeverLeavesLeavesNothingBehind() throws Exception {
    var cancelled = new CompletableFuture<Void>();
    var watch =
        watch(
            stream -> {
              ((io.grpc.stub.ServerCallStreamObserver<SubscribeResponse>) stream)
                  .setOnCancelHandler(() -> cancelled.complete(null));
              stream.onNext(snapshot(1));
            });
    state(watch.next());
    var waiting = CompletableFuture.supplyAsync(watch::hasNext);
    watch.close();
    assertFalse(waiting.get(60, TimeUnit.SECONDS));
    cancelled.get(60, TimeUnit.SECONDS);
  }

  @Test
  void closingEndsAWait() throws Exception {
    var options = new WatchOptions(Duration.ofHours(1), Duration.ofHours(1), QUICK.openTimeout(), 1 << 20);
    var watch = watch(SubscribeRequest.getDefaultInstance(), options, thenEnd());
    cut(Interruption.CLOSED, watch.next());
    var waiting = CompletableFuture.supplyAsync(watch::hasNext);
    watch.close();
    assertFalse(waiting.get(60, TimeUnit.SECONDS));
  }

  @Test
  void anInterruptEndsItAndStays() throws Exception {
    var watch = watch(send(snapshot(1)));
    state(watch.next());
    Thread.currentThread().interrupt();
    assertFalse(watch.hasNext());
    assertTrue(Thread.interrupted());
  }

  @Test
  void aServerThatIsAwayIsWaitedFor() throws Exception {
    var watch = watch(send(snapshot(1)));
    open.get(0).close();
    cut(Interruption.FAILED, watch.next());
    ((Fermata) open.get(1)).close();
    assertFalse(watch.hasNext());
  }
}
