package dev.fermata.client.watch;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One stream, read by a thread that waits. The server sends no more than what is read, and a little ahead. */
final class StreamCall<Q, R> {
  /** So many messages come before they are asked for. */
  private static final int AHEAD = 32;

  /** What a stream says. */
  sealed interface Signal<R> {}

  record Opened<R>() implements Signal<R> {}

  record Message<R>(R message) implements Signal<R> {}

  record Closed<R>(Status status, Metadata trailers) implements Signal<R> {}

  private final BlockingQueue<Signal<R>> signals = new LinkedBlockingQueue<>();
  private final ClientCall<Q, R> call;

  StreamCall(Channel channel, MethodDescriptor<Q, R> method, Q request) {
    call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new Listener(), new Metadata());
    call.request(AHEAD);
    call.sendMessage(request);
    call.halfClose();
  }

  /** The next signal; null if there is none for that long. Nothing comes after {@link Closed}. */
  Signal<R> next(Duration patience) throws InterruptedException {
    var signal = signals.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    if (signal instanceof Message) {
      call.request(1);
    }
    return signal;
  }

  /** Ends the stream; whoever waits for it gets {@link Closed}. */
  void cancel() {
    call.cancel("the watch ended", null);
  }

  private final class Listener extends ClientCall.Listener<R> {
    @Override
    public void onHeaders(Metadata headers) {
      signals.add(new Opened<>());
    }

    @Override
    public void onMessage(R message) {
      signals.add(new Message<>(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      signals.add(new Closed<>(status, trailers));
    }
  }
}
