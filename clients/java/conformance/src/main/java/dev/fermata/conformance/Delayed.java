package dev.fermata.conformance;

import dev.fermata.client.owner.OwnerListener;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import java.time.Duration;

/** Reads slowly: waits after each item. */
record Delayed(Journal journal, Duration delay) implements OwnerListener {
  @Override
  public void onItem(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    journal.onItem(item);
    try {
      Thread.sleep(delay.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void onHandler(HandlerCall call) {
    journal.onHandler(call);
  }

  @Override
  public void onReply(ReplyOutcome reply) {
    journal.onReply(reply);
  }

  @Override
  public void onAcknowledged(long sequence) {
    journal.onAcknowledged(sequence);
  }
}
