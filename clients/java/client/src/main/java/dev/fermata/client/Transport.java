package dev.fermata.client;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.fermata.v1.AuditServiceOuterClass;
import dev.fermata.v1.HostServiceOuterClass;
import dev.fermata.v1.NotificationServiceOuterClass;
import dev.fermata.v1.PolicyServiceOuterClass;
import dev.fermata.v1.SessionServiceOuterClass;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The channel of gRPC: address, TLS, keepalive, limits, and which calls are sent again. */
final class Transport {
  private static final int MOST_BYTES = 16 << 20;

  private Transport() {}

  static ManagedChannel channel(String target, ConnectOptions options) {
    var address = address(target);
    boolean tls = address.getScheme().equals("https");
    int port = address.getPort() >= 0 ? address.getPort() : tls ? 443 : 80;
    var credentials = tls ? tls(options) : InsecureChannelCredentials.create();
    return Grpc.newChannelBuilder("dns:///" + address.getHost() + ":" + port, credentials)
        .userAgent("fermata-java/" + Fermata.VERSION)
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(5, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .maxInboundMessageSize(MOST_BYTES)
        .disableServiceConfigLookUp()
        .defaultServiceConfig(serviceConfig())
        .enableRetry()
        .build();
  }

  private static URI address(String target) {
    try {
      var address = new URI(target);
      var scheme = address.getScheme();
      if (address.getHost() != null && ("http".equals(scheme) || "https".equals(scheme))) {
        return address;
      }
    } catch (URISyntaxException notOne) {
      // The same as one of another kind.
    }
    throw new IllegalArgumentException("\"" + target + "\" is not the address of a server; write it as http://host:port");
  }

  private static ChannelCredentials tls(ConnectOptions options) {
    try {
      var builder = TlsChannelCredentials.newBuilder();
      if (options.tlsCa().isPresent()) {
        builder.trustManager(options.tlsCa().get().toFile());
      }
      if (options.tlsCertificate().isPresent() && options.tlsKey().isPresent()) {
        builder.keyManager(options.tlsCertificate().get().toFile(), options.tlsKey().get().toFile());
      }
      return builder.build();
    } catch (IOException e) {
      throw new UncheckedIOException("a certificate or key cannot be read", e);
    }
  }

  /** Unary calls have a time limit; those that are safe to repeat are repeated. Streams are the business of the watch. */
  static Map<String, Object> serviceConfig() {
    Map<String, Object> retry =
        Map.of(
            "maxAttempts", 5.0,
            "initialBackoff", "0.25s",
            "maxBackoff", "5s",
            "backoffMultiplier", 2.0,
            "retryableStatusCodes", List.of("UNAVAILABLE"));
    return Map.of(
        "methodConfig",
        List.of(
            Map.of("name", names(true), "timeout", "60s", "retryPolicy", retry),
            Map.of("name", names(false), "timeout", "60s")));
  }

  private static List<Map<String, String>> names(boolean repeatable) {
    return services()
        .flatMap(service -> service.getMethods().stream())
        .filter(method -> !method.isServerStreaming() && isRepeatable(method) == repeatable)
        .map(method -> Map.of("service", method.getService().getFullName(), "method", method.getName()))
        .toList();
  }

  /** Calls that read, and those whose repetition the server recognises. */
  static boolean isRepeatable(MethodDescriptor method) {
    return method.getName().startsWith("Get")
        || method.getName().startsWith("List")
        || method.getInputType().findFieldByName(RequestIds.FIELD) != null;
  }

  static Stream<ServiceDescriptor> services() {
    return Stream.of(
            SessionServiceOuterClass.getDescriptor(),
            HostServiceOuterClass.getDescriptor(),
            NotificationServiceOuterClass.getDescriptor(),
            PolicyServiceOuterClass.getDescriptor(),
            AuditServiceOuterClass.getDescriptor())
        .flatMap(file -> file.getServices().stream());
  }
}
