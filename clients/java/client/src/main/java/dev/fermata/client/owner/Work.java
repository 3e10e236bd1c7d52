package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** What the parts of a running owner share: the connection, threads, hooks, and whether it has stopped for good. */
final class Work implements AutoCloseable {
  final Fermata fermata;
  final Settings settings;
  final Hooks hooks;
  final Telemetry telemetry;
  final Replies replies;
  /** Runs handlers and calls. */
  final Executor workers;
  /** Never blocks: it only begins things. */
  final ScheduledExecutorService timer;

  private final CountDownLatch halted = new CountDownLatch(1);
  private final ExecutorService own;

  Work(Fermata fermata, Settings settings, Hooks hooks) {
    this.fermata = fermata;
    this.settings = settings;
    this.hooks = hooks;
    telemetry = new Telemetry(fermata.options().openTelemetry());
    replies = new Replies(fermata, halted);
    own = settings.executor().isPresent() ? null : Executors.newCachedThreadPool(daemons("fermata-owner-"));
    var chosen = settings.executor().orElse(own);
    workers = task -> execute(chosen, task);
    var scheduled = new ScheduledThreadPoolExecutor(1, daemons("fermata-owner-timer-"));
    scheduled.setRemoveOnCancelPolicy(true);
    timer = scheduled;
  }

  /** What still runs is not wanted any more: what is not answered is not acknowledged either. */
  void halt() {
    halted.countDown();
  }

  boolean isHalted() {
    return halted.getCount() == 0;
  }

  /** Whether the same call may succeed later. */
  boolean mayPass(FermataException error) {
    return replies.mayPass(error);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    if (own != null) {
      own.shutdownNow();
    }
  }

  private void execute(Executor executor, Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      // At the end nobody waits for it; an executor of the author's must not refuse before.
      if (!isHalted()) {
        throw e;
      }
    }
  }

  private static ThreadFactory daemons(String prefix) {
    var count = new AtomicInteger();
    return task -> {
      var thread = new Thread(task, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
