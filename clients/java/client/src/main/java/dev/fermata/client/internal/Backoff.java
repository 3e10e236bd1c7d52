package dev.fermata.client.internal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Waits that double, half of each by chance, so that clients that were cut at once do not come back at once. */
public final class Backoff {
  private final Duration first;
  private final Duration longest;
  private Duration doubled;

  /**
   * Waits from {@code first} on.
   *
   * @param first the longest first wait
   * @param longest the longest wait of all
   */
  public Backoff(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
    doubled = first;
  }

  /** It works again: the next wait is a first one. */
  public void reset() {
    doubled = first;
  }

  /**
   * The next wait.
   *
   * @param atLeast what the other side asked for
   * @return how long to wait
   */
  public Duration next(Duration atLeast) {
    var most = doubled.compareTo(longest) < 0 ? doubled : longest;
    doubled = most.multipliedBy(2);
    long half = most.toNanos() / 2;
    var wait = Duration.ofNanos(half + ThreadLocalRandom.current().nextLong(half + 1));
    return wait.compareTo(atLeast) < 0 ? atLeast : wait;
  }
}
