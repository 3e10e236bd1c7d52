package dev.fermata.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fermata.testing.SimulatedFermata;
import dev.fermata.testing.SimulatedFermataExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SimulatedFermataExtension.class)
class ConformanceTest {
  private static final long PATIENCE_SECONDS = 60;

  @TempDir private Path folder;

  private Path journal() {
    return folder.resolve("journal");
  }

  private Process start(SimulatedFermata server, String... more) throws IOException {
    var command = new ArrayList<String>();
    command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.fermata.conformance.Main"));
    command.addAll(List.of("--server", server.target(), "--project", SimulatedFermata.CORE_NETWORK));
    command.addAll(List.of("--subscription", "conformance", "--journal", journal().toString()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).inheritIO().start();
  }

  private List<JsonObject> lines() throws IOException {
    if (Files.notExists(journal())) {
      return List.of();
    }
    // The last line may be half written.
    return Files.readAllLines(journal()).stream()
        .filter(line -> line.endsWith("}"))
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  private void await(String what, Predicate<JsonObject> wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (lines().stream().noneMatch(wanted)) {
      assertTrue(System.nanoTime() < end, () -> "no " + what + " in the journal");
      Thread.sleep(20);
    }
  }

  private static Predicate<JsonObject> kind(String kind) {
    return line -> line.get("kind").getAsString().equals(kind);
  }

  private static int stop(Process program) throws InterruptedException {
    program.destroy();
    assertTrue(program.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the program goes on after SIGTERM");
    return program.exitValue();
  }

  @Test
  void anOwnerWritesWhatItDoes(SimulatedFermata server) throws Exception {
    var program = start(server, "--layer", "owner", "--behaviour", "raise");
    try {
      await("snapshot", kind("snapshot"));
      server.maintain("compute-1");
      await("acknowledgement", kind("acknowledged"));
      assertEquals(0, stop(program));
    } finally {
      program.destroyForcibly();
    }
    var planned =
        lines().stream()
            .filter(line -> kind("handler").test(line) && line.get("handler").getAsString().equals("planned"))
            .map(line -> line.get("attempt").getAsInt() + " " + line.get("phase").getAsString())
            .toList();
    assertEquals(List.of("1 begin", "1 failed", "2 begin", "2 failed", "3 begin", "3 end"), planned);
    var reply = lines().stream().filter(kind("reply")).findFirst().orElseThrow();
    assertEquals("accept", reply.get("answer").getAsString());
    assertEquals("accepted", reply.get("outcome").getAsString());
    var last = lines().get(lines().size() - 1);
    assertEquals("ended", last.get("kind").getAsString());
    assertEquals("stopped", last.get("reason").getAsString());
  }

  @Test
  void aWatchWritesWhatItSees(SimulatedFermata server) throws Exception {
    var program = start(server, "--layer", "watch", "--heartbeat", "1", "--read-delay", "0.01");
    try {
      await("snapshot", kind("snapshot"));
      // Nobody answers.
      var soon = com.google.protobuf.Duration.newBuilder().setSeconds(1);
      server.maintain(SimulatedFermata.spec("compute-1").setAnnounceReplyPeriod(soon).setDrainReplyPeriod(soon).build());
      await("end", line -> kind("event").test(line) && line.get("change").getAsString().equals("COMPLETED"));
      server.restart();
      await("interruption", kind("interrupted"));
      assertEquals(0, stop(program));
    } finally {
      program.destroyForcibly();
    }
    var sequences =
        lines().stream().filter(kind("event")).map(line -> line.get("sequence").getAsLong()).toList();
    assertEquals(sequences.stream().sorted().distinct().toList(), sequences);
  }

  @Test
  void wrongOptionsAreRefused(SimulatedFermata server) throws Exception {
    var program = start(server, "--layer", "owner", "--behaviour", "sleep");
    assertTrue(program.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
    assertEquals(2, program.exitValue());
  }
}
