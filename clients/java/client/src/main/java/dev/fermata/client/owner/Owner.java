package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An owner of servers (a VNFM): takes part for a project, and has a handler answer what it is asked.
 *
 * <pre>{@code
 * try (var fermata = Fermata.connect("http://127.0.0.1:7400")) {
 *   Owner.of(fermata, "core-network", "my-vnfm", new OwnerHandler() {
 *     public Answer onDrain(Notification asked) {
 *       return Answer.accept(Action.ACTION_LIVE_MIGRATE);
 *     }
 *   }).run();
 * }
 * }</pre>
 *
 * <p>{@link #run} puts the subscription, goes on after what was acknowledged, and returns after {@link #close}. While the server is
 * away it waits. Nothing is kept here: the position is in the subscription, so an owner may be killed and started again at any time.
 * A question that was answered before may then be given to the handler again; the first answer stands.
 */
public final class Owner implements AutoCloseable {
  private final Fermata fermata;
  private final Settings settings;
  private final Hooks hooks;
  private final AtomicReference<Run> run = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stopped;

  Owner(Fermata fermata, Settings settings, Hooks hooks) {
    this.fermata = fermata;
    this.settings = settings;
    this.hooks = hooks;
  }

  /**
   * An owner with the defaults of {@link OwnerBuilder}.
   *
   * @param fermata the connection
   * @param projectId the project of the servers
   * @param subscriptionId the name of the subscription in the project, the same after every start: 1 to 128 letters, digits,
   *     {@code -}, {@code _} or {@code .}
   * @param handler what to do
   * @return the owner
   */
  public static Owner of(Fermata fermata, String projectId, String subscriptionId, OwnerHandler handler) {
    return builder(fermata, projectId, subscriptionId, handler).build();
  }

  /**
   * An owner with options.
   *
   * @param fermata the connection
   * @param projectId the project of the servers
   * @param subscriptionId the name of the subscription in the project, the same after every start
   * @param handler what to do
   * @return the builder
   */
  public static OwnerBuilder builder(Fermata fermata, String projectId, String subscriptionId, OwnerHandler handler) {
    return new OwnerBuilder(fermata, projectId, subscriptionId, handler);
  }

  /**
   * Takes part until {@link #close} is called, the calling thread is interrupted, or the connection is closed. May be called once.
   *
   * @throws FermataException if trying again cannot mend it, for example without the right role
   * @throws IllegalStateException if it was called before
   */
  public void run() {
    try (var work = new Work(fermata, settings, hooks)) {
      var mine = new Run(work);
      if (!run.compareAndSet(null, mine)) {
        throw new IllegalStateException("an owner runs once");
      }
      if (stopped) {
        mine.stop();
      }
      try {
        mine.participate();
      } finally {
        ended.countDown();
      }
    }
  }

  /** Has {@link #run} return soon, and does not wait for it. */
  public void stop() {
    stopped = true;
    var running = run.get();
    if (running != null) {
      running.stop();
    }
  }

  /**
   * Stops: no handler begins any more, those that run have 10 seconds, and the position is acknowledged. Waits until {@link #run}
   * has done so, unless a handler calls this.
   */
  @Override
  public void close() {
    stop();
    var running = run.get();
    if (running == null || running.isMine(Thread.currentThread())) {
      return;
    }
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
