package dev.fermata.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Times;
import dev.fermata.client.owner.Answer;
import dev.fermata.client.owner.Owner;
import dev.fermata.client.owner.OwnerHandler;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.Action;
import dev.fermata.v1.CounterOffer;
import dev.fermata.v1.DecisionSource;
import dev.fermata.v1.DeleteSubscriptionRequest;
import dev.fermata.v1.GetSubscriptionRequest;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.ServerEvent;
import dev.fermata.v1.SessionReport;
import dev.fermata.v1.SessionServer;
import dev.fermata.v1.SessionState;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SimulatedFermataExtension.class)
@SuppressWarnings("try") // An owner runs beside a test, which need not name it.
class OwnerTest {
  /** Decides to migrate, and remembers what happened. */
  private static class Vnfm implements OwnerHandler {
    final Waiting<Notification> asked = new Waiting<>();
    final Waiting<ServerEvent> servers = new Waiting<>();
    final Waiting<OwnerSessionEvent> ends = new Waiting<>();

    @Override
    public Answer onPlanned(Notification notification) throws Exception {
      asked.add(notification);
      return Answer.accept(Action.ACTION_MIGRATE);
    }

    @Override
    public void onServerEvent(ServerEvent event) {
      servers.add(event);
    }

    @Override
    public void onComplete(OwnerSessionEvent event) {
      ends.add(event);
    }
  }

  private static Owner owner(Fermata fermata, OwnerHandler handler, Recorder recorder) {
    return Owner.builder(fermata, SimulatedFermata.CORE_NETWORK, "vnfm", handler).listener(recorder).build();
  }

  private static SessionServer server(SessionReport report, String name) {
    return report.getHostsList().stream()
        .flatMap(host -> host.getServersList().stream())
        .filter(server -> server.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no server " + name + " in " + report));
  }

  private static long acknowledged(Fermata fermata) {
    var request =
        GetSubscriptionRequest.newBuilder().setProjectId(SimulatedFermata.CORE_NETWORK).setSubscriptionId("vnfm").build();
    return Fermata.call(() -> fermata.notifications().getSubscription(request)).getSubscription().getAcknowledgedSequence();
  }

  private static long last(Recorder recorder) {
    return recorder.items.seen().stream()
        .filter(item -> item instanceof WatchItem.Event)
        .mapToLong(item -> ((WatchItem.Event<?, ?>) item).position().sequence())
        .max()
        .orElseThrow();
  }

  private static CompletableFuture<SessionReport> maintenance(SimulatedFermata server, String... hosts) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return server.maintain(hosts);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void whatTheHandlerDecidesHappensAndIsAcknowledged(SimulatedFermata server) throws Exception {
    var vnfm = new Vnfm();
    var recorder = new Recorder();
    var fermata = server.connect();
    var owner = owner(fermata, vnfm, recorder);
    try (var running = new Running(owner)) {
      recorder.awaitBegin();
      var report = server.maintain("compute-1");
      assertEquals(SessionState.SESSION_STATE_COMPLETED, report.getSession().getStatus().getState());
      var gateway = server(report, "gateway-1");
      assertEquals(Action.ACTION_MIGRATE, gateway.getAction());
      assertEquals(DecisionSource.DECISION_SOURCE_OWNER, gateway.getDecisionSource());
      vnfm.ends.await("the end of the session", event -> true);
      owner.close();
      assertEquals(null, running.awaitEnd());
      assertEquals(last(recorder), acknowledged(fermata));
    }
  }

  @Test
  void anOwnerSurvivesThatTheServerIsKilled(SimulatedFermata server) throws Exception {
    var vnfm = new Vnfm();
    var recorder = new Recorder();
    try (var running = new Running(owner(server.connect(), vnfm, recorder))) {
      recorder.awaitBegin();
      var report = maintenance(server, "compute-1", "compute-2");
      recorder.replies.await("a reply", reply -> reply.outcome().equals("accepted"));
      server.kill();
      recorder.items.await("an interruption", item -> item instanceof WatchItem.Interrupted);
      server.restart();
      assertEquals(
          SessionState.SESSION_STATE_COMPLETED, report.get(60, TimeUnit.SECONDS).getSession().getStatus().getState());
      vnfm.ends.await("the end of the session", event -> true);
      assertEquals(1, vnfm.ends.seen().size());
      var sequences =
          recorder.items.seen().stream()
              .filter(item -> item instanceof WatchItem.Event)
              .map(item -> ((WatchItem.Event<?, ?>) item).position().sequence())
              .toList();
      assertEquals(sequences.stream().sorted().distinct().toList(), sequences);
    }
  }

  @Test
  void anOwnerThatStartsAgainGoesOnWhereItWas(SimulatedFermata server) throws Exception {
    var first = new Vnfm();
    var recorder = new Recorder();
    var owner = owner(server.connect(), first, recorder);
    try (var running = new Running(owner)) {
      recorder.awaitBegin();
      server.maintain("compute-1");
      first.ends.await("the end of the session", event -> true);
    }
    // Meanwhile somebody else is away, and nobody answers.
    var soon = Times.duration(Duration.ofSeconds(1));
    server.maintain(SimulatedFermata.spec("compute-2").setAnnounceReplyPeriod(soon).setDrainReplyPeriod(soon).build());
    var second = new Vnfm();
    try (var running = new Running(owner(server.connect(), second, new Recorder()))) {
      second.ends.await("the end of the second session", event -> true);
      assertEquals("gateway-2", second.servers.seen().get(0).getName());
    }
  }

  @Test
  void aCounterOfferIsPlannedAndAskedAgain(SimulatedFermata server) throws Exception {
    var calls = new AtomicInteger();
    var vnfm =
        new Vnfm() {
          @Override
          public Answer onPlanned(Notification notification) throws Exception {
            if (calls.incrementAndGet() > 1) {
              return super.onPlanned(notification);
            }
            var later = Times.timestamp(Instant.now().plusSeconds(2));
            return Answer.counterOffer(CounterOffer.newBuilder().setNotBeforeTime(later).build());
          }
        };
    var recorder = new Recorder();
    try (var running = new Running(owner(server.connect(), vnfm, recorder))) {
      recorder.awaitBegin();
      server.maintain("compute-1");
      var asked = vnfm.asked.await("the second question", notification -> true);
      assertEquals(2, asked.getPlanRevision());
      assertEquals(
          "counter_offer", recorder.replies.await("a reply", reply -> reply.outcome().equals("accepted")).answer().name());
    }
  }

  @Test
  void aDeletedSubscriptionEndsTheOwner(SimulatedFermata server) throws Exception {
    var recorder = new Recorder();
    var fermata = server.connect();
    try (var running = new Running(owner(fermata, new Vnfm(), recorder))) {
      recorder.awaitBegin();
      var request =
          DeleteSubscriptionRequest.newBuilder()
              .setProjectId(SimulatedFermata.CORE_NETWORK)
              .setSubscriptionId("vnfm")
              .build();
      Fermata.call(() -> fermata.notifications().deleteSubscription(request));
      var end = running.awaitEnd();
      assertNotNull(end);
      assertEquals("SUBSCRIPTION_NOT_FOUND", FermataException.of(end).name());
    }
  }
}
