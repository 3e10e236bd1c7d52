/** A stream of the server on the page: what it said last, and since when it says nothing. */
import { type Connection, type EventOf, type SnapshotOf, watch, type WatchRequest } from "@fermata/client";
import { explain } from "./access.svelte.ts";

/** How a stream stands. */
export class Live {
  /** `undefined`: what is shown is current. */
  staleSince = $state<number | undefined>();
  /** Why it will not come back by itself. */
  error = $state("");
  /** Whether there has been a first answer. */
  hasBegun = $state(false);
}

/** What to do with what comes. */
export interface Handlers<R extends WatchRequest> {
  snapshot(snapshot: SnapshotOf<R>): void;
  event(event: EventOf<R>, time: number): void;
}

/** A stream that was cut is looked at as current for so long: most come back at once. */
const GRACE_MS = 1500;

/**
 * Follows a stream until `signal` is aborted, over whatever cuts it.
 *
 * @returns how it stands
 */
export function follow<R extends WatchRequest>(connection: Connection, request: R, handlers: Handlers<R>, signal: AbortSignal): Live {
  const live = new Live();
  void run(connection, request, handlers, signal, live);
  return live;
}

async function run<R extends WatchRequest>(
  connection: Connection, request: R, handlers: Handlers<R>, signal: AbortSignal, live: Live,
): Promise<void> {
  let cutAt: number | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  const goesOn = () => {
    clearTimeout(grace);
    cutAt = undefined;
    live.staleSince = undefined;
  };
  try {
    for await (const item of watch(connection, request, { signal, longestWaitMs: 5000 })) {
      if (item.kind === "interrupted") {
        if (cutAt !== undefined) continue;
        const since = (cutAt = Date.now());
        grace = setTimeout(() => (live.staleSince = since), GRACE_MS);
        continue;
      }
      goesOn();
      if (item.kind === "connected") continue;
      live.hasBegun = true;
      if (item.kind === "snapshot") handlers.snapshot(item.snapshot);
      else handlers.event(item.event, Number(item.position.time?.seconds ?? 0n) * 1000 + (item.position.time?.nanos ?? 0) / 1e6);
    }
  } catch (error) {
    live.error = explain(error);
    live.staleSince ??= Date.now();
  } finally {
    clearTimeout(grace);
  }
}
