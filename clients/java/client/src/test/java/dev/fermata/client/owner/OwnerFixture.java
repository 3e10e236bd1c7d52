package dev.fermata.client.owner;

import static dev.fermata.client.ScriptedStreams.asked;
import static dev.fermata.client.ScriptedStreams.event;
import static dev.fermata.client.owner.ScriptedOwnerServer.take;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.ScriptedServer;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationKind;
import dev.fermata.v1.NotificationState;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSessionChange;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.ServerEvent;
import dev.fermata.v1.Warning;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** An owner that runs against a scripted server. */
@Timeout(60)
abstract class OwnerFixture {
  final ScriptedOwnerServer calls = new ScriptedOwnerServer();
  final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
  final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
  final AtomicReference<Throwable> failure = new AtomicReference<>();
  ScriptedServer server;
  Fermata fermata;
  Owner owner;
  Thread thread;

  /** Writes down what it is told; a test overrides what it decides. */
  class Recording implements OwnerHandler {
    @Override
    public void onServerEvent(ServerEvent event) throws Exception {
      heard.add("server " + event.getServerId());
    }

    @Override
    public void onSessionEvent(OwnerSessionEvent event) {
      heard.add("session " + event.getChange());
    }

    @Override
    public void onComplete(OwnerSessionEvent event) {
      heard.add("complete " + event.getChange());
    }

    @Override
    public void onReplyRefused(Notification asked, FermataException error) {
      heard.add("refused " + error.name());
    }

    @Override
    public void onWarning(Warning warning) {
      heard.add("warning " + warning.getField() + ": " + warning.getMessage());
    }

    @Override
    public void onError(Exception error) {
      heard.add("error " + error.getMessage());
    }
  }

  final class Listener implements OwnerListener {
    @Override
    public void onHandler(HandlerCall call) {
      handled.add(call.handler() + " " + call.id() + " " + call.attempt() + " " + call.phase());
    }

    @Override
    public void onReply(ReplyOutcome reply) {
      outcomes.add(reply.answer() + (reply.isFallback() ? " fallback " : " ") + reply.outcome());
    }
  }

  @BeforeEach
  void startServer() throws Exception {
    server = new ScriptedServer(calls);
    fermata = server.connect();
  }

  @AfterEach
  void stop() throws Exception {
    if (owner != null) {
      owner.close();
    }
    fermata.close();
    server.close();
  }

  OwnerBuilder builder(OwnerHandler handler) {
    return Owner.builder(fermata, "core", "vnfm", handler)
        .listener(new Listener())
        .firstHandlerWait(Duration.ofMillis(10));
  }

  void run(OwnerHandler handler) {
    run(builder(handler));
  }

  void run(OwnerBuilder builder) {
    owner = builder.build();
    thread = new Thread(owner::run);
    thread.setUncaughtExceptionHandler((unused, thrown) -> failure.set(thrown));
    thread.start();
  }

  static Notification.Builder pending(String id, long revision) {
    return Notification.newBuilder()
        .setId(id)
        .setProjectId("core")
        .setSessionId("session")
        .setKind(NotificationKind.NOTIFICATION_KIND_PLANNED)
        .setState(NotificationState.NOTIFICATION_STATE_PENDING)
        .setPlanRevision(revision)
        .setReplyDeadlineTime(Times.timestamp(Instant.now().plus(Duration.ofHours(1))));
  }

  static OwnerEvent session(OwnerSessionChange change) {
    return OwnerEvent.newBuilder().setSession(OwnerSessionEvent.newBuilder().setSessionId("session").setChange(change)).build();
  }

  /** A handler that waits until it is interrupted. */
  static final class Stuck implements OwnerHandler {
    final CountDownLatch began = new CountDownLatch(1);
    final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public Answer onPlanned(Notification asked) throws InterruptedException {
      began.countDown();
      try {
        new CountDownLatch(1).await();
        return Answer.accept();
      } catch (InterruptedException e) {
        interrupted.countDown();
        throw e;
      }
    }
  }

  List<String> handledOf(String handler) {
    return handled.stream().filter(line -> line.startsWith(handler)).toList();
  }

  /** Waits for a position; those before it may be acknowledged first, or not at all. */
  void awaitAcknowledged(long sequence) throws InterruptedException {
    long last = take(calls.acknowledged);
    while (last < sequence) {
      last = take(calls.acknowledged);
    }
    assertEquals(sequence, last);
  }
}
