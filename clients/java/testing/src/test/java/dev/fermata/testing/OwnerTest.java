package dev.fermata.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.owner.Answer;
import dev.fermata.client.owner.Owner;
import dev.fermata.client.owner.OwnerHandler;
import dev.fermata.client.owner.OwnerListener;
import dev.fermata.v1.Action;
import dev.fermata.v1.DecisionSource;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.SessionReport;
import dev.fermata.v1.SessionServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SimulatedFermataExtension.class)
class OwnerTest {
  static SessionServer server(SessionReport report, String name) {
    return report.getHostsList().stream()
        .flatMap(host -> host.getServersList().stream())
        .filter(server -> server.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no server " + name + " in " + report));
  }

  @Test
  void whatTheHandlerDecidesHappens(SimulatedFermata server) throws Exception {
    var done = new Waiting<OwnerSessionEvent>();
    var handler =
        new OwnerHandler() {
          @Override
          public Answer onPlanned(Notification asked) {
            return Answer.accept(Action.ACTION_MIGRATE);
          }

          @Override
          public void onComplete(OwnerSessionEvent event) {
            done.add(event);
          }
        };
    var acknowledged = new Waiting<Long>();
    var listener =
        new OwnerListener() {
          @Override
          public void onAcknowledged(long sequence) {
            acknowledged.add(sequence);
          }
        };
    var owner = Owner.builder(server.connect(), SimulatedFermata.CORE_NETWORK, "vnfm", handler).listener(listener).build();
    try (var running = new Running(owner)) {
      server.connect();
      var report = server.maintain("compute-1");
      var gateway = server(report, "gateway-1");
      assertEquals(Action.ACTION_MIGRATE, gateway.getAction());
      assertEquals(DecisionSource.DECISION_SOURCE_OWNER, gateway.getDecisionSource());
      done.await("the end of the session", event -> true);
      owner.close();
      assertEquals(null, running.awaitEnd());
      assertTrue(!acknowledged.seen().isEmpty());
    }
  }
}
