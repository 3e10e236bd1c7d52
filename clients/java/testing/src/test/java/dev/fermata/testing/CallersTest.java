package dev.fermata.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.ConnectOptions;
import dev.fermata.client.Credentials;
import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.client.operator.Operator;
import dev.fermata.client.watch.Interruption;
import dev.fermata.client.watch.WatchItem;
import dev.fermata.v1.ListNotificationsRequest;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.SubscribeRequest;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that speaks TLS and knows its callers. */
class CallersTest {
  @TempDir private Path folder;

  private Certificate certificate;
  private SimulatedFermata server;

  @BeforeEach
  void start() throws Exception {
    certificate = Certificate.create(folder);
    write("principals.toml", principals("fermata_first"));
    write("token", "fermata_first\n");
    server =
        SimulatedFermata.builder()
            .arguments("--server-cert", certificate.certificate().toString())
            .arguments("--server-key", certificate.key().toString())
            .arguments("--principals", folder.resolve("principals.toml").toString())
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** At once, so that nobody reads half of it. */
  private void write(String name, String text) throws Exception {
    var next = Files.writeString(folder.resolve(name + ".next"), text);
    Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String principals(String token) throws Exception {
    var digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes()));
    return """
        [[principal]]
        name = "vnfm"
        roles = ["owner", "operator"]
        projects = ["%s"]
        tokens = ["sha256:%s"]
        """
        .formatted(SimulatedFermata.CORE_NETWORK, digest);
  }

  private Fermata connect(Credentials credentials) {
    return server.connect(ConnectOptions.defaults().withTlsCa(certificate.certificate()).withCredentials(credentials));
  }

  private Fermata connect() {
    return connect(Credentials.tokenFile(folder.resolve("token")));
  }

  private static int list(Fermata fermata, String project) {
    var request = ListNotificationsRequest.newBuilder().setProjectId(project).build();
    return Fermata.call(() -> fermata.notifications().listNotifications(request)).getNotificationsCount();
  }

  private static FermataException refused(Fermata fermata, String project) {
    return assertThrows(FermataException.class, () -> list(fermata, project));
  }

  @Test
  void anOwnerSeesItsOwnProjectOnly() {
    assertEquals(0, list(connect(), SimulatedFermata.CORE_NETWORK));
    // As an operator it could list those of all projects, but subscribe it may only as an owner.
    var foreign = SubscribeRequest.newBuilder().setProjectId(SimulatedFermata.IMS).build();
    try (var watch = connect().watch(foreign)) {
      assertEquals("PROJECT_FOREIGN", assertThrows(FermataException.class, watch::next).name());
    }
    assertEquals("CREDENTIALS_MISSING", refused(connect(Credentials.none()), SimulatedFermata.CORE_NETWORK).name());
    assertEquals("CREDENTIALS_INVALID", refused(connect(Credentials.token("fermata_x")), SimulatedFermata.CORE_NETWORK).name());
  }

  @Test
  void aServerOfAnotherCaIsNotTrusted() {
    var fermata = server.connect(ConnectOptions.defaults().withCredentials(Credentials.token("fermata_first")));
    assertEquals(Status.Code.UNAVAILABLE, refused(fermata, SimulatedFermata.CORE_NETWORK).code());
  }

  @Test
  void aWatchGoesOnWithARenewedToken() throws Exception {
    var request = SubscribeRequest.newBuilder().setProjectId(SimulatedFermata.CORE_NETWORK).build();
    try (var watch = connect().watch(request)) {
      assertInstanceOf(WatchItem.Connected.class, watch.next());
      assertInstanceOf(WatchItem.Snapshot.class, watch.next());
      // The token first: whoever calls between the two would be refused.
      write("token", "fermata_second\n");
      write("principals.toml", principals("fermata_second"));
      var cut = assertInstanceOf(WatchItem.Interrupted.class, watch.next());
      assertEquals(Interruption.FAILED, cut.cause());
      assertEquals("CREDENTIALS_EXPIRED", ((FermataException) cut.error().orElseThrow()).name());
      assertInstanceOf(WatchItem.Connected.class, watch.next());
      new Operator(connect()).create(SimulatedFermata.spec("compute-1").build());
      var asked = assertInstanceOf(WatchItem.Event.class, watch.next());
      assertTrue(((OwnerEvent) asked.event()).hasNotification());
    }
  }
}
