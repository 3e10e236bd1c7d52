package dev.fermata.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.fermata.client.FermataException;
import dev.fermata.client.owner.OwnerListener;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationState;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.ServerEvent;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Locale;

/** One JSON object on each line, flushed at once. */
final class Journal implements OwnerListener, AutoCloseable {
  private final BufferedWriter out;

  Journal(Path file) throws IOException {
    out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Override
  public void onItem(WatchItem<OwnerSnapshot, OwnerEvent> item) {
    if (item instanceof WatchItem.Snapshot<OwnerSnapshot, OwnerEvent> snapshot) {
      var line = line("snapshot");
      line.addProperty("sequence", snapshot.position().sequence());
      line.addProperty("store_id", snapshot.position().storeId());
      var servers = new JsonArray();
      snapshot.snapshot().getServersList().stream().map(AffectedServer::getServerId).forEach(servers::add);
      line.add("servers", servers);
      var notifications = new JsonArray();
      snapshot.snapshot().getNotificationsList().stream().map(Journal::brief).forEach(notifications::add);
      line.add("notifications", notifications);
      write(line);
    } else if (item instanceof WatchItem.Event<OwnerSnapshot, OwnerEvent> event) {
      var line = line("event");
      line.addProperty("sequence", event.position().sequence());
      describe(event.event(), line);
      write(line);
    } else if (item instanceof WatchItem.Interrupted<OwnerSnapshot, OwnerEvent> cut) {
      var line = line("interrupted");
      line.addProperty("cause", cut.cause().name().toLowerCase(Locale.ROOT));
      line.addProperty("code", cut.error().map(FermataException::code).map(Enum::name).orElse("OK"));
      write(line);
    } else {
      write(line("connected"));
    }
  }

  @Override
  public void onHandler(HandlerCall call) {
    var line = line("handler");
    line.addProperty("handler", call.handler());
    line.addProperty("id", call.id());
    line.addProperty("plan_revision", call.planRevision());
    line.addProperty("attempt", call.attempt());
    line.addProperty("phase", call.phase().name().toLowerCase(Locale.ROOT));
    write(line);
  }

  @Override
  public void onReply(ReplyOutcome reply) {
    var line = line("reply");
    line.addProperty("id", reply.asked().getId());
    line.addProperty("plan_revision", reply.asked().getPlanRevision());
    line.addProperty("answer", reply.answer().name());
    line.addProperty("fallback", reply.isFallback());
    line.addProperty("outcome", reply.outcome());
    write(line);
  }

  @Override
  public void onAcknowledged(long sequence) {
    var line = line("acknowledged");
    line.addProperty("sequence", sequence);
    write(line);
  }

  void ended(String reason) {
    var line = line("ended");
    line.addProperty("reason", reason);
    write(line);
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }

  private static void describe(OwnerEvent event, JsonObject line) {
    long planRevision = 0;
    switch (event.getEventCase()) {
      case NOTIFICATION -> {
        var notification = event.getNotification();
        planRevision = notification.getPlanRevision();
        describe(line, "notification", notification.getId(), state(notification.getState()));
      }
      case SERVER -> {
        ServerEvent server = event.getServer();
        describe(line, "server", server.getServerId(), brief(server.getChange(), "SERVER_CHANGE_"));
      }
      case SESSION -> {
        OwnerSessionEvent session = event.getSession();
        describe(line, "session", session.getSessionId(), brief(session.getChange(), "OWNER_SESSION_CHANGE_"));
      }
      case EVENT_NOT_SET -> describe(line, "unknown", "", "");
    }
    line.addProperty("plan_revision", planRevision);
  }

  private static void describe(JsonObject line, String what, String id, String change) {
    line.addProperty("what", what);
    line.addProperty("id", id);
    line.addProperty("change", change);
  }

  private static JsonArray brief(Notification notification) {
    var brief = new JsonArray();
    brief.add(notification.getId());
    brief.add(notification.getPlanRevision());
    brief.add(state(notification.getState()));
    return brief;
  }

  private static String state(NotificationState state) {
    return brief(state, "NOTIFICATION_STATE_");
  }

  private static String brief(Enum<?> value, String prefix) {
    return value.name().startsWith(prefix) ? value.name().substring(prefix.length()) : value.name();
  }

  private static JsonObject line(String kind) {
    var now = Instant.now();
    var line = new JsonObject();
    line.addProperty("at", BigDecimal.valueOf(now.toEpochMilli(), 3));
    line.addProperty("kind", kind);
    return line;
  }

  private synchronized void write(JsonObject line) {
    try {
      out.write(line.toString());
      out.newLine();
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
