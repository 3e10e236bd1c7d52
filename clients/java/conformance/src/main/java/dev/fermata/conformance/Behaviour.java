package dev.fermata.conformance;

import com.google.protobuf.Timestamp;
import dev.fermata.client.owner.Answer;
import dev.fermata.client.owner.OwnerHandler;
import dev.fermata.v1.CounterOffer;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationKind;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.ServerEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** How the owner decides. */
final class Behaviour implements OwnerHandler {
  private static final Duration LATER = Duration.ofSeconds(10);
  private static final int FAILURES = 2;

  private final String name;
  private final Duration slowFor;
  private final Map<Object, Integer> calls = new ConcurrentHashMap<>();
  private final Set<String> offered = ConcurrentHashMap.newKeySet();

  Behaviour(String name, Duration slowFor) {
    this.name = name;
    this.slowFor = slowFor;
  }

  @Override
  public Answer onPlanned(Notification asked) throws Exception {
    return decide(asked);
  }

  @Override
  public Answer onDrain(Notification asked) throws Exception {
    return decide(asked);
  }

  @Override
  public Answer onScaleIn(Notification asked) throws Exception {
    return decide(asked);
  }

  @Override
  public void onServerEvent(ServerEvent event) {
    failTwice(event);
  }

  @Override
  public void onSessionEvent(OwnerSessionEvent event) {
    failTwice(event);
  }

  @Override
  public void onComplete(OwnerSessionEvent event) {
    failTwice(event);
  }

  private Answer decide(Notification asked) throws InterruptedException {
    failTwice(asked.getId() + "/" + asked.getPlanRevision());
    if (name.equals("slow")) {
      Thread.sleep(slowFor.toMillis());
    }
    if (name.equals("no_answer")) {
      return Answer.none();
    }
    if (name.equals("reject")) {
      return Answer.reject("the behaviour is to reject");
    }
    if (asked.getKind() == NotificationKind.NOTIFICATION_KIND_SCALE_IN) {
      return Answer.reject("no server can go");
    }
    if (name.equals("counter_offer") && offered.add(asked.getId())) {
      var time = Instant.now().plus(LATER);
      var later = Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano());
      return Answer.counterOffer(CounterOffer.newBuilder().setNotBeforeTime(later).build());
    }
    return Answer.accept();
  }

  private void failTwice(Object about) {
    if (name.equals("raise") && calls.merge(about, 1, Integer::sum) <= FAILURES) {
      throw new IllegalStateException("the behaviour is to fail twice");
    }
  }
}
