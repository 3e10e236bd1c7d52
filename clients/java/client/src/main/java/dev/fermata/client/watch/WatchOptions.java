package dev.fermata.client.watch;

import java.time.Duration;

/**
 * How patient a watch is.
 *
 * @param firstWait the longest wait after the first failure; it doubles with each further one
 * @param longestWait the longest wait after any failure, unless the server asks for more
 * @param openTimeout how long opening a stream may take
 * @param maxSnapshotBytes the most bytes that a snapshot may take, all its parts together; a larger one ends the watch with
 *     RESOURCE_EXHAUSTED
 */
public record WatchOptions(Duration firstWait, Duration longestWait, Duration openTimeout, long maxSnapshotBytes) {
  private static final WatchOptions DEFAULTS =
      new WatchOptions(Duration.ofMillis(250), Duration.ofSeconds(15), Duration.ofSeconds(10), 64L << 20);

  /**
   * 250 ms, doubled up to 15 s; 10 s to open; 64 MiB.
   *
   * @return the options
   */
  public static WatchOptions defaults() {
    return DEFAULTS;
  }
}
