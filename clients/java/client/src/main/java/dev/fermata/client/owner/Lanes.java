package dev.fermata.client.owner;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs what has the same key in order, and what has different keys beside each other, up to a limit. What waits to be tried again
 * keeps its lane, and does not count for the limit.
 */
final class Lanes {
  /** A piece of work. */
  @FunctionalInterface
  interface Step {
    /**
     * Runs.
     *
     * @return empty if it is done; else after how long it wants to be run again
     */
    Optional<Duration> run();
  }

  private static final class Lane {
    private final ArrayDeque<Step> steps = new ArrayDeque<>();
    /** Set while its first step waits to be run again. */
    private ScheduledFuture<?> again;
  }

  private final Executor workers;
  private final ScheduledExecutorService timer;
  private final int most;
  private final Map<String, Lane> lanes = new HashMap<>();
  private final ArrayDeque<String> ready = new ArrayDeque<>();
  private final Set<Thread> running = new HashSet<>();
  private int begun;
  private boolean stopped;

  Lanes(Executor workers, ScheduledExecutorService timer, int most) {
    this.workers = workers;
    this.timer = timer;
    this.most = most;
  }

  synchronized void submit(String key, Step step) {
    var lane = lanes.computeIfAbsent(key, unused -> new Lane());
    lane.steps.add(step);
    if (lane.steps.size() == 1) {
      ready.add(key);
      begin();
    }
  }

  /** What waits in this lane to be run again is run at once. */
  synchronized void wake(String key) {
    var lane = lanes.get(key);
    if (lane != null && lane.again != null && lane.again.cancel(false)) {
      lane.again = null;
      ready.add(key);
      begin();
    }
  }

  /** Nothing begins any more. */
  synchronized void stop() {
    stopped = true;
    ready.clear();
  }

  /**
   * Waits until nothing runs.
   *
   * @return whether nothing runs
   */
  synchronized boolean awaitIdle(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (begun > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  synchronized boolean runs(Thread thread) {
    return running.contains(thread);
  }

  /** Interrupts whatever runs. */
  synchronized void interrupt() {
    running.forEach(Thread::interrupt);
  }

  private void begin() {
    while (!stopped && begun < most && !ready.isEmpty()) {
      var key = ready.poll();
      begun++;
      workers.execute(() -> run(key));
    }
  }

  private void run(String key) {
    Step step;
    synchronized (this) {
      step = lanes.get(key).steps.peek();
      running.add(Thread.currentThread());
    }
    Optional<Duration> again = Optional.empty();
    try {
      again = step.run();
    } finally {
      ended(key, again);
    }
  }

  private synchronized void ended(String key, Optional<Duration> again) {
    running.remove(Thread.currentThread());
    begun--;
    notifyAll();
    var lane = lanes.get(key);
    if (again.isPresent()) {
      if (!stopped) {
        lane.again = timer.schedule(() -> ready(key), again.get().toNanos(), TimeUnit.NANOSECONDS);
      }
    } else {
      lane.steps.poll();
      if (lane.steps.isEmpty()) {
        lanes.remove(key);
      } else {
        ready.add(key);
      }
    }
    begin();
  }

  private synchronized void ready(String key) {
    var lane = lanes.get(key);
    if (lane != null && lane.again != null) {
      lane.again = null;
      ready.add(key);
      begin();
    }
  }
}
