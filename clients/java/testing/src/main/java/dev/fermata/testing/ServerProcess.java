package dev.fermata.testing;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server that runs: where it listens, and what it logs. */
final class ServerProcess {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  /** If a test ends without closing it, the server ends with the Java machine. */
  private final Thread atExit;

  private final StringBuffer log = new StringBuffer();
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private String address = "";

  private ServerProcess(Process process) {
    this.process = process;
    atExit = new Thread(process::destroyForcibly);
  }

  static ServerProcess start(List<String> command) {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IllegalStateException("the server cannot be started; FERMATA_BIN names its program", e);
    }
    var started = new ServerProcess(process);
    Runtime.getRuntime().addShutdownHook(started.atExit);
    var reader = new Thread(started::read, "simulated-fermata-log");
    reader.setDaemon(true);
    reader.start();
    started.awaitReady();
    return started;
  }

  String address() {
    return address;
  }

  String log() {
    return log.toString();
  }

  void stop() {
    // Process.destroy() would close the log as well, and what the server says last would be lost.
    process.toHandle().destroy();
    awaitEnd();
  }

  void kill() {
    process.toHandle().destroyForcibly();
    awaitEnd();
  }

  private void awaitReady() {
    try {
      address = ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The log says why.
    }
    kill();
    throw new IllegalStateException("the server did not become ready:\n" + log);
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException alreadyExiting) {
      // It runs.
    }
  }

  private void read() {
    var listening = "";
    try (var lines = new BufferedReader(process.inputReader(StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        log.append(line).append('\n');
        var message = text(line, "message");
        if (message.equals("listening")) {
          listening = text(line, "grpc");
        } else if (message.equals("ready")) {
          ready.complete(listening);
        }
      }
    } catch (IOException e) {
      log.append(e).append('\n');
    } finally {
      ready.completeExceptionally(new IllegalStateException("the server ended"));
    }
  }

  /** A field of a line of the log, at its top or among its {@code fields}. */
  private static String text(String line, String name) {
    try {
      var json = JsonParser.parseString(line);
      if (json instanceof JsonObject object) {
        JsonElement value = object.get(name);
        if (value == null && object.get("fields") instanceof JsonObject fields) {
          value = fields.get(name);
        }
        return value == null ? "" : value.getAsString();
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException notOurs) {
      // For example a message of the loader's: it is in the log.
    }
    return "";
  }
}
