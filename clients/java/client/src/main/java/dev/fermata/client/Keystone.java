package dev.fermata.client;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How to get a token of Keystone: with a password, or with an application credential.
 *
 * @param authUrl the address of Keystone, with or without {@code /v3}
 * @param method the credential
 * @param scope what the token is for; an application credential has its own
 * @param ca PEM file of the CA that signed the certificate of Keystone; empty: those of the system
 */
public record Keystone(URI authUrl, Method method, Scope scope, Optional<Path> ca) {

  /** A credential. Its text form hides the secret. */
  public sealed interface Method permits Password, ApplicationCredential {}

  /** What a token is for. */
  public sealed interface Scope permits Project, SystemScope, OwnScope {}

  /**
   * Something in Keystone that has an id, or a name in a domain.
   *
   * @param id its id; empty if it is named
   * @param name its name; empty if the id says it
   * @param domainId the id of the domain of the name; empty if the domain is named
   * @param domainName the name of the domain of the name
   */
  public record Named(String id, String name, String domainId, String domainName) {
    /**
     * By id.
     *
     * @param id the id
     * @return the reference
     */
    public static Named id(String id) {
      return new Named(id, "", "", "");
    }

    /**
     * By name, in the domain {@code Default}.
     *
     * @param name the name
     * @return the reference
     */
    public static Named name(String name) {
      return new Named("", name, "default", "");
    }
  }

  /**
   * A user and its password.
   *
   * @param user the user
   * @param password the password
   */
  public record Password(Named user, String password) implements Method {
    @Override
    public String toString() {
      return "password of " + user;
    }
  }

  /**
   * An application credential, by its id.
   *
   * @param id the id
   * @param secret the secret
   */
  public record ApplicationCredential(String id, String secret) implements Method {
    @Override
    public String toString() {
      return "application credential " + id;
    }
  }

  /**
   * A token for a project: its owner.
   *
   * @param project the project
   */
  public record Project(Named project) implements Scope {}

  /** A token for the whole system: an operator. */
  public record SystemScope() implements Scope {}

  /** The scope that the credential brings with it. */
  public record OwnScope() implements Scope {}

  /**
   * What the variables {@code OS_*} say, as OpenStack's own clients read them.
   *
   * @return the login
   * @throws IllegalArgumentException if a variable is missing
   */
  public static Keystone fromEnvironment() {
    return from(System.getenv());
  }

  static Keystone from(Map<String, String> variables) {
    var read = new Variables(variables);
    var ca = read.optional("OS_CACERT").map(Path::of);
    var url = URI.create(read.required("OS_AUTH_URL"));
    if (read.optional("OS_APPLICATION_CREDENTIAL_ID").isPresent()) {
      var method =
          new ApplicationCredential(
              read.required("OS_APPLICATION_CREDENTIAL_ID"), read.required("OS_APPLICATION_CREDENTIAL_SECRET"));
      return new Keystone(url, method, new OwnScope(), ca);
    }
    var password = read.required("OS_PASSWORD");
    return new Keystone(url, new Password(read.named("USER", "OS_USERNAME"), password), read.scope(), ca);
  }

  private record Variables(Map<String, String> all) {
    Optional<String> optional(String name) {
      return Optional.ofNullable(all.get(name)).filter(value -> !value.isEmpty());
    }

    String required(String name) {
      return optional(name).orElseThrow(() -> new IllegalArgumentException("the variable " + name + " is not set"));
    }

    Scope scope() {
      return optional("OS_SYSTEM_SCOPE").isPresent()
          ? new SystemScope()
          : new Project(named("PROJECT", "OS_PROJECT_NAME"));
    }

    Named named(String kind, String nameVariable) {
      var id = optional("OS_" + kind + "_ID");
      if (id.isPresent()) {
        return Named.id(id.get());
      }
      var domainName = optional("OS_" + kind + "_DOMAIN_NAME").orElse("");
      var domainId = optional("OS_" + kind + "_DOMAIN_ID").orElse(domainName.isEmpty() ? "default" : "");
      return new Named("", required(nameVariable), domainId, domainName);
    }
  }
}
