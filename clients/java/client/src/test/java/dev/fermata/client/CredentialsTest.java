package dev.fermata.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.v1.HostServiceGrpc;
import dev.fermata.v1.ListHostsRequest;
import dev.fermata.v1.ListHostsResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
  /** Says so often that the token has expired. */
  private static final class Hosts extends HostServiceGrpc.HostServiceImplBase {
    private final AtomicInteger expired;

    Hosts(int expired) {
      this.expired = new AtomicInteger(expired);
    }

    @Override
    public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> answer) {
      if (expired.getAndDecrement() > 0) {
        answer.onError(ScriptedServer.error(Status.Code.UNAUTHENTICATED, "CREDENTIALS_EXPIRED"));
        return;
      }
      answer.onNext(ListHostsResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  /** Gives token-1, and the next one after each that has expired. */
  private static final class Renewed implements Credentials {
    private final List<String> expired = new CopyOnWriteArrayList<>();

    @Override
    public String token() {
      return "token-" + (expired.size() + 1);
    }

    @Override
    public boolean renewable() {
      return true;
    }

    @Override
    public void expired(String token) {
      expired.add(token);
    }
  }

  private static void call(ScriptedServer server, Credentials credentials) {
    try (var fermata = Fermata.connect(server.target(), ConnectOptions.defaults().withCredentials(credentials))) {
      Fermata.call(() -> fermata.hosts().listHosts(ListHostsRequest.getDefaultInstance()));
    }
  }

  @Test
  void aTokenIsSentAndNeverShown() throws Exception {
    var credentials = Credentials.token("s3cret\n");
    try (var server = new ScriptedServer(new Hosts(0))) {
      call(server, credentials);
      assertEquals(List.of("Bearer s3cret"), server.header("authorization"));
    }
    assertFalse(credentials.toString().contains("s3cret"));
    assertFalse(new Keystone.Password(Keystone.Named.name("kim"), "s3cret").toString().contains("s3cret"));
    assertFalse(new Keystone.ApplicationCredential("id", "s3cret").toString().contains("s3cret"));
  }

  @Test
  void aTokenWithForeignCharactersIsNotSent() throws Exception {
    try (var server = new ScriptedServer(new Hosts(0))) {
      var error = assertThrows(FermataException.class, () -> call(server, Credentials.token("a\nb")));
      assertEquals(Status.Code.UNAUTHENTICATED, error.code());
      assertFalse(error.getMessage().contains("a\nb"));
    }
  }

  @Test
  void aTokenFileIsReadForEachCall(@TempDir Path folder) throws Exception {
    var file = folder.resolve("token");
    var credentials = Credentials.tokenFile(file);
    try (var server = new ScriptedServer(new Hosts(0))) {
      var error = assertThrows(FermataException.class, () -> call(server, credentials));
      assertEquals(Status.Code.UNAUTHENTICATED, error.code());
      assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
      Files.writeString(file, "first\n");
      call(server, credentials);
      Files.writeString(file, "second\n");
      call(server, credentials);
      assertEquals(List.of("Bearer first", "Bearer second"), server.header("authorization"));
    }
  }

  @Test
  void aCallIsMadeOnceMoreWithTheNextToken() throws Exception {
    var credentials = new Renewed();
    try (var server = new ScriptedServer(new Hosts(1))) {
      call(server, credentials);
      assertEquals(List.of("Bearer token-1", "Bearer token-2"), server.header("authorization"));
    }
    assertEquals(List.of("token-1"), credentials.expired);
  }

  @Test
  void aCallIsNotMadeAThirdTime() throws Exception {
    var credentials = new Renewed();
    try (var server = new ScriptedServer(new Hosts(9))) {
      var error = assertThrows(FermataException.class, () -> call(server, credentials));
      assertEquals("CREDENTIALS_EXPIRED", error.name());
      assertEquals(2, server.headers().size());
    }
    assertEquals(List.of("token-1", "token-2"), credentials.expired);
  }

  @Test
  void aFixedTokenIsNotTriedAgain() throws Exception {
    try (var server = new ScriptedServer(new Hosts(1))) {
      var error = assertThrows(FermataException.class, () -> call(server, Credentials.token("t")));
      assertEquals("CREDENTIALS_EXPIRED", error.name());
      assertEquals(1, server.headers().size());
    }
  }

  @Test
  void withoutATokenForAWhileACallIsTriedAgain() throws Exception {
    var asked = new AtomicInteger();
    Credentials credentials =
        () -> {
          if (asked.incrementAndGet() < 3) {
            throw new IOException("no answer");
          }
          return "t";
        };
    try (var server = new ScriptedServer(new Hosts(0))) {
      call(server, credentials);
      assertEquals(List.of("Bearer t"), server.header("authorization"));
    }
    assertEquals(3, asked.get());
  }

  @Test
  void withoutATokenACallIsUnavailable() throws Exception {
    Credentials credentials =
        () -> {
          throw new IOException("no answer");
        };
    try (var server = new ScriptedServer(new Hosts(0))) {
      var error = assertThrows(FermataException.class, () -> call(server, credentials));
      assertEquals(Status.Code.UNAVAILABLE, error.code());
      assertTrue(error.getMessage().contains("no answer"), error.getMessage());
      assertEquals(List.of(), server.headers());
    }
  }
}
