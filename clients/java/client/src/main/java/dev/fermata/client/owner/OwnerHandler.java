package dev.fermata.client.owner;

import dev.fermata.client.FermataException;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnerSessionEvent;
import dev.fermata.v1.ServerEvent;
import dev.fermata.v1.Warning;

/**
 * What an owner does. Every method has a default, so write those that you need.
 *
 * <p>Handlers of different notifications and sessions run beside each other, on threads of the owner; those of one notification run
 * in order, and so do events of one session. A handler may block. It is interrupted when its answer is not wanted any more: the
 * question was answered elsewhere, closed, or asked anew for a newer plan; or the time is up and the fallback answers.
 *
 * <p>A handler that throws is called again after 1 second, doubled up to 30 seconds: one for a question until the fallback answers,
 * one for an event five times in all. After a restart, a handler may be called for something that it has handled already.
 */
public interface OwnerHandler {
  /**
   * A maintenance is planned: decide for every server. The default accepts.
   *
   * @param asked the question, with all its servers
   * @return the answer
   * @throws Exception to be called again
   */
  default Answer onPlanned(Notification asked) throws Exception {
    return Answer.accept();
  }

  /**
   * A host is about to be drained: this is the last time to decide for its servers. The default accepts.
   *
   * @param asked the question, with all its servers
   * @return the answer
   * @throws Exception to be called again
   */
  default Answer onDrain(Notification asked) throws Exception {
    return Answer.accept();
  }

  /**
   * Fermata asks for room: members of a group should go. The default rejects.
   *
   * @param asked the question; see its {@code scale_in}
   * @return {@link Answer#ownActionDone} after the members were deleted, or {@link Answer#reject}
   * @throws Exception to be called again
   */
  default Answer onScaleIn(Notification asked) throws Exception {
    return Answer.reject("this owner does not scale in");
  }

  /**
   * Something happened to a server.
   *
   * @param event what happened
   * @throws Exception to be called again
   */
  default void onServerEvent(ServerEvent event) throws Exception {}

  /**
   * Something happened to a session. Its end is told to {@link #onComplete}.
   *
   * @param event what happened
   * @throws Exception to be called again
   */
  default void onSessionEvent(OwnerSessionEvent event) throws Exception {}

  /**
   * A session has completed or was cancelled: the owner may scale out again.
   *
   * @param event the end
   * @throws Exception to be called again
   */
  default void onComplete(OwnerSessionEvent event) throws Exception {}

  /**
   * A reply was refused for good, for example because it was late, or because the first answer stands.
   *
   * @param asked the question
   * @param error why
   */
  default void onReplyRefused(Notification asked, FermataException error) {}

  /**
   * The server stored the subscription, and something in it may not be what was meant: for example, no server in the cloud belongs
   * to the project. It is logged, too.
   *
   * @param warning the field, and what may be wrong
   */
  default void onWarning(Warning warning) {}

  /**
   * Something failed that the owner goes on without: a handler threw, or an event was given up.
   *
   * @param error what was thrown
   */
  default void onError(Exception error) {}
}
