package dev.fermata.client.operator;

import dev.fermata.v1.SessionEvent;

/** What an operator does during a session. Hosts are worked on beside each other; a method may block. */
public interface OperatorHandler {
  /**
   * A host is empty and held: do the work. When this returns, the host goes back to service; when it throws, the work has failed, the
   * host stays disabled, and the message of the exception is the reason. After a restart of the operator it is called again for a host that
   * is still in maintenance. It is interrupted when the host leaves maintenance in another way.
   *
   * @param host the name of the compute host
   * @throws Exception if the work failed
   */
  void onHostReady(String host) throws Exception;

  /**
   * Something happened in the session. The next event comes after this has returned.
   *
   * @param event what happened
   */
  default void onEvent(SessionEvent event) {}

  /**
   * The end of the work could not be reported, for example because somebody else has reported it.
   *
   * @param host the name of the compute host
   * @param error why
   */
  default void onError(String host, Exception error) {}
}
