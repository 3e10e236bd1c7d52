package dev.fermata.client.owner;

/** What is answered when no handler has answered in time. A request to scale in is always rejected. */
public enum Fallback {
  /** As {@link Answer#accept()}. */
  ACCEPT,
  /** The session's {@code on_objection} says what happens then. */
  REJECT;

  Answer answer() {
    return this == ACCEPT ? Answer.accept() : Answer.reject("the owner could not decide in time");
  }
}
