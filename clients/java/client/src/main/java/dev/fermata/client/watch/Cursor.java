package dev.fermata.client.watch;

import com.google.protobuf.ByteString;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.StreamPoint;
import dev.fermata.v1.StreamStart;
import java.time.Duration;
import java.util.Optional;

/** How far a watch has read: what to ask for when it opens again, what it has seen, and how long silence is normal. */
final class Cursor {
  /** The contract's default, until a heartbeat tells the one in force. */
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(15);
  private static final int MISSED_HEARTBEATS = 3;
  private static final StreamStart SNAPSHOT =
      StreamStart.newBuilder().setPoint(StreamPoint.STREAM_POINT_SNAPSHOT).build();

  private StreamStart asked;
  /** Where the next stream begins; null: where it was asked for. */
  private ByteString token;
  private String storeId = "";
  private long sequence;
  private Duration heartbeat;

  Cursor(Optional<StreamStart> asked, Optional<Duration> heartbeat) {
    this.asked = asked.orElse(SNAPSHOT);
    this.heartbeat = heartbeat.orElse(DEFAULT_HEARTBEAT);
  }

  StreamStart start() {
    return token == null ? asked : StreamStart.newBuilder().setResumeToken(token).build();
  }

  /** Whether the next stream begins after a token that came from this watch. */
  boolean hasOwnToken() {
    return token != null;
  }

  /** Forgets what was read: the next stream begins with a snapshot. */
  void beginAgain() {
    asked = SNAPSHOT;
    token = null;
    sequence = 0;
  }

  /** How long silence is normal. */
  Duration patience() {
    return heartbeat.multipliedBy(MISSED_HEARTBEATS);
  }

  /**
   * Takes a message, whose snapshot is whole.
   *
   * @return what the caller wants to know; null for what nobody needs to know
   */
  <S, E> WatchItem<S, E> take(Received<S, E> received) {
    var at = received.position();
    if (!at.resumeToken().isEmpty()) {
      token = at.resumeToken();
    }
    if (!at.storeId().isEmpty()) {
      storeId = at.storeId();
    }
    boolean isNew = Long.compareUnsigned(at.sequence(), sequence) > 0;
    // A store that was restored counts again from an earlier number.
    if (isNew || received.snapshot() != null) {
      sequence = at.sequence();
    }
    // The server leaves it out of events.
    var position = new Position(storeId, at.sequence(), at.time(), at.resumeToken());
    if (received.snapshot() != null) {
      return new WatchItem.Snapshot<>(received.snapshot(), position);
    }
    if (received.event() != null && isNew) {
      return new WatchItem.Event<>(received.event(), position);
    }
    if (received.heartbeat() != null && received.heartbeat().hasInterval()) {
      heartbeat = Times.duration(received.heartbeat().getInterval());
    }
    return null;
  }
}
