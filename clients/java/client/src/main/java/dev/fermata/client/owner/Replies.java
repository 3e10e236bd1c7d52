package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Backoff;
import dev.fermata.v1.ErrorReason;
import dev.fermata.v1.ReplyRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Makes calls again as long as that may help. */
final class Replies {
  private static final Duration FIRST_WAIT = Duration.ofMillis(250);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final long CALL_SECONDS = 15;

  private final Fermata fermata;
  /** Reaches zero when the owner has stopped for good. */
  private final CountDownLatch halted;

  Replies(Fermata fermata, CountDownLatch halted) {
    this.fermata = fermata;
    this.halted = halted;
  }

  /** What a reply came to. */
  sealed interface Outcome {}

  /** The server has it. */
  record Accepted() implements Outcome {}

  /** It was refused, or could not be sent until its deadline. */
  record Refused(FermataException error) implements Outcome {}

  /** Nobody wants it any more. */
  record Dropped() implements Outcome {}

  /**
   * Sends a reply until the server has it, refuses it, or the deadline is over.
   *
   * @param deadline asked before each further try, for it may be moved; empty: there is none
   * @param isWanted asked before each further try
   */
  Outcome send(ReplyRequest reply, Supplier<Optional<Instant>> deadline, BooleanSupplier isWanted) {
    var backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT);
    while (true) {
      try {
        Fermata.call(() -> fermata.notifications().withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS).reply(reply));
        return new Accepted();
      } catch (FermataException e) {
        if (!mayPass(e) || deadline.get().filter(Instant.now()::isAfter).isPresent()) {
          return new Refused(e);
        }
        if (isHalted(backoff.next(e.retryAfter().orElse(Duration.ZERO))) || !isWanted.getAsBoolean()) {
          return new Dropped();
        }
      }
    }
  }

  private boolean isHalted(Duration after) {
    try {
      return halted.await(after.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // An interrupt that is meant for a handler does not come here; this one ends the owner.
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Whether the same call may succeed later. */
  boolean mayPass(FermataException error) {
    if (error.is(ErrorReason.ERROR_REASON_CREDENTIALS_EXPIRED)) {
      return fermata.options().credentials().renewable();
    }
    return switch (error.code()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNKNOWN, INTERNAL, CANCELLED -> !fermata.isClosed();
      case ABORTED ->
          error.reasonName().isEmpty() || error.is(ErrorReason.ERROR_REASON_CONCURRENT_CHANGE);
      default -> false;
    };
  }
}
