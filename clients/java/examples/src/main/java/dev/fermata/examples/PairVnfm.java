package dev.fermata.examples;

import com.google.protobuf.Timestamp;
import dev.fermata.client.owner.Answer;
import dev.fermata.client.owner.OwnerHandler;
import dev.fermata.v1.Action;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.CounterOffer;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerSessionEvent;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The VNFM of an active/standby pair. It offers another time in busy hours, switches over before the active member is touched, decides
 * for each server, and scales in and out again when Fermata needs room.
 */
public final class PairVnfm implements OwnerHandler {
  /** A member that stands by may be down for a while, and is best left where it is. */
  private static final List<Action> FOR_STANDBY = List.of(Action.ACTION_KEEP, Action.ACTION_MIGRATE, Action.ACTION_LIVE_MIGRATE);

  private static final List<Action> FOR_ACTIVE = List.of(Action.ACTION_LIVE_MIGRATE, Action.ACTION_MIGRATE, Action.ACTION_KEEP);

  private final Vnf vnf;
  private final BusyHours busyHours;

  /**
   * A VNFM.
   *
   * @param vnf what it manages
   * @param busyHours when nothing should be interrupted
   */
  public PairVnfm(Vnf vnf, BusyHours busyHours) {
    this.vnf = vnf;
    this.busyHours = busyHours;
  }

  @Override
  public Answer onPlanned(Notification asked) throws Exception {
    var quiet = busyHours.end();
    // Only once: where the offer was declined or agreed, the maintenance comes as it comes.
    if (quiet.isPresent() && !asked.hasCounterOffer() && isBefore(quiet.get(), asked.getWindow().getEndTime())) {
      return Answer.counterOffer(CounterOffer.newBuilder().setNotBeforeTime(timestamp(quiet.get())).build())
          .withComment("these are busy hours");
    }
    return accept(asked);
  }

  @Override
  public Answer onDrain(Notification asked) throws Exception {
    return accept(asked);
  }

  private Answer accept(Notification asked) throws Exception {
    // If this fails it is tried again, and nothing is touched before the answer or the deadline.
    vnf.switchAwayFrom(asked.getServersList().stream().map(AffectedServer::getServerId).toList());
    return Answer.accept(decisions(asked));
  }

  @Override
  public Answer onScaleIn(Notification asked) throws Exception {
    var wanted = asked.getScaleIn();
    var gone = vnf.scaleIn(wanted.getSuggestedServerIdsList(), wanted.getServerCount());
    return gone.isEmpty() ? Answer.reject("the pair cannot lose a member") : Answer.ownActionDone(gone);
  }

  @Override
  public void onComplete(OwnerSessionEvent event) throws Exception {
    vnf.scaleOut();
  }

  private Map<String, Action> decisions(Notification asked) {
    var decisions = new HashMap<String, Action>();
    for (var server : asked.getServersList()) {
      var liked = server.getServerId().equals(vnf.active()) ? FOR_ACTIVE : FOR_STANDBY;
      liked.stream()
          .filter(server.getAllowedActionsList()::contains)
          .findFirst()
          .ifPresent(action -> decisions.put(server.getServerId(), action));
    }
    return decisions;
  }

  private static boolean isBefore(Instant time, Timestamp end) {
    return time.getEpochSecond() < end.getSeconds();
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()).build();
  }
}
