package dev.fermata.conformance;

import dev.fermata.client.ConnectOptions;
import dev.fermata.client.Credentials;
import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.internal.Times;
import dev.fermata.client.owner.Owner;
import dev.fermata.client.watch.Watch;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.SubscribeRequest;
import java.io.IOException;
import java.util.List;

/**
 * The conformance program: an owner, or a watch, that writes a journal of what it does.
 *
 * <p>One suite runs the programs of all SDKs against a server behind a proxy that does harm, and compares what they write. Ends in good
 * order on SIGTERM, with exit code 0; with 1 after an error that trying again cannot mend; with 2 for wrong options.
 */
public final class Main {
  private Main() {}

  /**
   * Runs the program.
   *
   * @param arguments the options, as {@link Options} has them
   * @throws IOException if the journal cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Options options;
    try {
      options = Options.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    try (var journal = new Journal(options.journal());
        var fermata = Fermata.connect(options.server().toString(), connectOptions(options))) {
      if (options.layer().equals("owner")) {
        var owner = owner(fermata, options, journal);
        run(journal, owner::run, owner::stop);
      } else {
        var watch = fermata.watch(request(options));
        run(journal, () -> read(watch, options, journal), watch::close);
      }
    }
  }

  private static void run(Journal journal, Runnable work, Runnable stop) {
    var stopping = new Stopping(Thread.currentThread(), stop);
    Runtime.getRuntime().addShutdownHook(stopping);
    var reason = "stopped";
    try {
      work.run();
    } catch (FermataException e) {
      reason = e.name();
    }
    journal.ended(reason);
    stopping.ended(reason.equals("stopped") ? 0 : 1);
  }

  private static ConnectOptions connectOptions(Options options) {
    var connect = ConnectOptions.defaults();
    if (options.tokenFile().isPresent()) {
      connect = connect.withCredentials(Credentials.tokenFile(options.tokenFile().get()));
    }
    return options.tlsCa().isPresent() ? connect.withTlsCa(options.tlsCa().get()) : connect;
  }

  private static Owner owner(Fermata fermata, Options options, Journal journal) {
    var behaviour = new Behaviour(options.behaviour(), options.slowFor());
    var builder =
        Owner.builder(fermata, options.project(), options.subscription(), behaviour)
            .displayName("conformance")
            .answerMargin(options.answerMargin())
            .listener(new Delayed(journal, options.readDelay()));
    options.heartbeat().ifPresent(builder::heartbeat);
    return builder.build();
  }

  private static SubscribeRequest request(Options options) {
    var request = SubscribeRequest.newBuilder().setProjectId(options.project());
    options.heartbeat().ifPresent(interval -> request.setHeartbeatInterval(Times.duration(interval)));
    return request.build();
  }

  private static void read(Watch<OwnerSnapshot, OwnerEvent> watch, Options options, Journal journal) {
    var delayed = new Delayed(journal, options.readDelay());
    while (watch.hasNext()) {
      delayed.onItem(watch.next());
    }
  }
}
