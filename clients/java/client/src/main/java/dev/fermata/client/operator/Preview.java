package dev.fermata.client.operator;

import dev.fermata.client.FermataException;
import dev.fermata.v1.Plan;
import dev.fermata.v1.PlanWave;
import dev.fermata.v1.PreviewSessionResponse;
import io.grpc.Status;

/** A preview, whose plan comes in pieces. */
final class Preview {
  private PreviewSessionResponse.Builder whole;

  void add(PreviewSessionResponse part) {
    int expected = whole == null ? 1 : whole.getPart() + 1;
    if (part.getPart() != expected) {
      throw missing();
    }
    if (whole == null) {
      whole = part.toBuilder();
      return;
    }
    whole.setPart(part.getPart()).setLast(part.getLast());
    if (whole.hasPlan() && part.hasPlan()) {
      append(whole.getPlanBuilder(), part.getPlan());
    }
  }

  PreviewSessionResponse whole() {
    if (whole == null || !whole.getLast()) {
      throw missing();
    }
    return whole.build();
  }

  /** The first wave and host of a piece may go on with the last ones that are there. */
  private static void append(Plan.Builder plan, Plan piece) {
    plan.addAllOwners(piece.getOwnersList());
    for (var wave : piece.getWavesList()) {
      int last = plan.getWavesCount() - 1;
      if (last < 0 || plan.getWaves(last).getNumber() != wave.getNumber()) {
        plan.addWaves(wave);
      } else {
        append(plan.getWavesBuilder(last), wave);
      }
    }
  }

  private static void append(PlanWave.Builder wave, PlanWave piece) {
    for (var host : piece.getHostsList()) {
      int last = wave.getHostsCount() - 1;
      if (last < 0 || !wave.getHosts(last).getHost().equals(host.getHost())) {
        wave.addHosts(host);
      } else {
        wave.getHostsBuilder(last).addAllMoves(host.getMovesList()).addAllStays(host.getStaysList());
      }
    }
  }

  private static FermataException missing() {
    return FermataException.of(Status.DATA_LOSS.withDescription("a part of the preview is missing"));
  }
}
