package dev.fermata.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Times;
import dev.fermata.client.operator.Operator;
import dev.fermata.client.operator.OperatorHandler;
import dev.fermata.v1.CancelSessionRequest;
import dev.fermata.v1.PreviewSessionRequest;
import dev.fermata.v1.SessionEvent;
import dev.fermata.v1.SessionHostState;
import dev.fermata.v1.SessionReport;
import dev.fermata.v1.SessionSpec;
import dev.fermata.v1.SessionState;
import dev.fermata.v1.SkipHostRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SimulatedFermataExtension.class)
class OperatorTest {
  /** Nobody takes part, so there is nobody to wait for. */
  private static SessionSpec spec(String... hosts) {
    var soon = Times.duration(Duration.ofSeconds(1));
    return SimulatedFermata.spec(hosts).setAnnounceReplyPeriod(soon).setDrainReplyPeriod(soon).build();
  }

  private static boolean isFailure(SessionEvent event) {
    return event.getHost().getState() == SessionHostState.SESSION_HOST_STATE_MAINTENANCE_FAILED;
  }

  private static CompletableFuture<SessionReport> follow(Operator operator, String sessionId, OperatorHandler handler) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return operator.follow(sessionId, handler);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void eachHostIsWorkedOnOnceAndReported(SimulatedFermata server) throws Exception {
    var fermata = server.connect();
    var operator = new Operator(fermata);
    var worked = new Waiting<String>();
    var events = new Waiting<SessionEvent>();
    var session = operator.create(spec("compute-1", "compute-2", "compute-3"));
    var report =
        operator.follow(
            session.getId(),
            new OperatorHandler() {
              @Override
              public void onHostReady(String host) throws Exception {
                worked.add(host);
                if (host.equals("compute-3")) {
                  throw new Exception("a broken fan");
                }
              }

              @Override
              public void onEvent(SessionEvent event) {
                events.add(event);
                if (isFailure(event)) {
                  // The session waits for the operator.
                  var skip = SkipHostRequest.newBuilder().setSessionId(session.getId()).setHost("compute-3").build();
                  Fermata.call(() -> fermata.sessions().skipHost(skip));
                }
              }
            });
    assertEquals(List.of("compute-1", "compute-2", "compute-3"), worked.seen().stream().sorted().toList());
    assertEquals(SessionState.SESSION_STATE_COMPLETED, report.getSession().getStatus().getState());
    assertEquals(3, report.getHostsCount());
    var failed =
        events.await("the failure", OperatorTest::isFailure);
    assertTrue(failed.getHost().getReason().contains("a broken fan"), failed::toString);
  }

  @Test
  void anOperatorSurvivesThatTheServerIsKilled(SimulatedFermata server) throws Exception {
    var operator = new Operator(server.connect());
    var working = new Waiting<String>();
    var session = operator.create(spec("compute-1"));
    var report =
        follow(
            operator,
            session.getId(),
            host -> {
              server.kill();
              working.add(host);
            });
    working.await("work", host -> true);
    server.restart();
    assertEquals(
        SessionState.SESSION_STATE_COMPLETED, report.get(60, TimeUnit.SECONDS).getSession().getStatus().getState());
    assertEquals(1, working.seen().size());
  }

  @Test
  void aRequestIdMakesOneSession(SimulatedFermata server) {
    var operator = new Operator(server.connect());
    var spec = spec("compute-1");
    assertEquals(operator.create(spec, "mine").getId(), operator.create(spec, "mine").getId());
    var error = assertThrows(FermataException.class, () -> operator.create(spec, "another"));
    assertEquals("HOST_IN_SESSION", error.name());
    assertTrue(error.violations().get(0).subject().contains("compute-1"), error::getMessage);
  }

  @Test
  void aCancelledSessionEndsToo(SimulatedFermata server) throws Exception {
    var fermata = server.connect();
    var operator = new Operator(fermata);
    var session = operator.create(SimulatedFermata.spec("compute-1").build());
    var report = follow(operator, session.getId(), host -> {});
    var cancel = CancelSessionRequest.newBuilder().setSessionId(session.getId()).build();
    Fermata.call(() -> fermata.sessions().cancelSession(cancel));
    assertEquals(
        SessionState.SESSION_STATE_CANCELLED, report.get(60, TimeUnit.SECONDS).getSession().getStatus().getState());
  }

  @Test
  void aSessionThatIsNotThereIsAnError(SimulatedFermata server) {
    var operator = new Operator(server.connect());
    var error = assertThrows(FermataException.class, () -> operator.follow("nothing", host -> {}));
    assertEquals("SESSION_NOT_FOUND", error.name());
  }

  @Test
  void aPreviewIsAPlan(SimulatedFermata server) {
    var operator = new Operator(server.connect());
    var preview = operator.preview(PreviewSessionRequest.newBuilder().setSpec(spec("compute-1")).build());
    assertTrue(preview.getLast());
    assertEquals("compute-1", preview.getPlan().getWaves(0).getHosts(0).getHost());
  }
}
