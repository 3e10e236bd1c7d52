package dev.fermata.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.Fermata;
import dev.fermata.client.operator.Operator;
import dev.fermata.testing.SimulatedFermata;
import dev.fermata.testing.SimulatedFermataExtension;
import dev.fermata.v1.Action;
import dev.fermata.v1.DecisionSource;
import dev.fermata.v1.ListSessionsRequest;
import dev.fermata.v1.ListSubscriptionsRequest;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The README says what is so: its programs are taken from it as they stand, compiled and run. */
@ExtendWith(SimulatedFermataExtension.class)
@Timeout(120)
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("```(\\w+)\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("^class (\\w+)", Pattern.MULTILINE);
  /** What is there: this project has no classes of its own. */
  private static final String CLASS_PATH =
      Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
          .filter(path -> Files.exists(Path.of(path)))
          .collect(Collectors.joining(File.pathSeparator));

  @TempDir private Path folder;

  private static List<String> blocks(String language) throws Exception {
    return BLOCK.matcher(Files.readString(Path.of("..", "README.md")))
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  @BeforeEach
  void compile() throws Exception {
    var arguments = new ArrayList<String>(List.of("-Xlint:all", "-Werror", "-proc:none"));
    arguments.addAll(List.of("-cp", CLASS_PATH, "-d", folder.toString()));
    for (var block : blocks("java")) {
      var name = CLASS.matcher(block);
      assertTrue(name.find(), () -> "no class in " + block);
      var file = folder.resolve(name.group(1) + ".java");
      Files.writeString(file, block);
      arguments.add(file.toString());
    }
    assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)));
  }

  private Process start(SimulatedFermata server, String program) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder = new ProcessBuilder(java, "-cp", folder + File.pathSeparator + CLASS_PATH, program);
    builder.environment().put("FERMATA_SERVER", server.target());
    return builder.inheritIO().start();
  }

  @Test
  void theSdkComesFromARepository() {
    var sdk = Arrays.stream(CLASS_PATH.split(File.pathSeparator)).filter(path -> path.contains("fermata-client")).toList();
    assertEquals(1, sdk.size());
    assertTrue(sdk.get(0).endsWith("dev/fermata/fermata-client/0.1.0/fermata-client-0.1.0.jar"), sdk::toString);
  }

  @Test
  void theDependencyIsTheOneThatThisProjectHas() throws Exception {
    var pom = Files.readString(Path.of("pom.xml")).replaceAll("\\s", "");
    assertEquals(1, blocks("xml").size());
    assertTrue(pom.contains(blocks("xml").get(0).replaceAll("\\s", "")));
  }

  @Test
  void ownerAndOperatorBringASessionToItsEnd(SimulatedFermata server) throws Exception {
    var owner = start(server, "Vnfm");
    try {
      var fermata = server.connect();
      var subscriptions = ListSubscriptionsRequest.newBuilder().setProjectId(SimulatedFermata.CORE_NETWORK).build();
      while (Fermata.call(() -> fermata.notifications().listSubscriptions(subscriptions)).getSubscriptionsCount() == 0) {
        Thread.sleep(50);
      }
      var operator = start(server, "Nfvo");
      try {
        assertTrue(operator.waitFor(90, TimeUnit.SECONDS), "the session does not end");
        assertEquals(0, operator.exitValue());
      } finally {
        operator.destroyForcibly();
      }
      var sessions = fermata.sessions().listSessions(ListSessionsRequest.getDefaultInstance());
      var report = new Operator(fermata).report(sessions.getSessions(0).getId());
      var gateway = report.getHosts(0).getServers(0);
      assertEquals(Action.ACTION_MIGRATE, gateway.getAction());
      assertEquals(DecisionSource.DECISION_SOURCE_OWNER, gateway.getDecisionSource());
    } finally {
      owner.destroyForcibly().waitFor();
    }
  }
}
