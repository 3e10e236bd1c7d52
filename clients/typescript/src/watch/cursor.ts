/** How far a watch has read: what to ask for when it opens again, what it has seen, and how long silence is normal. */
import { create } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { StreamPoint, type StreamStart, StreamStartSchema } from "../gen/fermata/v1/stream_pb.js";
import { milliseconds } from "../time.js";
import type { StreamMessage, StreamRequest } from "./streams.js";

/** The contract's default interval, until a heartbeat carries the one in force. */
const DEFAULT_HEARTBEAT_MS = 15_000;
/** So many heartbeats may be missed. */
const MISSED_HEARTBEATS = 3;

/** Where in a stream a message stands. */
export interface Position {
  /** The database that counts. Another one after a restore from a back-up. Empty: not known yet. */
  readonly storeId: string;
  /** The number of the event; for a snapshot that of the last event in it. */
  readonly sequence: bigint;
  /** When it happened. `undefined`: not known. */
  readonly time: Timestamp | undefined;
  /** Given as the start of a later watch with the same filter, the watch goes on after this message. */
  readonly resumeToken: Uint8Array;
}

/** What a watch remembers between messages and between streams. */
export class Cursor {
  #start: StreamStart;
  #ownToken = false;
  #heartbeatMs: number;
  #position: Position = { storeId: "", sequence: 0n, time: undefined, resumeToken: new Uint8Array() };

  constructor(request: StreamRequest) {
    this.#start = request.start ?? fromSnapshot();
    this.#heartbeatMs = milliseconds(request.heartbeatInterval) ?? DEFAULT_HEARTBEAT_MS;
  }

  /** Where the next stream begins. */
  get start(): StreamStart {
    return this.#start;
  }

  /** Whether the next stream begins after a token that came from this watch. */
  get hasOwnToken(): boolean {
    return this.#ownToken;
  }

  /** Where the last message stood. */
  get position(): Position {
    return this.#position;
  }

  /** How long silence is normal, in milliseconds. */
  get patienceMs(): number {
    return this.#heartbeatMs * MISSED_HEARTBEATS;
  }

  /** Forgets what was read: the next stream begins with a snapshot. */
  beginAgain(): void {
    this.#start = fromSnapshot();
    this.#ownToken = false;
  }

  /**
   * Takes note of a message.
   *
   * @returns whether it is news: `false` for an event that was seen before
   */
  take(received: StreamMessage): boolean {
    const { resumeToken, sequence, time, message } = received;
    const seen = this.#position.sequence;
    const isSnapshot = message.case === "snapshot";
    if (resumeToken.length > 0) {
      this.#start = create(StreamStartSchema, { start: { case: "resumeToken", value: resumeToken } });
      this.#ownToken = true;
    }
    if (message.case === "heartbeat") this.#heartbeatMs = milliseconds(message.value.interval) ?? this.#heartbeatMs;
    this.#position = {
      storeId: received.storeId || this.#position.storeId,
      // Only a snapshot may set it lower: a database that was restored counts from an earlier number again.
      sequence: isSnapshot || sequence > seen ? sequence : seen,
      time,
      resumeToken: resumeToken.length > 0 ? resumeToken : this.#position.resumeToken,
    };
    return message.case !== "event" || sequence > seen;
  }
}

function fromSnapshot(): StreamStart {
  return create(StreamStartSchema, { start: { case: "point", value: StreamPoint.SNAPSHOT } });
}
