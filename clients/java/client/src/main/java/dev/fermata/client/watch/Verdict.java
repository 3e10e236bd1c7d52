package dev.fermata.client.watch;

import dev.fermata.client.FermataException;

/** What an error means for a watch. */
enum Verdict {
  /** Trying again cannot mend it. */
  GIVE_UP,
  /** The place to go on from is lost: begin with a snapshot. */
  BEGIN_AGAIN,
  /** Go on after the last message. */
  GO_ON;

  /**
   * Judges an error.
   *
   * @param ownToken whether the stream was opened with a token of this watch, not with one of the caller's
   * @param renewable whether another credential may come
   */
  static Verdict of(FermataException error, boolean ownToken, boolean renewable) {
    switch (error.reason()) {
      case ERROR_REASON_RESUME_TOKEN_EXPIRED:
        return BEGIN_AGAIN;
      case ERROR_REASON_RESUME_TOKEN_INVALID:
        // A token that this server gave is invalid only if its store was replaced.
        return ownToken ? BEGIN_AGAIN : GIVE_UP;
      case ERROR_REASON_CREDENTIALS_EXPIRED:
        return renewable ? GO_ON : GIVE_UP;
      default:
        return switch (error.code()) {
          case INVALID_ARGUMENT,
              NOT_FOUND,
              ALREADY_EXISTS,
              PERMISSION_DENIED,
              FAILED_PRECONDITION,
              OUT_OF_RANGE,
              UNIMPLEMENTED,
              DATA_LOSS,
              UNAUTHENTICATED ->
              GIVE_UP;
          case OK, CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE -> GO_ON;
        };
    }
  }
}
