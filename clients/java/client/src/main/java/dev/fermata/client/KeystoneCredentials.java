package dev.fermata.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/** Tokens of Keystone, each used until a minute before its end. */
final class KeystoneCredentials implements Credentials {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration BEFORE_END = Duration.ofMinutes(1);

  private record Token(String value, Instant renewAt) {}

  private final Keystone login;
  private final URI tokens;
  private final HttpClient client;
  private Token current;

  KeystoneCredentials(Keystone login) {
    this.login = login;
    var url = login.authUrl().toString().replaceAll("/+$", "");
    tokens = URI.create((url.endsWith("/v3") ? url : url + "/v3") + "/auth/tokens");
    var builder = HttpClient.newBuilder().connectTimeout(TIMEOUT);
    login.ca().ifPresent(ca -> builder.sslContext(Pem.trusting(ca)));
    client = builder.build();
  }

  /** One thread at a time, so that a token that has ended is renewed once. */
  @Override
  public synchronized String token() throws IOException {
    if (current == null || !Instant.now().isBefore(current.renewAt)) {
      current = issue();
    }
    return current.value;
  }

  @Override
  public boolean renewable() {
    return true;
  }

  @Override
  public synchronized void expired(String token) {
    if (current != null && current.value.equals(token)) {
      current = null;
    }
  }

  @Override
  public String toString() {
    return "Keystone " + login;
  }

  private Token issue() throws IOException {
    var request =
        HttpRequest.newBuilder(tokens)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body().toString()))
            .build();
    HttpResponse<String> response;
    try {
      response = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while Keystone was asked for a token", e);
    }
    int status = response.statusCode();
    if (status == 201) {
      return read(response);
    }
    var message = "Keystone " + tokens + " answered " + status + " to the " + login.method();
    // Too many requests, and what a server does wrong, pass.
    if (status == 429 || status >= 500) {
      throw new IOException(message);
    }
    throw new CredentialsRefusedException(message, null);
  }

  private Token read(HttpResponse<String> response) throws IOException {
    try {
      var value =
          response.headers().firstValue("X-Subject-Token").orElseThrow(() -> new IOException("Keystone gave no token"));
      var token = JsonParser.parseString(response.body()).getAsJsonObject().getAsJsonObject("token");
      var end = Instant.parse(token.get("expires_at").getAsString());
      // A token that lasts only a minute or two must be of use for a while, too.
      var left = Duration.between(Instant.now(), end);
      var margin = left.compareTo(BEFORE_END.multipliedBy(2)) < 0 ? left.dividedBy(2) : BEFORE_END;
      return new Token(value, end.minus(margin).truncatedTo(ChronoUnit.MILLIS));
    } catch (JsonParseException | IllegalStateException | NullPointerException | DateTimeParseException e) {
      throw new IOException("Keystone " + tokens + " gave a token that cannot be read", e);
    }
  }

  private JsonObject body() {
    var identity = new JsonObject();
    var methods = new JsonArray();
    identity.add("methods", methods);
    if (login.method() instanceof Keystone.Password password) {
      methods.add("password");
      var user = named(password.user());
      user.addProperty("password", password.password());
      identity.add("password", with("user", user));
    } else if (login.method() instanceof Keystone.ApplicationCredential credential) {
      methods.add("application_credential");
      var id = new JsonObject();
      id.addProperty("id", credential.id());
      id.addProperty("secret", credential.secret());
      identity.add("application_credential", id);
    }
    var auth = with("identity", identity);
    if (login.scope() instanceof Keystone.Project project) {
      auth.add("scope", with("project", named(project.project())));
    } else if (login.scope() instanceof Keystone.SystemScope) {
      var all = new JsonObject();
      all.addProperty("all", true);
      auth.add("scope", with("system", all));
    }
    return with("auth", auth);
  }

  private static JsonObject named(Keystone.Named named) {
    var json = new JsonObject();
    if (!named.id().isEmpty()) {
      json.addProperty("id", named.id());
      return json;
    }
    json.addProperty("name", named.name());
    var domain = new JsonObject();
    if (named.domainId().isEmpty()) {
      domain.addProperty("name", named.domainName());
    } else {
      domain.addProperty("id", named.domainId());
    }
    json.add("domain", domain);
    return json;
  }

  private static JsonObject with(String name, JsonObject value) {
    var json = new JsonObject();
    json.add(name, value);
    return json;
  }
}
