package dev.fermata.examples;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A VNF that exists only here: it writes down what a real one would do. */
public final class MemoryVnf implements Vnf {
  private final List<String> members;
  private final List<String> log = new ArrayList<>();
  private String active;
  private int deleted;

  /**
   * A VNF whose first member is active.
   *
   * @param members ids of servers
   */
  public MemoryVnf(List<String> members) {
    this.members = new ArrayList<>(members);
    active = members.get(0);
  }

  @Override
  public synchronized String active() {
    return active;
  }

  @Override
  public synchronized void switchAwayFrom(Collection<String> leaving) {
    if (!leaving.contains(active)) {
      return;
    }
    members.stream()
        .filter(member -> !leaving.contains(member))
        .findFirst()
        .ifPresent(
            next -> {
              log.add("switch over from " + active + " to " + next);
              active = next;
            });
  }

  @Override
  public synchronized List<String> scaleIn(List<String> suggested, int count) {
    var gone = suggested.stream().filter(id -> !id.equals(active) && members.contains(id)).limit(count).toList();
    members.removeAll(gone);
    deleted += gone.size();
    gone.forEach(id -> log.add("delete " + id));
    return gone;
  }

  @Override
  public synchronized void scaleOut() {
    for (; deleted > 0; deleted--) {
      log.add("create a member");
    }
  }

  /**
   * What was done.
   *
   * @return a line for each
   */
  public synchronized List<String> log() {
    return List.copyOf(log);
  }
}
