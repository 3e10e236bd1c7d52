package dev.fermata.client.watch;

import com.google.protobuf.Message;
import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Backoff;
import dev.fermata.client.internal.Times;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The states of a watch, and how one leads to the next.
 *
 * <pre>
 *            ┌──────────── wait is over ───────────┐
 *            ▼                                     │
 * ───▶ opening ── opened ──▶ reading ── cut ──▶ waiting
 *            │ └──────── failed ──────────────────▶│
 *            └─ cannot be mended ─▶ over ◀─────────┘ (from reading too)
 * </pre>
 */
final class Reader<Q, R, S extends Message, E> {
  private final Fermata fermata;
  private final StreamKind<Q, R, S, E> kind;
  private final Q request;
  private final WatchOptions options;
  private final Cursor cursor;
  private final Backoff backoff;
  private final Gathering<S> gathering;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** The open stream; null: none. Written by the reading thread, cancelled by others. */
  private volatile StreamCall<Q, R> stream;
  /** Before the next stream is opened. */
  private Duration wait = Duration.ZERO;

  Reader(Fermata fermata, StreamKind<Q, R, S, E> kind, Q request, WatchOptions options) {
    this.fermata = fermata;
    this.kind = kind;
    this.request = request;
    this.options = options;
    cursor = new Cursor(kind.start().apply(request), kind.heartbeat().apply(request));
    backoff = new Backoff(options.firstWait(), options.longestWait());
    gathering = new Gathering<>(kind, options.maxSnapshotBytes());
  }

  /** The next item; null if the watch has ended. */
  WatchItem<S, E> next() {
    try {
      while (!isOver()) {
        var item = stream == null ? open() : read();
        if (item != null && !isOver()) {
          return item;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (FermataException e) {
      close();
      throw e;
    }
    close();
    return null;
  }

  void close() {
    closed.countDown();
    var open = stream;
    if (open != null) {
      open.cancel();
    }
  }

  private boolean isOver() {
    return closed.getCount() == 0 || fermata.isClosed();
  }

  private WatchItem<S, E> open() throws InterruptedException {
    if (closed.await(wait.toNanos(), TimeUnit.NANOSECONDS) || isOver()) {
      return null;
    }
    // What there is of a snapshot that was cut is of no use to the next stream.
    gathering.clear();
    var opening = new StreamCall<>(fermata.channel(), kind.method(), kind.withStart().apply(request, cursor.start()));
    stream = opening;
    if (closed.getCount() == 0) {
      // It was closed before it could see this stream.
      opening.cancel();
    }
    return take(opening.next(options.openTimeout()));
  }

  private WatchItem<S, E> read() throws InterruptedException {
    return take(stream.next(cursor.patience()));
  }

  private WatchItem<S, E> take(StreamCall.Signal<R> signal) {
    if (signal == null) {
      return cut(Interruption.SILENT, Optional.empty(), Duration.ZERO);
    }
    if (signal instanceof StreamCall.Message<R> message) {
      return message(kind.read().apply(message.message()));
    }
    if (signal instanceof StreamCall.Closed<R> end) {
      return end.status().isOk()
          ? cut(Interruption.CLOSED, Optional.empty(), Duration.ZERO)
          : failed(FermataException.of(end.status().asRuntimeException(end.trailers())));
    }
    return new WatchItem.Connected<>();
  }

  private WatchItem<S, E> message(Received<S, E> received) {
    backoff.reset();
    var whole = received;
    if (received.snapshot() != null) {
      switch (gathering.add(received.snapshot())) {
        case BEGUN:
          return null;
        case TORN:
          return failed(FermataException.of(Status.UNKNOWN.withDescription("a part of the snapshot is missing")));
        case TOO_LARGE:
          var text = "the snapshot is larger than " + options.maxSnapshotBytes() + " bytes";
          throw FermataException.of(Status.RESOURCE_EXHAUSTED.withDescription(text));
        case WHOLE:
          whole = new Received<>(received.position(), gathering.take(), null, null, null);
      }
    }
    var item = cursor.take(whole);
    if (received.goingAway() == null) {
      return item;
    }
    if (!received.goingAway().hasReconnectAfter()) {
      return cut(Interruption.GOING_AWAY, Optional.empty(), Duration.ZERO);
    }
    // The server spreads its clients itself; chance would only undo that.
    return leave(
        Interruption.GOING_AWAY, Optional.empty(), Times.duration(received.goingAway().getReconnectAfter()));
  }

  private WatchItem<S, E> failed(FermataException error) {
    if (isOver()) {
      return null;
    }
    boolean renewable = fermata.options().credentials().renewable();
    switch (Verdict.of(error, cursor.hasOwnToken(), renewable)) {
      case GIVE_UP:
        throw error;
      case BEGIN_AGAIN:
        cursor.beginAgain();
        return cut(Interruption.MISSED, Optional.of(error), error.retryAfter().orElse(Duration.ZERO));
      default:
        return cut(Interruption.FAILED, Optional.of(error), error.retryAfter().orElse(Duration.ZERO));
    }
  }

  private WatchItem<S, E> cut(Interruption cause, Optional<FermataException> error, Duration atLeast) {
    return leave(cause, error, backoff.next(atLeast));
  }

  private WatchItem<S, E> leave(Interruption cause, Optional<FermataException> error, Duration retryIn) {
    stream.cancel();
    stream = null;
    wait = retryIn;
    return new WatchItem.Interrupted<>(cause, error, retryIn);
  }
}
