package dev.fermata.testing;

import dev.fermata.client.ConnectOptions;
import dev.fermata.client.Fermata;
import dev.fermata.client.internal.Times;
import dev.fermata.client.operator.Operator;
import dev.fermata.v1.HostSelection;
import dev.fermata.v1.MaintenanceWindow;
import dev.fermata.v1.SessionReport;
import dev.fermata.v1.SessionSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A server on a simulated cloud, which runs as long as a test needs it.
 *
 * <pre>{@code
 * try (var server = SimulatedFermata.start()) {
 *   var report = server.maintain("compute-1");
 * }
 * }</pre>
 *
 * <p>Database and cloud are kept over {@link #restart}, which comes back on the same port. To play an owner that is away, let none run:
 * Fermata then waits for its whole reply periods. To bring a deadline near, set those of the {@link #spec}.
 */
public final class SimulatedFermata implements AutoCloseable {
  /** The id of the project {@code core-network}: gateway-1 on compute-1, gateway-2 on compute-2. */
  public static final String CORE_NETWORK = "3f6c1c52a0f44d0c9a4be1d0c6f7a101";

  /** The id of the project {@code ims}: proxy-1 on compute-3. */
  public static final String IMS = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202";

  private static final String ANY_PORT = "127.0.0.1:0";

  private final String program;
  private final List<String> arguments;
  private final Path folder;
  private final Path topology;
  private final List<Fermata> connections = new ArrayList<>();
  private String address = ANY_PORT;
  private ServerProcess process;

  private SimulatedFermata(String program, List<String> arguments, Path folder, Path topology) {
    this.program = program;
    this.arguments = arguments;
    this.folder = folder;
    this.topology = topology;
  }

  /**
   * Starts a server on the fast site: hosts compute-1 to compute-3, the empty spare compute-4, and moves of milliseconds.
   *
   * @return the server, which is ready
   */
  public static SimulatedFermata start() {
    return builder().start();
  }

  /**
   * A server with options.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Options of a server. */
  public static final class Builder {
    private String program = programOf(System.getenv("FERMATA_BIN"));
    private String topology;
    private final List<String> arguments = new ArrayList<>();

    private Builder() {}

    private static String programOf(String variable) {
      return variable == null || variable.isEmpty() ? "fermata" : variable;
    }

    /**
     * The program of the server.
     *
     * @param program its path, or its name on the PATH
     * @return this
     */
    public Builder program(String program) {
      this.program = program;
      return this;
    }

    /**
     * The site.
     *
     * @param toml the text of a topology file
     * @return this
     */
    public Builder topology(String toml) {
      topology = toml;
      return this;
    }

    /**
     * Further arguments of {@code fermata serve}.
     *
     * @param arguments for example {@code "--heartbeat-interval", "1s"}
     * @return this
     */
    public Builder arguments(String... arguments) {
      this.arguments.addAll(List.of(arguments));
      return this;
    }

    /**
     * Starts the server, and waits until it is ready.
     *
     * @return the server
     * @throws IllegalStateException if it does not become ready; the message has its log
     */
    public SimulatedFermata start() {
      try {
        var folder = Files.createTempDirectory("simulated-fermata-");
        var file = folder.resolve("topology.toml");
        Files.writeString(file, topology == null ? fastSite() : topology);
        var server = new SimulatedFermata(program, List.copyOf(arguments), folder, file);
        try {
          server.restart();
        } catch (RuntimeException e) {
          server.close();
          throw e;
        }
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static String fastSite() throws IOException {
      try (var in = SimulatedFermata.class.getResourceAsStream("fast-topology.toml")) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    }
  }

  /**
   * The address for {@link Fermata#connect(String)}. The same after a restart.
   *
   * @return for example {@code http://127.0.0.1:40123}; with {@code https} if the arguments name a certificate
   */
  public String target() {
    return (arguments.contains("--server-cert") ? "https://" : "http://") + address;
  }

  /**
   * Connects. The connection is closed with the server.
   *
   * @return the connection
   */
  public Fermata connect() {
    return connect(ConnectOptions.defaults());
  }

  /**
   * Connects. The connection is closed with the server.
   *
   * @param options how, and as whom
   * @return the connection
   */
  public Fermata connect(ConnectOptions options) {
    var connection = Fermata.connect(target(), options);
    synchronized (connections) {
      connections.add(connection);
    }
    return connection;
  }

  /**
   * Starts the server again, on the same port, database and cloud. One that runs is stopped in good order before. Waits until it is
   * ready.
   */
  public void restart() {
    stop();
    var command = new ArrayList<String>(List.of(program, "serve", "--cloud", "simulated", "--listen", address));
    command.addAll(List.of("--http-listen", "off", "--log-format", "json", "--topology", topology.toString()));
    command.addAll(List.of("--database-url", "sqlite://" + folder.resolve("fermata.db") + "?mode=rwc"));
    command.addAll(List.of("--simulated-state", folder.resolve("cloud.json").toString()));
    // A test does not want to wait for what spreads the load of thousands of clients.
    command.addAll(List.of("--reconnect-spread", "0s", "--poll-interval", "50ms", "--shutdown-grace", "5s"));
    command.addAll(arguments);
    process = ServerProcess.start(command);
    address = process.address();
  }

  /** Stops the server in good order. Does nothing if it does not run. */
  public void stop() {
    if (process != null) {
      process.stop();
    }
    process = null;
  }

  /** Kills the server (kill -9). Does nothing if it does not run. */
  public void kill() {
    if (process != null) {
      process.kill();
    }
    process = null;
  }

  /**
   * What the server has logged since it was last started.
   *
   * @return a JSON object on each line; empty if it does not run
   */
  public String log() {
    return process == null ? "" : process.log();
  }

  /**
   * A session over hosts: it starts at once, owners have 30 seconds for each answer, and all hosts may be out of service at once.
   *
   * @param hosts names of compute hosts
   * @return the spec, to be changed as a test needs it
   */
  public static SessionSpec.Builder spec(String... hosts) {
    var answer = Times.duration(Duration.ofSeconds(30));
    return SessionSpec.newBuilder()
        .setHosts(HostSelection.newBuilder().addAllNames(List.of(hosts)))
        .setWindow(MaintenanceWindow.newBuilder().setEndTime(Times.timestamp(Instant.now().plus(Duration.ofDays(1)))))
        .setReason("a test")
        .setAnnounceReplyPeriod(answer)
        .setDrainReplyPeriod(answer)
        .setMaxParallelHosts(Math.max(hosts.length, 1))
        .setMaxParallelActions(16);
  }

  /**
   * Maintains hosts: creates a session, completes each host as soon as it is empty, and waits for the end.
   *
   * @param hosts names of compute hosts
   * @return the report
   * @throws InterruptedException if the calling thread is interrupted
   */
  public SessionReport maintain(String... hosts) throws InterruptedException {
    return maintain(spec(hosts).build());
  }

  /**
   * Maintains hosts: creates a session, completes each host as soon as it is empty, and waits for the end.
   *
   * @param spec the session
   * @return the report
   * @throws InterruptedException if the calling thread is interrupted
   */
  public SessionReport maintain(SessionSpec spec) throws InterruptedException {
    try (var fermata = Fermata.connect(target())) {
      var operator = new Operator(fermata);
      return operator.follow(operator.create(spec).getId(), host -> {});
    }
  }

  /** Ends the connections and the server, and deletes its files. */
  @Override
  public void close() {
    synchronized (connections) {
      connections.forEach(Fermata::close);
      connections.clear();
    }
    // Nobody needs an end in good order any more.
    kill();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException error) throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
