package dev.fermata.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.fermata.client.Fermata;
import dev.fermata.client.operator.Operator;
import dev.fermata.client.owner.Owner;
import dev.fermata.client.owner.OwnerListener;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.testing.SimulatedFermata;
import dev.fermata.testing.SimulatedFermataExtension;
import dev.fermata.v1.Action;
import dev.fermata.v1.AuditAction;
import dev.fermata.v1.AuditFilter;
import dev.fermata.v1.AuditRecord;
import dev.fermata.v1.CounterOfferStatus;
import dev.fermata.v1.DecisionSource;
import dev.fermata.v1.ListAuditRecordsRequest;
import dev.fermata.v1.ListSubscriptionsRequest;
import dev.fermata.v1.MaintenanceWindow;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.PlanMove;
import dev.fermata.v1.PreviewSessionRequest;
import dev.fermata.v1.ScaleIn;
import dev.fermata.v1.SessionReport;
import dev.fermata.v1.SessionServer;
import dev.fermata.v1.Subscription;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SimulatedFermataExtension.class)
class PairVnfmTest {
  private static final Instant MORNING = Instant.parse("2026-11-23T09:00:00Z");
  private static final Instant NIGHT = Instant.parse("2026-11-23T02:00:00Z");

  private static BusyHours busyHours(Instant now) {
    return new BusyHours(Clock.fixed(now, ZoneOffset.UTC), LocalTime.of(8, 0), LocalTime.of(18, 0));
  }

  private static Notification.Builder asked(Instant windowEnd) {
    var end = Timestamp.newBuilder().setSeconds(windowEnd.getEpochSecond());
    return Notification.newBuilder().setWindow(MaintenanceWindow.newBuilder().setEndTime(end));
  }

  @Test
  void anotherTimeIsOfferedInBusyHoursIfThereIsOne() throws Exception {
    var vnf = new MemoryVnf(List.of("a", "b"));
    var tomorrow = asked(Instant.parse("2026-11-24T00:00:00Z"));
    assertEquals("counter_offer", new PairVnfm(vnf, busyHours(MORNING)).onPlanned(tomorrow.build()).name());
    assertEquals("accept", new PairVnfm(vnf, busyHours(NIGHT)).onPlanned(tomorrow.build()).name());
    var tooSoon = asked(Instant.parse("2026-11-23T12:00:00Z"));
    assertEquals("accept", new PairVnfm(vnf, busyHours(MORNING)).onPlanned(tooSoon.build()).name());
    var declined = tomorrow.setCounterOffer(CounterOfferStatus.getDefaultInstance());
    assertEquals("accept", new PairVnfm(vnf, busyHours(MORNING)).onPlanned(declined.build()).name());
  }

  @Test
  void itScalesInAndOutAgain() throws Exception {
    var vnf = new MemoryVnf(List.of("a", "b", "c"));
    var vnfm = new PairVnfm(vnf, busyHours(NIGHT));
    var wanted = ScaleIn.newBuilder().setServerCount(1).addSuggestedServerIds("a").addSuggestedServerIds("c");
    assertEquals("own_action_done", vnfm.onScaleIn(asked(MORNING).setScaleIn(wanted).build()).name());
    assertEquals("reject", vnfm.onScaleIn(asked(MORNING).setScaleIn(wanted).build()).name());
    vnfm.onComplete(OwnerSessionEvent.getDefaultInstance());
    assertEquals(List.of("delete c", "create a member"), vnf.log());
  }

  /** The ids of the pair's servers, as a plan has them. */
  private static List<String> pair(SimulatedFermata server) {
    var preview =
        PreviewSessionRequest.newBuilder().setSpec(SimulatedFermata.spec("compute-1", "compute-2")).build();
    var plan = new Operator(server.connect()).preview(preview).getPlan();
    return List.of("gateway-1", "gateway-2").stream()
        .map(
            name ->
                plan.getWavesList().stream()
                    .flatMap(wave -> wave.getHostsList().stream())
                    .flatMap(host -> host.getMovesList().stream())
                    .filter(move -> move.getName().equals(name))
                    .map(PlanMove::getServerId)
                    .findFirst()
                    .orElseThrow())
        .toList();
  }

  private static SessionServer server(SessionReport report, String id) {
    return report.getHostsList().stream()
        .flatMap(host -> host.getServersList().stream())
        .filter(server -> server.getServerId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void itSwitchesOverBeforeTheActiveMemberIsTouched(SimulatedFermata server) throws Exception {
    var pair = pair(server);
    var vnf = new MemoryVnf(pair);
    var began = new CountDownLatch(1);
    var listener =
        new OwnerListener() {
          @Override
          public void onItem(WatchItem<OwnerSnapshot, OwnerEvent> item) {
            began.countDown();
          }
        };
    try (var fermata = Fermata.connect(server.target());
        var owner =
            Owner.builder(fermata, SimulatedFermata.CORE_NETWORK, "vnfm", new PairVnfm(vnf, busyHours(NIGHT)))
                .listener(listener)
                .build()) {
      var running = CompletableFuture.runAsync(owner::run);
      began.await();
      var report = server.maintain("compute-1");
      assertEquals(List.of("switch over from " + pair.get(0) + " to " + pair.get(1)), vnf.log());
      var first = server(report, pair.get(0));
      assertEquals(Action.ACTION_KEEP, first.getAction());
      assertEquals(DecisionSource.DECISION_SOURCE_OWNER, first.getDecisionSource());
      owner.stop();
      running.get(60, TimeUnit.SECONDS);
    }
  }

  /** The VNFM as a program. */
  private static Process start(SimulatedFermata server, List<String> pair) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.fermata.examples.Main",
                server.target(),
                SimulatedFermata.CORE_NETWORK,
                pair.get(0),
                pair.get(1))
            .redirectErrorStream(true)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }

  /**
   * Reads what the program says until it is at one of the steps, and kills it (kill -9). Returns the last step that it has come to;
   * null: it ended before.
   */
  private static String killAt(Process vnfm, List<String> steps) throws Exception {
    String last = null;
    try (var lines = vnfm.inputReader()) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var reached = steps.stream().filter(line::startsWith).findFirst();
        if (reached.isPresent() && (last == null || steps.indexOf(reached.get()) > steps.indexOf(last))) {
          last = reached.get();
          // Not destroyForcibly() of the process itself: that would close what it has said meanwhile.
          vnfm.toHandle().destroyForcibly();
        }
      }
    } finally {
      vnfm.destroyForcibly().waitFor();
    }
    return last;
  }

  @Test
  @Timeout(300)
  void killedAtEveryStepItAnswersEachQuestionOnce(SimulatedFermata server) throws Exception {
    var pair = pair(server);
    // It has seen a maintenance before, so its subscription has a position.
    var before = start(server, pair);
    await(server, subscription -> true);
    server.maintain("compute-2");
    // All of it: what it had not acknowledged would come again.
    await(
        server,
        subscription ->
            subscription.getAcknowledgedSequence() > 0
                && subscription.getAcknowledgedSequence() == subscription.getLatestSequence());
    before.destroyForcibly().waitFor();
    // The program starts several times before it answers.
    var minutes = Duration.newBuilder().setSeconds(600);
    var patient =
        SimulatedFermata.spec("compute-1").setAnnounceReplyPeriod(minutes).setDrainReplyPeriod(minutes).build();
    var report =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return server.maintain(patient);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    var steps =
        List.of("handler planned BEGIN", "handler planned END", "reply", "handler server END", "handler complete END");
    // What a run did just before it was killed may be done: then the next one comes to a later step.
    for (int step = 0; step < steps.size(); step++) {
      var left = steps.subList(step, steps.size());
      var reached = killAt(start(server, pair), left);
      assertTrue(reached != null, () -> "the VNFM ended before one of " + left);
      step = steps.indexOf(reached);
    }
    var gateway = server(report.get(60, TimeUnit.SECONDS), pair.get(0));
    assertEquals(DecisionSource.DECISION_SOURCE_OWNER, gateway.getDecisionSource());
    assertEquals(1, gateway.getAttempts());
    var replies = AuditFilter.newBuilder().addActions(AuditAction.AUDIT_ACTION_REPLY);
    var answered = ListAuditRecordsRequest.newBuilder().setFilter(replies);
    var answers = Fermata.call(() -> server.connect().audit().listAuditRecords(answered.build())).getRecordsList();
    assertFalse(answers.isEmpty());
    assertEquals(answers.size(), answers.stream().map(AuditRecord::getDetail).distinct().count(), answers::toString);
  }

  private static void await(SimulatedFermata server, Predicate<Subscription> wanted) throws Exception {
    var request = ListSubscriptionsRequest.newBuilder().setProjectId(SimulatedFermata.CORE_NETWORK).build();
    var fermata = server.connect();
    while (Fermata.call(() -> fermata.notifications().listSubscriptions(request)).getSubscriptionsList().stream()
        .noneMatch(wanted)) {
      Thread.sleep(20);
    }
  }
}
