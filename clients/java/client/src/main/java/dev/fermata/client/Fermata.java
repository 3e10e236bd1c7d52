package dev.fermata.client;

import dev.fermata.client.watch.Watch;
import dev.fermata.client.watch.WatchOptions;
import dev.fermata.v1.AuditServiceGrpc;
import dev.fermata.v1.HostEvent;
import dev.fermata.v1.HostServiceGrpc;
import dev.fermata.v1.HostsSnapshot;
import dev.fermata.v1.NotificationServiceGrpc;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.PolicyServiceGrpc;
import dev.fermata.v1.SessionEvent;
import dev.fermata.v1.ServerServiceGrpc;
import dev.fermata.v1.SessionServiceGrpc;
import dev.fermata.v1.SessionSnapshot;
import dev.fermata.v1.SubscribeRequest;
import dev.fermata.v1.WatchHostsRequest;
import dev.fermata.v1.WatchSessionRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;

/**
 * A connection to Fermata. Threads may share it.
 *
 * <p>It is made when it is first used, and made again after it broke: a client may start before its server. It notices within
 * 15 seconds that its peer is gone. Calls that are safe to repeat are sent again, up to five times, when the answer is UNAVAILABLE;
 * writes without a {@code request_id} get one. A unary call takes at most 60 seconds, unless it has a deadline of its own.
 *
 * <p>Stubs throw {@link StatusException}; {@link #call} makes a {@link FermataException} of it, with the reason and details.
 */
public final class Fermata implements AutoCloseable {
  /** The version of this SDK. */
  public static final String VERSION = "0.1.0";

  private final ManagedChannel transport;
  private final Channel channel;
  private final ConnectOptions options;

  Fermata(ManagedChannel transport, ConnectOptions options) {
    this.transport = transport;
    this.options = options;
    // The first one is the closest to the wire.
    channel =
        ClientInterceptors.intercept(
            transport,
            new TraceContext(),
            new Authentication(options.credentials()),
            new Reconnect(transport),
            new RequestIds());
  }

  /**
   * Connects as nobody in particular to the server that the variable {@code FERMATA_SERVER} names, else to
   * {@code http://127.0.0.1:7400}.
   *
   * @return the connection
   * @throws IllegalArgumentException if the variable holds no address
   */
  public static Fermata connect() {
    var named = System.getenv("FERMATA_SERVER");
    return connect(named == null || named.isEmpty() ? "http://127.0.0.1:7400" : named);
  }

  /**
   * Connects as nobody in particular.
   *
   * @param target the address of the server, for example {@code http://127.0.0.1:7400}
   * @return the connection
   * @throws IllegalArgumentException if {@code target} is not such an address
   */
  public static Fermata connect(String target) {
    return connect(target, ConnectOptions.defaults());
  }

  /**
   * Connects.
   *
   * @param target the address of the server: {@code http://host:port}, or {@code https://host:port} for TLS
   * @param options how to connect, and as whom
   * @return the connection
   * @throws IllegalArgumentException if {@code target} is not such an address, or a file has no certificate
   * @throws java.io.UncheckedIOException if a file of the options cannot be read
   */
  public static Fermata connect(String target, ConnectOptions options) {
    return new Fermata(Transport.channel(target, options), options);
  }

  /**
   * What stubs of any kind can be made over, with everything that this connection adds.
   *
   * @return the channel
   */
  public Channel channel() {
    return channel;
  }

  /**
   * How this connection was made.
   *
   * @return the options
   */
  public ConnectOptions options() {
    return options;
  }

  /**
   * Sessions, for operators.
   *
   * @return the stub
   */
  public SessionServiceGrpc.SessionServiceBlockingV2Stub sessions() {
    return SessionServiceGrpc.newBlockingV2Stub(channel);
  }

  /**
   * Hosts, for operators and monitors.
   *
   * @return the stub
   */
  public HostServiceGrpc.HostServiceBlockingV2Stub hosts() {
    return HostServiceGrpc.newBlockingV2Stub(channel);
  }

  /**
   * Notifications, replies and subscriptions, for owners.
   *
   * @return the stub
   */
  public NotificationServiceGrpc.NotificationServiceBlockingV2Stub notifications() {
    return NotificationServiceGrpc.newBlockingV2Stub(channel);
  }

  /**
   * Policies of servers and groups, for owners.
   *
   * @return the stub
   */
  public PolicyServiceGrpc.PolicyServiceBlockingV2Stub policies() {
    return PolicyServiceGrpc.newBlockingV2Stub(channel);
  }

  /**
   * The audit trail.
   *
   * @return the stub
   */
  public AuditServiceGrpc.AuditServiceBlockingV2Stub audit() {
    return AuditServiceGrpc.newBlockingV2Stub(channel);
  }

  /**
   * What the server is and works on, and as whom it knows the caller.
   *
   * @return the stub
   */
  public ServerServiceGrpc.ServerServiceBlockingV2Stub server() {
    return ServerServiceGrpc.newBlockingV2Stub(channel);
  }

  /**
   * Watches what concerns the owner of a project.
   *
   * @param request the project, and where to begin
   * @return the watch
   */
  public Watch<OwnerSnapshot, OwnerEvent> watch(SubscribeRequest request) {
    return Watch.open(this, request, WatchOptions.defaults());
  }

  /**
   * Watches a session.
   *
   * @param request the session, and where to begin
   * @return the watch
   */
  public Watch<SessionSnapshot, SessionEvent> watch(WatchSessionRequest request) {
    return Watch.open(this, request, WatchOptions.defaults());
  }

  /**
   * Watches all hosts.
   *
   * @param request where to begin
   * @return the watch
   */
  public Watch<HostsSnapshot, HostEvent> watch(WatchHostsRequest request) {
    return Watch.open(this, request, WatchOptions.defaults());
  }

  /**
   * Makes a call, and turns its error into a {@link FermataException}.
   *
   * <pre>{@code var session = Fermata.call(() -> fermata.sessions().getSession(request)).getSession();}</pre>
   *
   * @param <T> what the call answers
   * @param call the call
   * @return the answer
   * @throws FermataException the error of the call
   */
  public static <T> T call(Call<T> call) {
    try {
      return call.make();
    } catch (StatusException | StatusRuntimeException e) {
      throw FermataException.of(e);
    }
  }

  /**
   * A call over a stub.
   *
   * @param <T> what it answers
   */
  @FunctionalInterface
  public interface Call<T> {
    /**
     * Makes the call.
     *
     * @return the answer
     * @throws StatusException the error of the call
     */
    T make() throws StatusException;
  }

  /**
   * Whether {@link #close} was called.
   *
   * @return whether no call can be made any more
   */
  public boolean isClosed() {
    return transport.isShutdown();
  }

  /** Ends the connection. Calls and watches that are open end with it. */
  @Override
  public void close() {
    transport.shutdownNow();
  }
}
