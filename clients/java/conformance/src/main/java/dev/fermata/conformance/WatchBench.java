package dev.fermata.conformance;

import com.sun.management.OperatingSystemMXBean;
import dev.fermata.client.Fermata;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.HostEvent;
import dev.fermata.v1.HostServiceGrpc;
import dev.fermata.v1.HostsSnapshot;
import dev.fermata.v1.WatchHostsRequest;
import dev.fermata.v1.WatchHostsResponse;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** What the watch costs beside the bare stub: processor time per event, in turns against one server (clients/bench). */
public final class WatchBench {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final WatchHostsRequest REQUEST = WatchHostsRequest.getDefaultInstance();

  private WatchBench() {}

  /**
   * Measures, and prints the best rounds.
   *
   * @param arguments ADDRESS EVENTS ROUNDS
   * @throws Exception if the server cannot be read from
   */
  public static void main(String[] arguments) throws Exception {
    var events = Long.parseLong(arguments[1]);
    var rounds = Integer.parseInt(arguments[2]);
    var channel = ManagedChannelBuilder.forTarget(arguments[0]).usePlaintext().build();
    var bare = Double.POSITIVE_INFINITY;
    var watch = Double.POSITIVE_INFINITY;
    try (var fermata = Fermata.connect("http://" + arguments[0])) {
      for (var round = 0; round < rounds; round++) {
        bare = Math.min(bare, measured(events, () -> readBare(channel)));
        watch = Math.min(watch, measured(events, () -> readWatch(fermata, events)));
      }
    }
    channel.shutdownNow();
    System.out.printf(Locale.ROOT, "{\"bare\": %.3f, \"watch\": %.3f}%n", bare, watch);
  }

  /** With the stub that costs least: the blocking one hands each response to another thread. */
  private static long readBare(ManagedChannel channel) throws Exception {
    var last = new CompletableFuture<Long>();
    var observer =
        new StreamObserver<WatchHostsResponse>() {
          private long sequence;

          @Override
          public void onNext(WatchHostsResponse response) {
            sequence = response.getSequence();
          }

          @Override
          public void onError(Throwable error) {
            last.completeExceptionally(error);
          }

          @Override
          public void onCompleted() {
            last.complete(sequence);
          }
        };
    HostServiceGrpc.newStub(channel).watchHosts(REQUEST, observer);
    return last.get();
  }

  private static long readWatch(Fermata fermata, long events) {
    try (var watch = fermata.watch(REQUEST)) {
      while (watch.hasNext()) {
        if (watch.next() instanceof WatchItem.Event<HostsSnapshot, HostEvent> event && event.position().sequence() == events) {
          return events;
        }
      }
    }
    return 0;
  }

  /** Microseconds of processor time per event, of all threads. */
  private static double measured(long events, Reading reading) throws Exception {
    var before = SYSTEM.getProcessCpuTime();
    var last = reading.read();
    if (last != events) {
      throw new IllegalStateException("the last event was " + last + ", not " + events);
    }
    return (SYSTEM.getProcessCpuTime() - before) / 1e3 / events;
  }

  private interface Reading {
    long read() throws Exception;
  }
}
