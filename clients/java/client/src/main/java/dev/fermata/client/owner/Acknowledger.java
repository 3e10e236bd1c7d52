package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.v1.AcknowledgePositionRequest;
import io.grpc.Status;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells the server how far everything was handled, at most once a second. */
final class Acknowledger {
  private static final long CALL_SECONDS = 10;

  private final Work work;
  private final Positions positions;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile long acknowledged;

  Acknowledger(Work work, Positions positions) {
    this.work = work;
    this.positions = positions;
  }

  /** The numbers begin anew. */
  void reset() {
    acknowledged = 0;
  }

  /**
   * More may have been handled. The first position is acknowledged at once: an owner that was killed before it has acknowledged
   * anything begins with a snapshot, and does not hear of what happened meanwhile.
   */
  void look() {
    if (isDue() && busy.compareAndSet(false, true)) {
      work.workers.execute(this::acknowledgeAndRest);
    }
  }

  private void acknowledgeAndRest() {
    try {
      acknowledge();
    } finally {
      try {
        work.timer.schedule(this::goOn, 1, TimeUnit.SECONDS);
      } catch (RejectedExecutionException atTheEnd) {
        // The owner acknowledges once more by itself.
      }
    }
  }

  private void goOn() {
    busy.set(false);
    look();
  }

  private boolean isDue() {
    long handled = positions.handled();
    return handled != 0 && handled != acknowledged;
  }

  /** Acknowledges what there is. What fails is tried again a second later, or comes again after the next start. */
  synchronized void acknowledge() {
    if (!isDue()) {
      return;
    }
    long sequence = positions.handled();
    var request =
        AcknowledgePositionRequest.newBuilder()
            .setProjectId(work.settings.projectId())
            .setSubscriptionId(work.settings.subscriptionId())
            .setSequence(sequence)
            .build();
    try {
      Fermata.call(
          () -> work.fermata.notifications().withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS).acknowledgePosition(request));
      acknowledged = sequence;
      work.hooks.listener(listener -> listener.onAcknowledged(sequence));
    } catch (FermataException e) {
      Hooks.LOG.log(Level.DEBUG, () -> "position " + sequence + " is not acknowledged: " + e.getMessage());
      if (e.code() == Status.Code.INVALID_ARGUMENT) {
        // The server was restored, and does not know that number yet.
        acknowledged = sequence;
      }
    }
  }
}
