package dev.fermata.examples;

import dev.fermata.client.Fermata;
import dev.fermata.client.owner.Owner;
import dev.fermata.client.owner.OwnerListener;
import java.time.Clock;
import java.time.LocalTime;
import java.util.List;

/** Runs the VNFM: {@code SERVER PROJECT_ID ACTIVE_SERVER_ID STANDBY_SERVER_ID}, until it is stopped. */
public final class Main {
  private Main() {}

  /**
   * Runs the VNFM.
   *
   * @param arguments the address of Fermata, the project, and the ids of the two servers
   */
  public static void main(String[] arguments) {
    if (arguments.length != 4) {
      System.err.println("usage: SERVER PROJECT_ID ACTIVE_SERVER_ID STANDBY_SERVER_ID");
      System.exit(2);
    }
    var vnf = new MemoryVnf(List.of(arguments[2], arguments[3]));
    // No hour is busy; whoever knows the traffic knows better.
    var vnfm = new PairVnfm(vnf, new BusyHours(Clock.systemDefaultZone(), LocalTime.NOON, LocalTime.NOON));
    var listener =
        new OwnerListener() {
          @Override
          public void onHandler(HandlerCall call) {
            System.out.println("handler " + call.handler() + " " + call.phase());
          }

          @Override
          public void onReply(ReplyOutcome reply) {
            System.out.println("reply " + reply.asked().getId() + " " + reply.answer() + " " + reply.outcome());
          }
        };
    try (var fermata = Fermata.connect(arguments[0])) {
      Owner.builder(fermata, arguments[1], "pair-vnfm", vnfm).displayName("the VNFM of a pair").listener(listener).build().run();
    }
  }
}
