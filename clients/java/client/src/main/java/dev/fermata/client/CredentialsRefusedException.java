package dev.fermata.client;

import java.io.IOException;

/** There is no token, and trying again cannot help: a call then fails with UNAUTHENTICATED. */
public final class CredentialsRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param message what is wrong, without a secret
   * @param cause why; null if there is none
   */
  public CredentialsRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
