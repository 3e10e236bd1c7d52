package dev.fermata.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who calls. A token is asked for before each call, and is never logged. */
public interface Credentials {
  /**
   * The token for the next call. May block, and may be called by several threads at once.
   *
   * @return the bearer token; empty if calls carry none
   * @throws CredentialsRefusedException if trying again cannot help, for example because a password is wrong
   * @throws IOException if there is no token at the moment, for example because Keystone does not answer
   */
  String token() throws IOException;

  /**
   * Whether another token may come after one that has expired. Calls and watches then go on with the next one.
   *
   * @return false if the token never changes
   */
  default boolean renewable() {
    return false;
  }

  /**
   * Called when the server says that a token has expired or was revoked.
   *
   * @param token what {@link #token()} returned
   */
  default void expired(String token) {}

  /**
   * Nobody in particular, or whoever the certificate of the client names.
   *
   * @return credentials without a token
   */
  static Credentials none() {
    return () -> "";
  }

  /**
   * A fixed token.
   *
   * @param token the bearer token
   * @return its credentials
   */
  static Credentials token(String token) {
    var trimmed = token.strip();
    return () -> trimmed;
  }

  /**
   * A token in a file. The file is read for each call, so that the token may be renewed there.
   *
   * @param file holds the bearer token; white space around it does not count
   * @return its credentials
   */
  static Credentials tokenFile(Path file) {
    return new Credentials() {
      @Override
      public String token() throws CredentialsRefusedException {
        try {
          return Files.readString(file).strip();
        } catch (IOException e) {
          throw new CredentialsRefusedException("the token file " + file + " cannot be read", e);
        }
      }

      @Override
      public boolean renewable() {
        return true;
      }

      @Override
      public String toString() {
        return "token file " + file;
      }
    };
  }

  /**
   * Tokens of Keystone. A token is renewed a minute before it ends, and when the server says that it has expired.
   *
   * @param login where, and as whom
   * @return its credentials
   */
  static Credentials keystone(Keystone login) {
    return new KeystoneCredentials(login);
  }
}
