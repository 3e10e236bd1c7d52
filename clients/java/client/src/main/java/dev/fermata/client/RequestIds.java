package dev.fermata.client;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import java.util.UUID;

/** Gives a request id to writes that have none, so that the transport may send them again. */
final class RequestIds implements ClientInterceptor {
  static final String FIELD = "request_id";

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void sendMessage(Q message) {
        super.sendMessage(withRequestId(message));
      }
    };
  }

  @SuppressWarnings("unchecked") // A message that is built from another one has its class.
  static <Q> Q withRequestId(Q message) {
    if (message instanceof Message request) {
      var field = request.getDescriptorForType().findFieldByName(FIELD);
      if (field != null && request.getField(field).equals("")) {
        return (Q) request.toBuilder().setField(field, UUID.randomUUID().toString()).build();
      }
    }
    return message;
  }
}
