package dev.fermata.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.owner.Owner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** An owner that runs beside the test. */
final class Running implements AutoCloseable {
  private final Owner owner;
  private final Thread thread;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  Running(Owner owner) {
    this.owner = owner;
    thread = new Thread(owner::run, "owner of a test");
    thread.setUncaughtExceptionHandler((unused, thrown) -> failure.set(thrown));
    thread.start();
  }

  /** Waits for the end, and returns what it ended with; null: it was stopped. */
  Throwable awaitEnd() throws InterruptedException {
    thread.join(TimeUnit.SECONDS.toMillis(60));
    assertTrue(!thread.isAlive(), "the owner goes on");
    return failure.get();
  }

  @Override
  public void close() {
    owner.close();
  }
}
