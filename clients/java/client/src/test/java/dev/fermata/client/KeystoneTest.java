package dev.fermata.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeystoneTest {
  private final List<JsonObject> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile int status = 201;
  private volatile Duration lifetime = Duration.ofHours(1);

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/identity/v3/auth/tokens", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(JsonParser.parseString(body).getAsJsonObject().getAsJsonObject("auth"));
    exchange.getResponseHeaders().add("X-Subject-Token", "token-" + asked.size());
    var expires = Instant.now().plus(lifetime);
    var answer = ("{\"token\": {\"expires_at\": \"" + expires + "\"}}").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/identity";
  }

  private Credentials credentials(Map<String, String> more) {
    var variables = new java.util.HashMap<>(more);
    variables.put("OS_AUTH_URL", url());
    return Credentials.keystone(Keystone.from(variables));
  }

  private Credentials password() {
    return credentials(
        Map.of(
            "OS_USERNAME", "kim",
            "OS_USER_DOMAIN_NAME", "people",
            "OS_PASSWORD", "s3cret",
            "OS_PROJECT_NAME", "core",
            "OS_PROJECT_DOMAIN_ID", "default"));
  }

  @Test
  void aPasswordGetsATokenForAProject() throws Exception {
    assertEquals("token-1", password().token());
    var expected =
        """
        {"identity": {"methods": ["password"],
          "password": {"user": {"name": "kim", "domain": {"name": "people"}, "password": "s3cret"}}},
         "scope": {"project": {"name": "core", "domain": {"id": "default"}}}}
        """;
    assertEquals(JsonParser.parseString(expected), asked.get(0));
  }

  @Test
  void anApplicationCredentialHasItsOwnScope() throws Exception {
    var credentials =
        credentials(Map.of("OS_APPLICATION_CREDENTIAL_ID", "id-1", "OS_APPLICATION_CREDENTIAL_SECRET", "s3cret"));
    assertEquals("token-1", credentials.token());
    var expected =
        """
        {"identity": {"methods": ["application_credential"],
          "application_credential": {"id": "id-1", "secret": "s3cret"}}}
        """;
    assertEquals(JsonParser.parseString(expected), asked.get(0));
  }

  @Test
  void theSystemIsAScope() throws Exception {
    credentials(Map.of("OS_USER_ID", "u", "OS_PASSWORD", "p", "OS_SYSTEM_SCOPE", "all")).token();
    assertEquals(JsonParser.parseString("{\"system\": {\"all\": true}}"), asked.get(0).get("scope"));
  }

  @Test
  void aTokenIsKeptUntilItHasExpired() throws Exception {
    var credentials = password();
    assertEquals("token-1", credentials.token());
    assertEquals("token-1", credentials.token());
    credentials.expired("another");
    assertEquals("token-1", credentials.token());
    credentials.expired("token-1");
    assertEquals("token-2", credentials.token());
    assertTrue(credentials.renewable());
  }

  @Test
  void aTokenThatHasEndedIsRenewed() throws Exception {
    lifetime = Duration.ofSeconds(-1);
    var credentials = password();
    assertNotEquals(credentials.token(), credentials.token());
  }

  @Test
  void aWrongPasswordIsNotTriedAgainButABusyKeystoneIs() {
    status = 401;
    var refused = assertThrows(CredentialsRefusedException.class, () -> password().token());
    assertTrue(refused.getMessage().contains("401"), refused.getMessage());
    assertFalse(refused.getMessage().contains("s3cret"));
    status = 503;
    var busy = assertThrows(IOException.class, () -> password().token());
    assertFalse(busy instanceof CredentialsRefusedException);
  }

  @Test
  void aKeystoneThatIsAwayMayComeBack() {
    server.stop(0);
    var away = assertThrows(IOException.class, () -> password().token());
    assertFalse(away instanceof CredentialsRefusedException);
  }

  @Test
  void aMissingVariableIsNamed() {
    var error = assertThrows(IllegalArgumentException.class, () -> Keystone.from(Map.of("OS_AUTH_URL", url())));
    assertEquals("the variable OS_PASSWORD is not set", error.getMessage());
  }

  @Test
  void theVersionMayBeInTheAddress() throws Exception {
    var login =
        new Keystone(
            URI.create(url() + "/v3/"),
            new Keystone.Password(Keystone.Named.id("u"), "p"),
            new Keystone.Project(Keystone.Named.id("p")),
            Optional.empty());
    assertEquals("token-1", Credentials.keystone(login).token());
  }
}
