package dev.fermata.client.watch;

import static dev.fermata.client.ScriptedStreams.snapshot;
import static dev.fermata.client.ScriptedStreams.token;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.fermata.client.ConnectOptions;
import dev.fermata.client.Fermata;
import dev.fermata.client.ScriptedServer;
import dev.fermata.client.ScriptedStreams.Script;
import dev.fermata.client.ScriptedStreams;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A watch of a scripted server. */
@Timeout(60)
abstract class WatchFixture {
  static final WatchOptions QUICK =
      new WatchOptions(Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofSeconds(10), 64 << 20);
  static final StreamStart SNAPSHOT =
      StreamStart.newBuilder().setPoint(StreamPoint.STREAM_POINT_SNAPSHOT).build();

  final List<AutoCloseable> open = new ArrayList<>();
  ScriptedStreams streams;

  /** A watch without what it says of each stream that is opened. */
  record Heard(Watch<OwnerSnapshot, OwnerEvent> whole, List<WatchItem<OwnerSnapshot, OwnerEvent>> ahead) {
    Heard(Watch<OwnerSnapshot, OwnerEvent> whole) {
      this(whole, new ArrayList<>());
    }

    boolean hasNext() {
      while (ahead.isEmpty() && whole.hasNext()) {
        var item = whole.next();
        if (!(item instanceof WatchItem.Connected)) {
          ahead.add(item);
        }
      }
      return !ahead.isEmpty();
    }

    WatchItem<OwnerSnapshot, OwnerEvent> next() {
      return hasNext() ? ahead.remove(0) : whole.next();
    }

    void close() {
      whole.close();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  Heard watch(Script... scripts) throws Exception {
    return watch(SubscribeRequest.getDefaultInstance(), QUICK, scripts);
  }

  Heard watch(SubscribeRequest request, WatchOptions options, Script... scripts)
      throws Exception {
    return watch(request, options, ConnectOptions.defaults(), scripts);
  }

  Heard watch(
      SubscribeRequest request, WatchOptions options, ConnectOptions connect, Script... scripts) throws Exception {
    streams = new ScriptedStreams(scripts);
    var server = new ScriptedServer(streams);
    open.add(server);
    var fermata = Fermata.connect(server.target(), connect);
    open.add(fermata);
    var watch = Watch.open(fermata, request, options);
    open.add(watch);
    return new Heard(watch);
  }

  static Script send(SubscribeResponse... messages) {
    return stream -> List.of(messages).forEach(stream::onNext);
  }

  static Script thenEnd(SubscribeResponse... messages) {
    return stream -> {
      send(messages).accept(stream);
      stream.onCompleted();
    };
  }

  static Script thenFail(Status.Code code, String reason, SubscribeResponse... messages) {
    return stream -> {
      send(messages).accept(stream);
      stream.onError(ScriptedServer.error(code, reason));
    };
  }

  static long sequence(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    return assertInstanceOf(WatchItem.Event.class, item).position().sequence();
  }

  static OwnerSnapshot state(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    return (OwnerSnapshot) assertInstanceOf(WatchItem.Snapshot.class, item).snapshot();
  }

  static WatchItem.Interrupted<?, ?> cut(Interruption cause, WatchItem<OwnerSnapshot, OwnerEvent> item) {
    var interrupted = assertInstanceOf(WatchItem.Interrupted.class, item);
    assertEquals(cause, interrupted.cause(), interrupted.toString());
    return interrupted;
  }

  /** The next item that says something: on a slow machine a stream may be silent for longer than a test allows. */
  static WatchItem<OwnerSnapshot, OwnerEvent> loud(Heard watch) {
    var item = watch.next();
    while (item instanceof WatchItem.Interrupted<OwnerSnapshot, OwnerEvent> cut && cut.cause() == Interruption.SILENT) {
      item = watch.next();
    }
    return item;
  }

  StreamStart start(int stream) {
    return streams.requests().get(stream).getStart();
  }

  static StreamStart after(long sequence) {
    return StreamStart.newBuilder().setResumeToken(token(sequence)).build();
  }
}
