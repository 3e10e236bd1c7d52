package dev.fermata.client.owner;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/** How an owner works. */
record Settings(
    String projectId,
    String subscriptionId,
    String displayName,
    int mostHandlers,
    Duration answerMargin,
    Fallback fallback,
    Optional<Duration> heartbeat,
    Optional<Executor> executor,
    Duration firstHandlerWait) {
  private static final Duration LONGEST_HANDLER_WAIT = Duration.ofSeconds(30);
  private static final int MOST_DOUBLINGS = 10;

  /** How long a handler that failed waits before it is called again. */
  Duration handlerWait(int attempts) {
    var doubled = firstHandlerWait.multipliedBy(1L << Math.min(attempts - 1, MOST_DOUBLINGS));
    return doubled.compareTo(LONGEST_HANDLER_WAIT) < 0 ? doubled : LONGEST_HANDLER_WAIT;
  }
}
