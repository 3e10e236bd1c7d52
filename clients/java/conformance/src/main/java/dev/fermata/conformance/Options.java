package dev.fermata.conformance;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The options, the same for all SDKs. */
record Options(
    URI server,
    String project,
    String subscription,
    Path journal,
    String layer,
    Optional<Path> tokenFile,
    Optional<Path> tlsCa,
    Optional<Duration> heartbeat,
    String behaviour,
    Duration slowFor,
    Duration readDelay,
    Duration answerMargin) {
  private static final Set<String> NAMES =
      Set.of(
          "--server",
          "--project",
          "--subscription",
          "--journal",
          "--layer",
          "--token-file",
          "--tls-ca",
          "--heartbeat",
          "--behaviour",
          "--slow-for",
          "--read-delay",
          "--answer-margin");
  private static final Set<String> LAYERS = Set.of("watch", "owner");
  private static final Set<String> BEHAVIOURS = Set.of("accept", "reject", "raise", "slow", "counter_offer", "no_answer");

  static Options parse(List<String> arguments) {
    var given = new HashMap<String, String>();
    for (int i = 0; i < arguments.size(); i += 2) {
      var name = arguments.get(i);
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException("there is no option " + name);
      }
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(name + " needs a value");
      }
      given.put(name, arguments.get(i + 1));
    }
    return new Options(
        URI.create(required(given, "--server")),
        required(given, "--project"),
        required(given, "--subscription"),
        Path.of(required(given, "--journal")),
        oneOf(LAYERS, required(given, "--layer")),
        Optional.ofNullable(given.get("--token-file")).map(Path::of),
        Optional.ofNullable(given.get("--tls-ca")).map(Path::of),
        Optional.ofNullable(given.get("--heartbeat")).map(Options::seconds),
        oneOf(BEHAVIOURS, given.getOrDefault("--behaviour", "accept")),
        seconds(given.getOrDefault("--slow-for", "0")),
        seconds(given.getOrDefault("--read-delay", "0")),
        seconds(given.getOrDefault("--answer-margin", "10")));
  }

  private static String required(Map<String, String> given, String name) {
    return Optional.ofNullable(given.get(name)).orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
  }

  private static String oneOf(Set<String> values, String value) {
    if (!values.contains(value)) {
      throw new IllegalArgumentException(value + " is none of " + values.stream().sorted().toList());
    }
    return value;
  }

  private static Duration seconds(String text) {
    return Duration.ofNanos(Math.round(Double.parseDouble(text) * 1e9));
  }
}
