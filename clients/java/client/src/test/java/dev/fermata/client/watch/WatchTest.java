package dev.fermata.client.watch;

import static dev.fermata.client.ScriptedStreams.event;
import static dev.fermata.client.ScriptedStreams.goingAway;
import static dev.fermata.client.ScriptedStreams.heartbeat;
import static dev.fermata.client.ScriptedStreams.part;
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
import dev.fermata.client.ScriptedStreams;
import dev.fermata.client.ScriptedStreams.Script;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.StreamPoint;
import dev.fermata.v1.StreamStart;
import dev.fermata.v1.SubscribeRequest;
import dev.fermata.v1.SubscribeResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WatchTest {
  private static final WatchOptions QUICK =
      new WatchOptions(Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofSeconds(10), 64 << 20);
  private static final StreamStart SNAPSHOT =
      StreamStart.newBuilder().setPoint(StreamPoint.STREAM_POINT_SNAPSHOT).build();

  private final List<AutoCloseable> open = new ArrayList<>();
  private ScriptedStreams streams;

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private Watch<OwnerSnapshot, OwnerEvent> watch(Script... scripts) throws Exception {
    return watch(SubscribeRequest.getDefaultInstance(), QUICK, scripts);
  }

  private Watch<OwnerSnapshot, OwnerEvent> watch(SubscribeRequest request, WatchOptions options, Script... scripts)
      throws Exception {
    return watch(request, options, ConnectOptions.defaults(), scripts);
  }

  private Watch<OwnerSnapshot, OwnerEvent> watch(
      SubscribeRequest request, WatchOptions options, ConnectOptions connect, Script... scripts) throws Exception {
    streams = new ScriptedStreams(scripts);
    var server = new ScriptedServer(streams);
    open.add(server);
    var fermata = Fermata.connect(server.target(), connect);
    open.add(fermata);
    var watch = Watch.open(fermata, request, options);
    open.add(watch);
    return watch;
  }

  private static Script send(SubscribeResponse... messages) {
    return stream -> List.of(messages).forEach(stream::onNext);
  }

  private static Script thenEnd(SubscribeResponse... messages) {
    return stream -> {
      send(messages).accept(stream);
      stream.onCompleted();
    };
  }

  private static Script thenFail(Status.Code code, String reason, SubscribeResponse... messages) {
    return stream -> {
      send(messages).accept(stream);
      stream.onError(ScriptedServer.error(code, reason));
    };
  }

  private static long sequence(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    return assertInstanceOf(WatchItem.Event.class, item).position().sequence();
  }

  private static OwnerSnapshot state(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    return (OwnerSnapshot) assertInstanceOf(WatchItem.Snapshot.class, item).snapshot();
  }

  private static WatchItem.Interrupted<?, ?> cut(Interruption cause, WatchItem<OwnerSnapshot, OwnerEvent> item) {
    var interrupted = assertInstanceOf(WatchItem.Interrupted.class, item);
    assertEquals(cause, interrupted.cause(), interrupted.toString());
    return interrupted;
  }

  /** The next item that says something: on a slow machine a stream may be silent for longer than a test allows. */
  private static WatchItem<OwnerSnapshot, OwnerEvent> loud(Watch<OwnerSnapshot, OwnerEvent> watch) {
    var item = watch.next();
    while (item instanceof WatchItem.Interrupted<OwnerSnapshot, OwnerEvent> cut && cut.cause() == Interruption.SILENT) {
      item = watch.next();
    }
    return item;
  }

  private StreamStart start(int stream) {
    return streams.requests().get(stream).getStart();
  }

  private static StreamStart after(long sequence) {
    return StreamStart.newBuilder().setResumeToken(token(sequence)).build();
  }

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

  @Test
  void aSnapshotSetsTheSequenceHigherOrLower() throws Exception {
    var watch = watch(send(snapshot(90), event(91), snapshot(2), event(3)));
    state(watch.next());
    assertEquals(91, sequence(watch.next()));
    state(watch.next());
    assertEquals(3, sequence(watch.next()));
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
  void anExpiredTokenMeansASnapshotWhoeverGaveIt() throws Exception {
    var request = SubscribeRequest.newBuilder().setStart(after(9)).build();
    var watch = watch(request, QUICK, thenFail(Status.Code.OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED"), send(snapshot(20)));
    assertEquals("RESUME_TOKEN_EXPIRED", cut(Interruption.MISSED, watch.next()).error().orElseThrow().name());
    state(watch.next());
    assertEquals(SNAPSHOT, start(1));
  }

  @Test
  void anInvalidTokenOfItsOwnMeansASnapshot() throws Exception {
    var watch =
        watch(
            thenEnd(snapshot(90)),
            thenFail(Status.Code.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID"),
            send(snapshot(2), event(3)));
    state(watch.next());
    cut(Interruption.CLOSED, watch.next());
    cut(Interruption.MISSED, watch.next());
    state(watch.next());
    assertEquals(3, sequence(watch.next()));
  }

  @Test
  void anInvalidTokenOfTheCallersEndsIt() throws Exception {
    var request = SubscribeRequest.newBuilder().setStart(after(9)).build();
    var watch = watch(request, QUICK, thenFail(Status.Code.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID"));
    assertEquals("RESUME_TOKEN_INVALID", assertThrows(FermataException.class, watch::next).name());
  }

  @Test
  void aSnapshotInPartsComesWhole() throws Exception {
    var watch = watch(send(part(5, 1, false, "a"), part(5, 2, false, "b"), part(5, 3, true, "c"), event(6)));
    assertEquals(
        List.of("a", "b", "c"), state(watch.next()).getNotificationsList().stream().map(Notification::getId).toList());
    assertEquals(6, sequence(watch.next()));
  }

  @Test
  void theNextStreamBeginsWhereOneBeganThatWasCutBetweenParts() throws Exception {
    var watch = watch(thenEnd(part(5, 1, false, "a")), send(part(7, 1, false, "b"), part(7, 2, true, "c")));
    cut(Interruption.CLOSED, watch.next());
    assertEquals(2, state(watch.next()).getNotificationsCount());
    assertEquals(SNAPSHOT, start(1));
  }

  @Test
  void partsOutOfOrderAreAskedForAgain() throws Exception {
    var watch = watch(send(part(5, 1, false, "a"), part(5, 3, true, "c")), send(snapshot(5)));
    cut(Interruption.FAILED, watch.next());
    state(watch.next());
    assertEquals(SNAPSHOT, start(1));
  }

  @Test
  void aSnapshotThatIsTooLargeEndsIt() throws Exception {
    var first = part(5, 1, false, "a");
    var options =
        new WatchOptions(
            QUICK.firstWait(), QUICK.longestWait(), QUICK.openTimeout(), first.getSnapshot().getSerializedSize() * 2 - 1);
    var watch = watch(SubscribeRequest.getDefaultInstance(), options, send(first, part(5, 2, true, "b")));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, assertThrows(FermataException.class, watch::next).code());
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
