package dev.fermata.client.operator;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.v1.CompleteHostRequest;
import dev.fermata.v1.FailHostRequest;
import dev.fermata.v1.SessionHost;
import dev.fermata.v1.SessionHostState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Works on the hosts that are in maintenance. The reading thread alone calls it. */
final class Hosts implements AutoCloseable {
  private static final int MOST_REASON = 1_024;
  private static final long LAST_REPORT_SECONDS = 30;

  private final Fermata fermata;
  private final String sessionId;
  private final OperatorHandler handler;
  private final ExecutorService threads;
  /** Hosts that are in maintenance, and the work on each. */
  private final Map<String, Work> inMaintenance = new HashMap<>();

  Hosts(Fermata fermata, String sessionId, OperatorHandler handler) {
    this.fermata = fermata;
    this.sessionId = sessionId;
    this.handler = handler;
    threads =
        Executors.newCachedThreadPool(
            task -> {
              var thread = new Thread(task, "fermata-operator");
              thread.setDaemon(true);
              return thread;
            });
  }

  void all(List<SessionHost> hosts) {
    var known = new HashSet<String>();
    for (var host : hosts) {
      known.add(host.getHost());
      one(host.getHost(), host.getState());
    }
    inMaintenance.keySet().stream().filter(host -> !known.contains(host)).toList().forEach(this::left);
  }

  void one(String host, SessionHostState state) {
    if (state != SessionHostState.SESSION_HOST_STATE_IN_MAINTENANCE) {
      left(host);
    } else if (!inMaintenance.containsKey(host)) {
      inMaintenance.put(host, new Work(host));
    }
  }

  /** Waits for reports that are on their way when the session ends: the answer to one may come after its effect. */
  void awaitReported() throws InterruptedException {
    threads.shutdown();
    threads.awaitTermination(LAST_REPORT_SECONDS, TimeUnit.SECONDS);
  }

  private void left(String host) {
    var work = inMaintenance.remove(host);
    if (work != null) {
      work.end();
    }
  }

  private final class Work implements Runnable {
    private final String host;
    private final Future<?> running;
    private volatile boolean isOver;

    Work(String host) {
      this.host = host;
      running = threads.submit(this);
    }

    /** The host is not in maintenance any more. */
    void end() {
      isOver = true;
      running.cancel(true);
    }

    @Override
    public void run() {
      String failure = null;
      try {
        handler.onHostReady(host);
      } catch (Throwable e) { // A host must not stay held because of an assertion of an author's.
        failure = reason(e);
      }
      if (isOver || threads.isShutdown()) {
        return;
      }
      // An interrupt that the work has left behind is not for the report.
      Thread.interrupted();
      try {
        report(host, failure);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (FermataException e) {
        handler.onError(host, e);
      }
    }
  }

  private void report(String host, String failure) throws InterruptedException {
    // One for each time that the host is worked on: it may be tried again later in the same session.
    var requestId = UUID.randomUUID().toString();
    if (failure == null) {
      var request =
          CompleteHostRequest.newBuilder().setSessionId(sessionId).setHost(host).setRequestId(requestId).build();
      Reported.call(fermata, () -> fermata.sessions().completeHost(request));
    } else {
      var request =
          FailHostRequest.newBuilder()
              .setSessionId(sessionId)
              .setHost(host)
              .setReason(failure)
              .setRequestId(requestId)
              .build();
      Reported.call(fermata, () -> fermata.sessions().failHost(request));
    }
  }

  private static String reason(Throwable failure) {
    var text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    return text.codePointCount(0, text.length()) <= MOST_REASON
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MOST_REASON));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
