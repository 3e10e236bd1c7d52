package dev.fermata.client.watch;

/** What cut a stream. */
public enum Interruption {
  /** The server or the connection failed. */
  FAILED,
  /** The server closed the stream without a word. */
  CLOSED,
  /** Three heartbeats did not come, or the stream was not opened in time. */
  SILENT,
  /** The server goes away, and said when to come back. */
  GOING_AWAY,
  /** What happened since the last message is no longer kept. A snapshot follows. */
  MISSED
}
