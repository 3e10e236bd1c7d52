package dev.fermata.client.owner;

import dev.fermata.client.owner.OwnerListener.HandlerCall;
import dev.fermata.client.owner.OwnerListener.Phase;
import dev.fermata.v1.OwnerSessionChange;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.ServerEvent;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** Gives events to their handlers, those of a session in order. */
final class Events {
  private static final int MOST_ATTEMPTS = 5;

  private final Work work;
  private final Lanes lanes;

  Events(Work work, Lanes lanes) {
    this.work = work;
    this.lanes = lanes;
  }

  void server(ServerEvent event, Positions.Ticket ticket) {
    submit("server", event.getServerId(), event.getSessionId(), ticket, () -> work.hooks.handler().onServerEvent(event));
  }

  void session(OwnerSessionEvent event, Positions.Ticket ticket) {
    var id = event.getSessionId();
    var change = event.getChange();
    if (change == OwnerSessionChange.OWNER_SESSION_CHANGE_COMPLETED
        || change == OwnerSessionChange.OWNER_SESSION_CHANGE_CANCELLED) {
      submit("complete", id, id, ticket, () -> work.hooks.handler().onComplete(event));
    } else {
      submit("session", id, id, ticket, () -> work.hooks.handler().onSessionEvent(event));
    }
  }

  private void submit(String handler, String id, String sessionId, Positions.Ticket ticket, Call call) {
    ticket.hold();
    lanes.submit(sessionId, new Delivery(handler, id, sessionId, ticket, call));
  }

  @FunctionalInterface
  private interface Call {
    void make() throws Exception;
  }

  private final class Delivery implements Lanes.Step {
    private final String handler;
    private final String id;
    private final String sessionId;
    private final Positions.Ticket ticket;
    private final Call call;
    private int attempts;

    Delivery(String handler, String id, String sessionId, Positions.Ticket ticket, Call call) {
      this.handler = handler;
      this.id = id;
      this.sessionId = sessionId;
      this.ticket = ticket;
      this.call = call;
    }

    @Override
    public Optional<Duration> run() {
      attempts++;
      tell(Phase.BEGIN);
      var span = work.telemetry.begin(handler, id, sessionId);
      long began = System.nanoTime();
      Exception failure = null;
      try {
        Context.current().with(span).wrap(this::call).call();
      } catch (Exception e) {
        failure = e;
      } catch (Throwable e) { // An assertion of an author's must not stop the events.
        failure = new ExecutionException(e);
      }
      work.telemetry.end(span, handler, began, failure);
      if (failure != null && work.isHalted()) {
        // It comes again after the next start.
        tell(Phase.CANCELLED);
        return Optional.empty();
      }
      tell(failure == null ? Phase.END : Phase.FAILED);
      if (failure != null && attempts < MOST_ATTEMPTS) {
        return Optional.of(work.settings.handlerWait(attempts));
      }
      if (failure != null) {
        work.hooks.error(failure);
      }
      ticket.release();
      return Optional.empty();
    }

    private Void call() throws Exception {
      call.make();
      return null;
    }

    private void tell(Phase phase) {
      var told = new HandlerCall(handler, id, 0, attempts, phase);
      work.hooks.listener(listener -> listener.onHandler(told));
    }
  }
}
