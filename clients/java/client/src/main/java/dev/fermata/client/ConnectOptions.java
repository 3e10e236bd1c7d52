package dev.fermata.client;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** How to connect, and as whom. Each method gives new options, with one thing changed. */
public final class ConnectOptions {
  private final Credentials credentials;
  private final Path tlsCa;
  private final Path tlsCertificate;
  private final Path tlsKey;
  private final OpenTelemetry openTelemetry;

  private ConnectOptions(Credentials credentials, Path tlsCa, Path tlsCertificate, Path tlsKey, OpenTelemetry openTelemetry) {
    this.credentials = credentials;
    this.tlsCa = tlsCa;
    this.tlsCertificate = tlsCertificate;
    this.tlsKey = tlsKey;
    this.openTelemetry = openTelemetry;
  }

  /**
   * No token, the CAs of the system, no certificate of its own, the global OpenTelemetry.
   *
   * @return the options
   */
  public static ConnectOptions defaults() {
    return new ConnectOptions(Credentials.none(), null, null, null, null);
  }

  /**
   * Who calls.
   *
   * @param credentials asked before each call
   * @return the new options
   */
  public ConnectOptions withCredentials(Credentials credentials) {
    return new ConnectOptions(Objects.requireNonNull(credentials), tlsCa, tlsCertificate, tlsKey, openTelemetry);
  }

  /**
   * Whose certificates to trust, for {@code https}.
   *
   * @param ca PEM file of the CA that signed the certificate of the server
   * @return the new options
   */
  public ConnectOptions withTlsCa(Path ca) {
    return new ConnectOptions(credentials, Objects.requireNonNull(ca), tlsCertificate, tlsKey, openTelemetry);
  }

  /**
   * The client's own certificate, for {@code https}.
   *
   * @param certificate PEM file of the certificate and those that lead to its CA
   * @param key PEM file of its private key, in PKCS #8
   * @return the new options
   */
  public ConnectOptions withTlsIdentity(Path certificate, Path key) {
    return new ConnectOptions(
        credentials, tlsCa, Objects.requireNonNull(certificate), Objects.requireNonNull(key), openTelemetry);
  }

  /**
   * Where metrics and spans go.
   *
   * @param openTelemetry the instance to use instead of the global one
   * @return the new options
   */
  public ConnectOptions withOpenTelemetry(OpenTelemetry openTelemetry) {
    return new ConnectOptions(credentials, tlsCa, tlsCertificate, tlsKey, Objects.requireNonNull(openTelemetry));
  }

  /**
   * Who calls.
   *
   * @return the credentials
   */
  public Credentials credentials() {
    return credentials;
  }

  /**
   * The CA.
   *
   * @return empty: those of the system
   */
  public Optional<Path> tlsCa() {
    return Optional.ofNullable(tlsCa);
  }

  /**
   * The client's own certificate.
   *
   * @return empty: none
   */
  public Optional<Path> tlsCertificate() {
    return Optional.ofNullable(tlsCertificate);
  }

  /**
   * The private key of the client's own certificate.
   *
   * @return empty: none
   */
  public Optional<Path> tlsKey() {
    return Optional.ofNullable(tlsKey);
  }

  /**
   * Where metrics and spans go.
   *
   * @return the instance; one that does nothing if there is no SDK of OpenTelemetry
   */
  public OpenTelemetry openTelemetry() {
    // Not get(): that would keep an application from setting its own later.
    return openTelemetry == null ? GlobalOpenTelemetry.getOrNoop() : openTelemetry;
  }
}
