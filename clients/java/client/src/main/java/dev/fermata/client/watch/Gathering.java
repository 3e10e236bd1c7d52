package dev.fermata.client.watch;

import com.google.protobuf.Message;

/** A snapshot comes in parts; the caller gets it whole. */
final class Gathering<S extends Message> {
  /** What one more part makes of the snapshot. */
  enum State {
    WHOLE,
    BEGUN,
    /** A part is missing. */
    TORN,
    TOO_LARGE
  }

  private final StreamKind<?, ?, S, ?> kind;
  private final long mostBytes;
  private Message.Builder whole;
  private int parts;
  private long bytes;

  Gathering(StreamKind<?, ?, S, ?> kind, long mostBytes) {
    this.kind = kind;
    this.mostBytes = mostBytes;
  }

  State add(S part) {
    if (kind.part().applyAsInt(part) != parts + 1) {
      return State.TORN;
    }
    bytes += part.getSerializedSize();
    if (bytes > mostBytes) {
      return State.TOO_LARGE;
    }
    parts++;
    // Lists grow, and the rest is that of the part that has it.
    whole = whole == null ? part.toBuilder() : whole.mergeFrom(part);
    return kind.isLast().test(part) ? State.WHOLE : State.BEGUN;
  }

  /** The snapshot, whose parts are forgotten here. */
  @SuppressWarnings("unchecked") // A message that is built from another one has its class.
  S take() {
    var built = (S) whole.build();
    clear();
    return built;
  }

  void clear() {
    whole = null;
    parts = 0;
    bytes = 0;
  }
}
