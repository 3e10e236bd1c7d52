package dev.fermata.client.operator;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Backoff;
import dev.fermata.v1.ErrorReason;
import java.time.Duration;

/** Reports the end of work on a host, however long the server is away. */
final class Reported {
  private Reported() {}

  static void call(Fermata fermata, Fermata.Call<?> report) throws InterruptedException {
    var backoff = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(15));
    while (true) {
      try {
        Fermata.call(report);
        return;
      } catch (FermataException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while the end of the work was reported");
        }
        if (!mayPass(fermata, e)) {
          throw e;
        }
        Thread.sleep(backoff.next(e.retryAfter().orElse(Duration.ZERO)).toMillis());
      }
    }
  }

  /** Whether the same call may succeed later. */
  static boolean mayPass(Fermata fermata, FermataException error) {
    if (error.is(ErrorReason.ERROR_REASON_CREDENTIALS_EXPIRED)) {
      return fermata.options().credentials().renewable();
    }
    return switch (error.code()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNKNOWN, INTERNAL, CANCELLED -> !fermata.isClosed();
      case ABORTED -> error.reasonName().isEmpty() || error.is(ErrorReason.ERROR_REASON_CONCURRENT_CHANGE);
      default -> false;
    };
  }
}
