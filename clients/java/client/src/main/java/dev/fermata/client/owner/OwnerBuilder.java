package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Options of an {@link Owner}. */
public final class OwnerBuilder {
  private final Fermata fermata;
  private final String projectId;
  private final String subscriptionId;
  private final OwnerHandler handler;
  private OwnerListener listener = new OwnerListener() {};
  private String displayName = "";
  private int mostHandlers = 64;
  private Duration answerMargin = Duration.ofSeconds(10);
  private Fallback fallback = Fallback.ACCEPT;
  private Duration heartbeat;
  private Executor executor;
  private Duration firstHandlerWait = Duration.ofSeconds(1);

  OwnerBuilder(Fermata fermata, String projectId, String subscriptionId, OwnerHandler handler) {
    this.fermata = Objects.requireNonNull(fermata);
    this.projectId = Objects.requireNonNull(projectId);
    this.subscriptionId = Objects.requireNonNull(subscriptionId);
    this.handler = Objects.requireNonNull(handler);
  }

  /**
   * A name for people.
   *
   * @param displayName for example the name of the VNFM; at most 256 characters
   * @return this
   */
  public OwnerBuilder displayName(String displayName) {
    this.displayName = Objects.requireNonNull(displayName);
    return this;
  }

  /**
   * How many handlers of questions may run at once; as many of events may run beside them. By default 64.
   *
   * @param mostHandlers at least 1
   * @return this
   */
  public OwnerBuilder mostHandlers(int mostHandlers) {
    if (mostHandlers < 1) {
      throw new IllegalArgumentException("mostHandlers is " + mostHandlers + "; at least one handler must run");
    }
    this.mostHandlers = mostHandlers;
    return this;
  }

  /**
   * How long before the deadline of a question the fallback answers, if no handler has. By default 10 seconds. At most a quarter of
   * the time that there was for the answer is taken.
   *
   * @param answerMargin not negative
   * @return this
   */
  public OwnerBuilder answerMargin(Duration answerMargin) {
    if (answerMargin.isNegative()) {
      throw new IllegalArgumentException("answerMargin is " + answerMargin + "; it must not be negative");
    }
    this.answerMargin = answerMargin;
    return this;
  }

  /**
   * What is answered if no handler has answered in time. By default {@link Fallback#ACCEPT}.
   *
   * @param fallback the answer
   * @return this
   */
  public OwnerBuilder fallback(Fallback fallback) {
    this.fallback = Objects.requireNonNull(fallback);
    return this;
  }

  /**
   * How often the server sends a heartbeat when nothing happens. By default as the server likes, which is 15 seconds.
   *
   * @param heartbeat 1 second to 1 day
   * @return this
   */
  public OwnerBuilder heartbeat(Duration heartbeat) {
    this.heartbeat = Objects.requireNonNull(heartbeat);
    return this;
  }

  /**
   * Where handlers and calls run, for example an executor of virtual threads. By default plain threads that are made as needed. It is
   * not shut down by the owner, and must run as many tasks at once as there may be handlers, and a few more.
   *
   * @param executor runs each task on a thread that may block
   * @return this
   */
  public OwnerBuilder executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor);
    return this;
  }

  /**
   * Who sees what the owner does.
   *
   * @param listener for a journal or a test
   * @return this
   */
  public OwnerBuilder listener(OwnerListener listener) {
    this.listener = Objects.requireNonNull(listener);
    return this;
  }

  /** Tests do not want to wait for a second. */
  OwnerBuilder firstHandlerWait(Duration firstHandlerWait) {
    this.firstHandlerWait = firstHandlerWait;
    return this;
  }

  /**
   * The owner, which does nothing before {@link Owner#run}.
   *
   * @return the owner
   */
  public Owner build() {
    var settings =
        new Settings(
            projectId,
            subscriptionId,
            displayName,
            mostHandlers,
            answerMargin,
            fallback,
            Optional.ofNullable(heartbeat),
            Optional.ofNullable(executor),
            firstHandlerWait);
    return new Owner(fermata, settings, new Hooks(handler, listener));
  }
}
