/** The contract's three streams, resumed after whatever cuts them. */
import type { Connection } from "../connection.js";
import type { FermataError } from "../error.js";
import type { Position } from "./cursor.js";
import { Reader } from "./reader.js";
import type { EventOf, SnapshotOf, WatchRequest } from "./streams.js";

/**
 * What cut a stream: it failed, the server closed it, nothing came for three heartbeats (or it took too long to open),
 * the server goes away, or what happened since the last message is not kept any more and a snapshot follows.
 */
export type InterruptionCause = "failed" | "closed" | "silent" | "going_away" | "missed";

/**
 * The server has opened the stream: what is known is current, as soon as what follows has been read. It comes before everything else,
 * and once after each interruption that is over, also where nothing happens then for a long time.
 */
export interface ConnectedItem {
  readonly kind: "connected";
  /** Where the last message stood. */
  readonly position: Position;
}

/** The state as it stands, put together from all its parts. It replaces everything that was known. */
export interface SnapshotItem<S> {
  readonly kind: "snapshot";
  readonly snapshot: S;
  readonly position: Position;
}

/** Something happened. Each event comes once, in order. */
export interface EventItem<E> {
  readonly kind: "event";
  readonly event: E;
  readonly position: Position;
}

/** The stream was cut. The watch opens it again by itself. */
export interface InterruptedItem {
  readonly kind: "interrupted";
  /** What happened. */
  readonly cause: InterruptionCause;
  /** The error, for `failed` and `missed`. */
  readonly error: FermataError | undefined;
  /** The wait before the stream is opened again, in milliseconds. */
  readonly retryInMs: number;
  /** Where the last message stood. */
  readonly position: Position;
}

/** What a watch yields. */
export type WatchItem<S, E> = ConnectedItem | SnapshotItem<S> | EventItem<E> | InterruptedItem;

/** How a watch behaves. */
export interface WatchOptions {
  /** Ends the watch: the call is cancelled, and the iteration ends without an error. */
  readonly signal?: AbortSignal | undefined;
  /** The longest first wait before the stream is opened again, in milliseconds; it doubles. Unset: 250. */
  readonly firstWaitMs?: number;
  /** The longest wait, unless the server asks for more, in milliseconds. Unset: 15,000. */
  readonly longestWaitMs?: number;
  /** How long opening a stream may take, in milliseconds. Unset: 10,000. */
  readonly openTimeoutMs?: number;
  /** The most bytes that a snapshot may take in all its parts; a larger one ends the watch. Unset: 64 MiB. */
  readonly maxSnapshotBytes?: number;
}

/**
 * Watches what `request` asks for, from the start that it names, until the caller leaves the loop or aborts the signal. The
 * stream is opened again after the last message when it ends, fails or falls silent.
 *
 * ```ts
 * const request = create(WatchSessionRequestSchema, { sessionId });
 * for await (const item of watch(connection, request)) {
 *   if (item.kind === "event") console.log(item.event);
 * }
 * ```
 *
 * @param connection - where to watch
 * @param request - a `SubscribeRequest`, `WatchSessionRequest` or `WatchHostsRequest`
 * @param options - when to end, and how patient to be
 * @throws FermataError what trying again cannot mend: a wrong field, something that does not exist, missing rights, a
 *   foreign token in `request`, a snapshot that is too large
 */
export function watch<R extends WatchRequest>(
  connection: Connection,
  request: R,
  options: WatchOptions = {},
): AsyncGenerator<WatchItem<SnapshotOf<R>, EventOf<R>>, void, undefined> {
  const items = new Reader(connection, request, options).items();
  // The request's type decides which messages come.
  return items as unknown as AsyncGenerator<WatchItem<SnapshotOf<R>, EventOf<R>>, void, undefined>;
}
