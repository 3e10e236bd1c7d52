package dev.fermata.testing;

import dev.fermata.client.owner.OwnerListener;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;

/** What an owner did. */
final class Recorder implements OwnerListener {
  final Waiting<WatchItem<OwnerSnapshot, OwnerEvent>> items = new Waiting<>();
  final Waiting<HandlerCall> handlers = new Waiting<>();
  final Waiting<ReplyOutcome> replies = new Waiting<>();
  final Waiting<Long> acknowledged = new Waiting<>();

  /** Waits until the owner takes part. */
  void awaitBegin() throws InterruptedException {
    items.await("the first snapshot", item -> item instanceof WatchItem.Snapshot);
  }

  @Override
  public void onItem(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    items.add(item);
  }

  @Override
  public void onHandler(HandlerCall call) {
    handlers.add(call);
  }

  @Override
  public void onReply(ReplyOutcome reply) {
    replies.add(reply);
  }

  @Override
  public void onAcknowledged(long sequence) {
    acknowledged.add(sequence);
  }
}
