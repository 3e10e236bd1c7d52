package dev.fermata.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What a test has seen so far, and waits for. */
final class Waiting<T> {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<T> seen = new ArrayList<>();

  synchronized void add(T item) {
    seen.add(item);
    notifyAll();
  }

  synchronized List<T> seen() {
    return List.copyOf(seen);
  }

  /** Waits until so many items are as wanted, and returns them. */
  synchronized List<T> await(int count, String what, Predicate<T> wanted) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      var found = seen.stream().filter(wanted).toList();
      if (found.size() >= count) {
        return found;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return fail("waited for " + what + "; seen: " + seen);
      }
      wait(left);
    }
  }

  T await(String what, Predicate<T> wanted) throws InterruptedException {
    return await(1, what, wanted).get(0);
  }
}
