package dev.fermata.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.v1.CreateSessionRequest;
import dev.fermata.v1.CreateSessionResponse;
import dev.fermata.v1.ListHostsRequest;
import dev.fermata.v1.ListHostsResponse;
import dev.fermata.v1.HostServiceGrpc;
import dev.fermata.v1.SessionServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTest {
  /** Fails so often with UNAVAILABLE, and then answers. */
  private static final class Sessions extends SessionServiceGrpc.SessionServiceImplBase {
    private final List<String> requestIds = new CopyOnWriteArrayList<>();
    private final int failures;
    private final Status.Code code;

    Sessions(int failures, Status.Code code) {
      this.failures = failures;
      this.code = code;
    }

    @Override
    public void createSession(CreateSessionRequest request, StreamObserver<CreateSessionResponse> answer) {
      requestIds.add(request.getRequestId());
      if (requestIds.size() <= failures) {
        answer.onError(ScriptedServer.error(code, ""));
      } else {
        answer.onNext(CreateSessionResponse.getDefaultInstance());
        answer.onCompleted();
      }
    }
  }

  @Test
  void aWriteGetsARequestIdAndIsSentAgain() throws Exception {
    var sessions = new Sessions(2, Status.Code.UNAVAILABLE);
    try (var server = new ScriptedServer(sessions);
        var fermata = server.connect()) {
      Fermata.call(() -> fermata.sessions().createSession(CreateSessionRequest.getDefaultInstance()));
      assertEquals(3, sessions.requestIds.size());
      assertFalse(sessions.requestIds.get(0).isEmpty());
      assertEquals(1, sessions.requestIds.stream().distinct().count());
      Fermata.call(() -> fermata.sessions().createSession(CreateSessionRequest.getDefaultInstance()));
      assertNotEquals(sessions.requestIds.get(0), sessions.requestIds.get(3));
    }
  }

  @Test
  void theCallersRequestIdStays() throws Exception {
    var sessions = new Sessions(0, Status.Code.OK);
    try (var server = new ScriptedServer(sessions);
        var fermata = server.connect()) {
      var request = CreateSessionRequest.newBuilder().setRequestId("mine").build();
      Fermata.call(() -> fermata.sessions().createSession(request));
      assertEquals(List.of("mine"), sessions.requestIds);
    }
  }

  @Test
  void otherErrorsAreNotTriedAgain() throws Exception {
    var sessions = new Sessions(1, Status.Code.INTERNAL);
    try (var server = new ScriptedServer(sessions);
        var fermata = server.connect()) {
      var error =
          assertThrows(
              FermataException.class,
              () -> Fermata.call(() -> fermata.sessions().createSession(CreateSessionRequest.getDefaultInstance())));
      assertEquals(Status.Code.INTERNAL, error.code());
      assertEquals(1, sessions.requestIds.size());
    }
  }

  @Test
  void everyUnaryMethodIsSafeToRepeat() {
    var others =
        Transport.services()
            .flatMap(service -> service.getMethods().stream())
            .filter(method -> !method.isServerStreaming() && !Transport.isRepeatable(method))
            .toList();
    // If there is one some day, this says so; it is then sent once.
    assertEquals(List.of(), others);
  }

  private static final class Hosts extends HostServiceGrpc.HostServiceImplBase {
    @Override
    public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> answer) {
      answer.onNext(ListHostsResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  @Test
  void aCallSaysWhoCallsAndWhichTraceItBelongsTo() throws Exception {
    try (var server = new ScriptedServer(new Hosts());
        var fermata = server.connect()) {
      var request = ListHostsRequest.getDefaultInstance();
      Fermata.call(() -> fermata.hosts().listHosts(request));
      var trace =
          SpanContext.create(
              "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault());
      var scope = Span.wrap(trace).makeCurrent();
      try {
        Fermata.call(() -> fermata.hosts().listHosts(request));
      } finally {
        scope.close();
      }
      assertTrue(server.header("user-agent").get(0).startsWith("fermata-java/" + Fermata.VERSION));
      assertEquals(null, server.header("traceparent").get(0));
      assertEquals("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", server.header("traceparent").get(1));
      assertEquals(null, server.header("authorization").get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "127.0.0.1:7400", "fermata", "ftp://fermata:7400", "http://", "http://a b"})
  void onlyUrlsAreAddresses(String target) {
    var error = assertThrows(IllegalArgumentException.class, () -> Fermata.connect(target));
    assertTrue(error.getMessage().contains("http://host:port"), error.getMessage());
  }

  @Test
  void aCallThatCannotReachAServerSaysSo() throws Exception {
    String target;
    try (var server = new ScriptedServer()) {
      target = server.target();
    }
    try (var fermata = Fermata.connect(target)) {
      var error =
          assertThrows(
              FermataException.class, () -> Fermata.call(() -> fermata.hosts().listHosts(ListHostsRequest.getDefaultInstance())));
      assertEquals(Status.Code.UNAVAILABLE, error.code());
    }
  }

  @Test
  void theVersionIsThatOfTheArtefact() throws Exception {
    assertTrue(Files.readString(Path.of("pom.xml")).contains("<version>" + Fermata.VERSION + "</version>"));
  }
}
