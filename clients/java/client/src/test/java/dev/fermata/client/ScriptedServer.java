package dev.fermata.client;

import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real gRPC server that does what a test says. */
public final class ScriptedServer implements AutoCloseable {
  private final Server server;
  private final List<Metadata> headers = new CopyOnWriteArrayList<>();

  public ScriptedServer(BindableService... services) throws IOException {
    var builder = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()).intercept(new Recording());
    for (var service : services) {
      builder.addService(service);
    }
    server = builder.build().start();
  }

  public String target() {
    return "http://127.0.0.1:" + server.getPort();
  }

  public Fermata connect() {
    return Fermata.connect(target());
  }

  /** What came with each call. */
  public List<Metadata> headers() {
    return headers;
  }

  public List<String> header(String name) {
    return headers.stream().map(h -> h.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER))).toList();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /** An error as Fermata makes it. */
  public static StatusRuntimeException error(Status.Code code, String reason, Message... details) {
    var status = com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage("scripted");
    if (!reason.isEmpty()) {
      status.addDetails(Any.pack(ErrorInfo.newBuilder().setDomain("fermata.dev").setReason(reason).build()));
    }
    for (var detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private final class Recording implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata sent, ServerCallHandler<Q, R> next) {
      headers.add(sent);
      return next.startCall(call, sent);
    }
  }
}
