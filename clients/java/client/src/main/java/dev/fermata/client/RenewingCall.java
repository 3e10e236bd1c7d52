package dev.fermata.client;

import io.grpc.Attributes;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/**
 * A call that is made once more, with the next token, when its token has expired. The server refuses a call before it does
 * anything, so this is safe for every unary call.
 */
final class RenewingCall<Q, R> extends ClientCall<Q, R> {
  private final Supplier<ClientCall<Q, R>> calls;
  private final BiPredicate<Status, Metadata> hasExpired;

  private boolean mayRenew;
  private ClientCall<Q, R> current;
  private Metadata headers;
  private int requested;
  private Q message;
  private boolean closedHalf;
  private boolean cancelled;

  RenewingCall(Supplier<ClientCall<Q, R>> calls, boolean mayRenew, BiPredicate<Status, Metadata> hasExpired) {
    this.calls = calls;
    this.mayRenew = mayRenew;
    this.hasExpired = hasExpired;
    current = calls.get();
  }

  @Override
  public synchronized void start(Listener<R> listener, Metadata headers) {
    if (mayRenew) {
      this.headers = new Metadata();
      this.headers.merge(headers);
    }
    current.start(new Renewing(listener), headers);
  }

  @Override
  public synchronized void request(int count) {
    requested += count;
    current.request(count);
  }

  @Override
  public synchronized void sendMessage(Q message) {
    if (mayRenew) {
      this.message = message;
    }
    current.sendMessage(message);
  }

  @Override
  public synchronized void halfClose() {
    closedHalf = true;
    current.halfClose();
  }

  @Override
  public synchronized void cancel(String text, Throwable cause) {
    cancelled = true;
    current.cancel(text, cause);
  }

  @Override
  public synchronized boolean isReady() {
    return current.isReady();
  }

  @Override
  public synchronized Attributes getAttributes() {
    return current.getAttributes();
  }

  private synchronized boolean renew(Listener<R> listener) {
    if (!mayRenew || cancelled || message == null || !closedHalf) {
      return false;
    }
    mayRenew = false;
    current = calls.get();
    current.start(new Renewing(listener), headers);
    current.request(requested);
    current.sendMessage(message);
    current.halfClose();
    message = null;
    return true;
  }

  private final class Renewing extends SimpleForwardingClientCallListener<R> {
    private final Listener<R> listener;

    Renewing(Listener<R> listener) {
      super(listener);
      this.listener = listener;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      // Both ask for the token to be renewed; the first also calls again.
      if (hasExpired.test(status, trailers) && renew(listener)) {
        return;
      }
      super.onClose(status, trailers);
    }
  }
}
