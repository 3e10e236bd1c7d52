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
    Optional<Executor> executor) {}
