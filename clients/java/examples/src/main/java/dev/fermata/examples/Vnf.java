package dev.fermata.examples;

import java.util.Collection;
import java.util.List;

/** What the VNFM can do with its VNF: one member is active, the others stand by. */
public interface Vnf {
  /**
   * The member that carries the traffic.
   *
   * @return the id of its server
   */
  String active();

  /**
   * Makes another member active. Does nothing if none but those can be.
   *
   * @param leaving ids of servers that are about to be interrupted
   * @throws Exception if the switch-over failed; it is then tried again
   */
  void switchAwayFrom(Collection<String> leaving) throws Exception;

  /**
   * Deletes members that stand by.
   *
   * @param suggested ids of servers that would help most
   * @param count how many should go
   * @return the ids of those that went; empty if none can
   * @throws Exception if that failed; it is then tried again
   */
  List<String> scaleIn(List<String> suggested, int count) throws Exception;

  /**
   * Creates as many members as have been deleted.
   *
   * @throws Exception if that failed; it is then tried again
   */
  void scaleOut() throws Exception;
}
