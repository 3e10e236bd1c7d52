package dev.fermata.client.operator;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Backoff;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.CreateSessionRequest;
import dev.fermata.v1.GetSessionReportRequest;
import dev.fermata.v1.PreviewSessionRequest;
import dev.fermata.v1.PreviewSessionResponse;
import dev.fermata.v1.Session;
import dev.fermata.v1.SessionEvent;
import dev.fermata.v1.SessionReport;
import dev.fermata.v1.SessionServiceGrpc;
import dev.fermata.v1.SessionSnapshot;
import dev.fermata.v1.SessionSpec;
import dev.fermata.v1.SessionState;
import dev.fermata.v1.WatchSessionRequest;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;

/**
 * An operator or NFVO: creates a session, and follows it to its end.
 *
 * <pre>{@code
 * var operator = new Operator(fermata);
 * var session = operator.create(spec);
 * var report = operator.follow(session.getId(), host -> flash(host));
 * }</pre>
 */
public final class Operator {
  private static final int PAGE = 500;

  private final Fermata fermata;

  /**
   * An operator.
   *
   * @param fermata the connection
   */
  public Operator(Fermata fermata) {
    this.fermata = Objects.requireNonNull(fermata);
  }

  /**
   * Makes the plan of a session without creating it.
   *
   * @param request what would be asked for
   * @return the whole plan, or why there is none; a conflict is not an error
   * @throws FermataException if the request is refused
   */
  public PreviewSessionResponse preview(PreviewSessionRequest request) {
    var preview = new Preview();
    var parts = SessionServiceGrpc.newBlockingStub(fermata.channel()).previewSession(request);
    Fermata.call(
        () -> {
          parts.forEachRemaining(preview::add);
          return null;
        });
    return preview.whole();
  }

  /**
   * Creates a session.
   *
   * @param spec what is asked for
   * @return the session
   * @throws FermataException if it is refused, or if it is not known within five tries whether it was created
   */
  public Session create(SessionSpec spec) {
    return create(spec, UUID.randomUUID().toString());
  }

  /**
   * Creates a session, once for each request id: whoever does not know whether a call was successful repeats it.
   *
   * @param spec what is asked for
   * @param requestId at most 128 characters
   * @return the session
   * @throws FermataException if it is refused, or if it is not known within five tries whether it was created
   */
  public Session create(SessionSpec spec, String requestId) {
    var request = CreateSessionRequest.newBuilder().setSpec(spec).setRequestId(requestId).build();
    return Fermata.call(() -> fermata.sessions().createSession(request)).getSession();
  }

  /**
   * Follows a session to its end, and has the handler work on each host that is empty. While the server is away it waits.
   *
   * @param sessionId the session
   * @param handler what to do
   * @return the report, with all hosts and servers
   * @throws FermataException if trying again cannot mend it
   * @throws InterruptedException if the calling thread is interrupted; work that has begun is interrupted then, too
   */
  public SessionReport follow(String sessionId, OperatorHandler handler) throws InterruptedException {
    var request = WatchSessionRequest.newBuilder().setSessionId(sessionId).build();
    try (var hosts = new Hosts(fermata, sessionId, handler);
        var watch = fermata.watch(request)) {
      while (watch.hasNext()) {
        if (take(watch.next(), hosts, handler)) {
          hosts.awaitReported();
          return report(sessionId);
        }
      }
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while the session " + sessionId + " was followed");
    }
    throw new IllegalStateException("the connection was closed while the session " + sessionId + " was followed");
  }

  /** Returns whether the session has ended. */
  private static boolean take(WatchItem<SessionSnapshot, SessionEvent> item, Hosts hosts, OperatorHandler handler) {
    if (item instanceof WatchItem.Snapshot<SessionSnapshot, SessionEvent> now) {
      hosts.all(now.snapshot().getHostsList());
      return isEnd(now.snapshot().getSession().getStatus().getState());
    }
    if (item instanceof WatchItem.Event<SessionSnapshot, SessionEvent> then) {
      var event = then.event();
      if (event.hasHost()) {
        hosts.one(event.getHost().getHost(), event.getHost().getState());
      }
      handler.onEvent(event);
      return event.hasSession() && isEnd(event.getSession().getState());
    }
    return false;
  }

  private static boolean isEnd(SessionState state) {
    return state == SessionState.SESSION_STATE_COMPLETED || state == SessionState.SESSION_STATE_CANCELLED;
  }

  /**
   * Reads the report of a session, all pages of it.
   *
   * @param sessionId the session
   * @return the report, with all hosts and servers
   * @throws FermataException if it cannot be read
   * @throws InterruptedException if the calling thread is interrupted while it waits for the server
   */
  public SessionReport report(String sessionId) throws InterruptedException {
    var backoff = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(15));
    while (true) {
      try {
        return pages(sessionId);
      } catch (FermataException e) {
        if (!Reported.mayPass(fermata, e)) {
          throw e;
        }
        Thread.sleep(backoff.next(e.retryAfter().orElse(Duration.ZERO)).toMillis());
      }
    }
  }

  private SessionReport pages(String sessionId) {
    var request = GetSessionReportRequest.newBuilder().setSessionId(sessionId).setPageSize(PAGE);
    SessionReport.Builder whole = null;
    do {
      var page = Fermata.call(() -> fermata.sessions().getSessionReport(request.build()));
      whole = whole == null ? page.getReport().toBuilder() : joined(whole, page.getReport());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return whole.build();
  }

  /** A host whose servers did not fit comes again, with the rest of them. */
  private static SessionReport.Builder joined(SessionReport.Builder whole, SessionReport next) {
    for (var host : next.getHostsList()) {
      int last = whole.getHostsCount() - 1;
      if (last >= 0 && whole.getHosts(last).getHost().getHost().equals(host.getHost().getHost())) {
        whole.getHostsBuilder(last).addAllServers(host.getServersList());
      } else {
        whole.addHosts(host);
      }
    }
    whole.addAllNotifications(next.getNotificationsList());
    return whole;
  }
}
