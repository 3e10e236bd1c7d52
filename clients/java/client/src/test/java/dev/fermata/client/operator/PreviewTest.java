package dev.fermata.client.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fermata.client.FermataException;
import dev.fermata.v1.Plan;
import dev.fermata.v1.PlanHost;
import dev.fermata.v1.PlanMove;
import dev.fermata.v1.PlanOwner;
import dev.fermata.v1.PlanWave;
import dev.fermata.v1.PreviewSessionResponse;
import io.grpc.Status;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreviewTest {
  private static PlanHost host(String name, int moves) {
    return PlanHost.newBuilder().setHost(name).addAllMoves(Collections.nCopies(moves, PlanMove.getDefaultInstance())).build();
  }

  private static PlanWave wave(int number, PlanHost... hosts) {
    return PlanWave.newBuilder().setNumber(number).addAllHosts(List.of(hosts)).build();
  }

  private static PreviewSessionResponse part(int part, boolean last, PlanWave... waves) {
    var plan = Plan.newBuilder().addAllWaves(List.of(waves)).addOwners(PlanOwner.getDefaultInstance());
    return PreviewSessionResponse.newBuilder().setPart(part).setLast(last).setPlan(plan).build();
  }

  @Test
  void piecesBecomeOnePlan() {
    var preview = new Preview();
    preview.add(part(1, false, wave(1, host("a", 2), host("b", 1))));
    preview.add(part(2, false, wave(1, host("b", 3), host("c", 1))));
    preview.add(part(3, true, wave(1, host("d", 1)), wave(2, host("e", 1))));
    var plan = preview.whole().getPlan();
    assertEquals(3, plan.getOwnersCount());
    assertEquals(
        List.of(wave(1, host("a", 2), host("b", 4), host("c", 1), host("d", 1)), wave(2, host("e", 1))),
        plan.getWavesList());
  }

  @Test
  void aPartThatIsMissingIsNoticed() {
    var torn = new Preview();
    torn.add(part(1, false));
    assertEquals(Status.Code.DATA_LOSS, assertThrows(FermataException.class, () -> torn.add(part(3, true))).code());
    assertEquals(Status.Code.DATA_LOSS, assertThrows(FermataException.class, torn::whole).code());
    assertThrows(FermataException.class, () -> new Preview().whole());
  }
}
