package dev.fermata.client.owner;

import java.util.ArrayDeque;

/** Which positions of the stream have been handled, with everything before them. */
final class Positions {
  private final int most;
  private final Runnable onHandled;
  private final ArrayDeque<Ticket> open = new ArrayDeque<>();
  private long handled;
  private boolean stopped;

  /**
   * Positions.
   *
   * @param most so many may be open
   * @param onHandled called when more has been handled; must not block
   */
  Positions(int most, Runnable onHandled) {
    this.most = most;
    this.onHandled = onHandled;
  }

  /** A position that is handled when it was released as often as it was held; it begins held once. */
  final class Ticket {
    private final long sequence;
    private int holds = 1;

    private Ticket(long sequence) {
      this.sequence = sequence;
    }

    void hold() {
      synchronized (Positions.this) {
        holds++;
      }
    }

    void release() {
      boolean isMore;
      synchronized (Positions.this) {
        holds--;
        isMore = settle();
      }
      if (isMore) {
        onHandled.run();
      }
    }
  }

  synchronized Ticket begin(long sequence) {
    var ticket = new Ticket(sequence);
    open.add(ticket);
    return ticket;
  }

  /** Waits until there are fewer than the most that may be open, or it is stopped. */
  synchronized void awaitRoom() throws InterruptedException {
    while (open.size() >= most && !stopped) {
      wait();
    }
  }

  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** The numbers begin anew; what is open belongs to the old ones. */
  synchronized void reset() {
    open.clear();
    handled = 0;
    notifyAll();
  }

  /** Everything up to here has been handled. 0: nothing. */
  synchronized long handled() {
    return handled;
  }

  private boolean settle() {
    long before = handled;
    while (!open.isEmpty() && open.peek().holds == 0) {
      handled = open.poll().sequence;
      notifyAll();
    }
    return handled != before;
  }
}
