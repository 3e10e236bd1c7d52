package dev.fermata.client;

import dev.fermata.v1.ErrorReason;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/** Sends the token along, and has it renewed when the server says that it has expired. */
final class Authentication implements ClientInterceptor {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  /** The token that a call was sent with. */
  private static final CallOptions.Key<AtomicReference<String>> SENT = CallOptions.Key.create("fermata-token");

  private final Credentials credentials;

  Authentication(Credentials credentials) {
    this.credentials = credentials;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    var sent = new AtomicReference<String>();
    var authenticated = options.withOption(SENT, sent).withCallCredentials(new Bearer());
    return new RenewingCall<>(
        () -> next.newCall(method, authenticated),
        // A stream that ends is opened again by the watch.
        method.getType() == MethodDescriptor.MethodType.UNARY && credentials.renewable(),
        (status, trailers) -> hasExpired(status, trailers, sent.get()));
  }

  /** Whether the token has expired; then the next call takes another one. */
  private boolean hasExpired(Status status, Metadata trailers, String token) {
    if (status.getCode() != Status.Code.UNAUTHENTICATED || token == null) {
      return false;
    }
    var error = FermataException.of(status.asRuntimeException(trailers));
    if (!error.is(ErrorReason.ERROR_REASON_CREDENTIALS_EXPIRED)) {
      return false;
    }
    credentials.expired(token);
    return true;
  }

  private final class Bearer extends CallCredentials {
    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
      executor.execute(() -> apply(call.getCallOptions().getOption(SENT), applier));
    }

    private void apply(AtomicReference<String> sent, MetadataApplier applier) {
      var headers = new Metadata();
      try {
        var token = credentials.token();
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
          throw new CredentialsRefusedException("the token has characters that no token has", null);
        }
        if (!token.isEmpty()) {
          sent.set(token);
          headers.put(HEADER, "Bearer " + token);
        }
      } catch (CredentialsRefusedException e) {
        applier.fail(Status.UNAUTHENTICATED.withDescription(e.getMessage()).withCause(e));
        return;
      } catch (IOException e) {
        applier.fail(Status.UNAVAILABLE.withDescription("there is no token: " + e.getMessage()).withCause(e));
        return;
      } catch (RuntimeException e) {
        applier.fail(Status.UNAUTHENTICATED.withDescription("the credentials failed").withCause(e));
        return;
      }
      applier.apply(headers);
    }
  }
}
