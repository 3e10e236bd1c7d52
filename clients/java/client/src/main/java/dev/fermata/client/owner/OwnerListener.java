package dev.fermata.client.owner;

import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;

/** Sees what an owner does, for journals and tests. Called on the owner's threads; what it throws is logged. */
public interface OwnerListener {
  /** Where a call of a handler stands. */
  enum Phase {
    /** It is called. */
    BEGIN,
    /** It returned, and its answer counts. */
    END,
    /** It threw. */
    FAILED,
    /** Its answer is not wanted any more. */
    CANCELLED
  }

  /**
   * A call of a handler.
   *
   * @param handler {@code planned}, {@code drain}, {@code scale_in}, {@code server}, {@code session} or {@code complete}
   * @param id of the notification, server or session
   * @param planRevision of the question; 0 for an event
   * @param attempt from 1
   * @param phase where it stands
   */
  record HandlerCall(String handler, String id, long planRevision, int attempt, Phase phase) {}

  /**
   * A reply and what became of it.
   *
   * @param asked the question
   * @param answer the answer
   * @param isFallback whether no handler gave it
   * @param outcome {@code accepted}, or the reason or code of the error
   */
  record ReplyOutcome(Notification asked, Answer answer, boolean isFallback, String outcome) {}

  /**
   * The watch said something. The next item is read after this method has returned.
   *
   * @param item what it said
   */
  default void onItem(WatchItem<OwnerSnapshot, OwnerEvent> item) {}

  /**
   * A handler begins or ends.
   *
   * @param call which
   */
  default void onHandler(HandlerCall call) {}

  /**
   * A reply was accepted or refused.
   *
   * @param reply which
   */
  default void onReply(ReplyOutcome reply) {}

  /**
   * A position was acknowledged.
   *
   * @param sequence everything up to here was handled
   */
  default void onAcknowledged(long sequence) {}
}
