/** The rules of the watch, by a server that follows a script. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type ConnectError } from "@connectrpc/connect";
import {
  type ConnectionOptions,
  create,
  duration,
  ErrorReason,
  FermataError,
  type HostEvent,
  type HostsSnapshot,
  StreamPoint,
  StreamStartSchema,
  watch,
  WatchHostsRequestSchema,
  type WatchHostsRequest,
  type WatchItem,
  type WatchOptions,
} from "@fermata/client";
import { event, failure, goingAway, heartbeat, message, part, type Part, ScriptedHosts, snapshot, tokenOf } from "./scripted.js";

type Item = WatchItem<HostsSnapshot, HostEvent>;

const QUICK = { firstWaitMs: 1, longestWaitMs: 2 };

/** Watches until the end of the script, which is NOT_FOUND. `items` and `said` leave out that a stream is open. */
async function run(
  script: readonly (Part | ConnectError | "silence")[],
  { request = {}, options = {}, connect = {} }: { request?: Partial<WatchHostsRequest>; options?: WatchOptions; connect?: ConnectionOptions } = {},
) {
  const server = new ScriptedHosts(script, connect);
  const all: Item[] = [];
  const items: Item[] = [];
  let error: FermataError | undefined;
  try {
    const watched = watch(server.connection, create(WatchHostsRequestSchema, request), { ...QUICK, ...options });
    for await (const item of watched) {
      all.push(item);
      if (item.kind !== "connected") items.push(item);
    }
  } catch (thrown) {
    assert.ok(thrown instanceof FermataError);
    error = thrown;
  }
  return { items, error, starts: server.starts, said: items.map(say), all: all.map(say) };
}

function say(item: Item): string {
  switch (item.kind) {
    case "connected":
      return `connected after ${item.position.sequence}`;
    case "snapshot":
      return `snapshot ${item.position.sequence} of ${item.snapshot.hosts.map(({ name }) => name).join(",")}`;
    case "event":
      return `event ${item.position.sequence}`;
    case "interrupted":
      return `interrupted ${item.cause}`;
  }
}

const close = (...messages: Part["messages"]): Part => ({ messages, then: "close" });
const after = (sequence: number) => create(StreamStartSchema, { start: { case: "resumeToken", value: tokenOf(sequence) } });
const SNAPSHOT = create(StreamStartSchema, { start: { case: "point", value: StreamPoint.SNAPSHOT } });

test("goes on after the last message when the stream ends or fails", async () => {
  const { said, starts, error } = await run([
    close(snapshot(3, "a"), event(4)),
    { messages: [event(5)], then: failure(Code.Unavailable) },
    close(event(6)),
  ]);
  assert.deepEqual(said, [
    "snapshot 3 of a",
    "event 4",
    "interrupted closed",
    "event 5",
    "interrupted failed",
    "event 6",
    "interrupted closed",
  ]);
  assert.deepEqual(starts, [SNAPSHOT, after(4), after(5), after(6)]);
  assert.equal(error?.code, Code.NotFound);
  assert.equal(error.reason, ErrorReason.HOST_NOT_FOUND);
});

test("each stream that the server opens is told once, before what it says", async () => {
  const { all } = await run([close(snapshot(3)), close(heartbeat(3, 15_000)), { messages: [event(4)], then: failure(Code.Unavailable) }]);
  assert.deepEqual(all.slice(0, 8), [
    "connected after 0",
    "snapshot 3 of ",
    "interrupted closed",
    "connected after 3",
    "interrupted closed",
    "connected after 3",
    "event 4",
    "interrupted failed",
  ]);
});

test("each code that may pass is tried again, each other one ends the watch", async () => {
  const passing = [Code.Unknown, Code.DeadlineExceeded, Code.ResourceExhausted, Code.Aborted, Code.Internal, Code.Unavailable, Code.Canceled];
  const { said } = await run(passing.map((code) => failure(code)));
  assert.deepEqual(said, passing.map(() => "interrupted failed"));
  const hopeless = [
    Code.InvalidArgument,
    Code.NotFound,
    Code.AlreadyExists,
    Code.PermissionDenied,
    Code.FailedPrecondition,
    Code.OutOfRange,
    Code.Unimplemented,
    Code.DataLoss,
    Code.Unauthenticated,
  ];
  for (const code of hopeless) {
    const { items, error, starts } = await run([failure(code)]);
    assert.deepEqual([items.length, error?.code, starts.length], [0, code, 1]);
  }
});

test("an expired credential ends the watch unless it can be renewed", async () => {
  const expired = failure(Code.Unauthenticated, ErrorReason.CREDENTIALS_EXPIRED);
  assert.equal((await run([expired])).error?.reason, ErrorReason.CREDENTIALS_EXPIRED);
  let told = 0;
  const credentials = { renewable: true, headers: () => ({}), expired: () => void (told += 1) };
  const { said } = await run([expired, close(snapshot(1))], { connect: { credentials } });
  assert.deepEqual(said, ["interrupted failed", "snapshot 1 of ", "interrupted closed"]);
  assert.equal(told, 1);
});

test("an event that was seen before is left out, a snapshot counts from its own number", async () => {
  const { said } = await run([close(snapshot(7), event(7), event(6), event(8), event(8), event(10), snapshot(2), event(3))]);
  assert.deepEqual(said, ["snapshot 7 of ", "event 8", "event 10", "snapshot 2 of ", "event 3", "interrupted closed"]);
});

test("an expired token means a snapshot, whoever gave it", async () => {
  const expired = failure(Code.OutOfRange, ErrorReason.RESUME_TOKEN_EXPIRED);
  const own = await run([close(snapshot(1)), expired, close(snapshot(9))]);
  assert.deepEqual(own.said.slice(1, 4), ["interrupted closed", "interrupted missed", "snapshot 9 of "]);
  assert.deepEqual(own.starts.slice(0, 3), [SNAPSHOT, after(1), SNAPSHOT]);
  const foreign = await run([expired, close(snapshot(9))], { request: { start: after(1) } });
  assert.deepEqual(foreign.said, ["interrupted missed", "snapshot 9 of ", "interrupted closed"]);
  assert.deepEqual(foreign.starts.slice(0, 2), [after(1), SNAPSHOT]);
});

test("a token that is not valid means a snapshot only if it came from this watch", async () => {
  const invalid = failure(Code.InvalidArgument, ErrorReason.RESUME_TOKEN_INVALID);
  const own = await run([close(snapshot(9)), invalid, close(snapshot(1))]);
  assert.deepEqual(own.said.slice(2, 4), ["interrupted missed", "snapshot 1 of "]);
  const foreign = await run([invalid], { request: { start: after(1) } });
  assert.equal(foreign.error?.reason, ErrorReason.RESUME_TOKEN_INVALID);
});

test("parts of a snapshot become one, and its token is that of the last part", async () => {
  const { said, starts } = await run([close(part(5, 1, false, "a"), part(5, 2, false, "b"), part(5, 3, true, "c"))]);
  assert.deepEqual(said, ["snapshot 5 of a,b,c", "interrupted closed"]);
  assert.deepEqual(starts, [SNAPSHOT, after(5)]);
});

test("a snapshot that is cut between its parts is dropped, and the next stream begins where that one did", async () => {
  const { said, starts } = await run([close(part(5, 1, false, "a")), close(part(6, 1, false, "b"), part(6, 2, true, "c"))]);
  assert.deepEqual(said, ["interrupted closed", "snapshot 6 of b,c", "interrupted closed"]);
  assert.deepEqual(starts, [SNAPSHOT, SNAPSHOT, after(6)]);
});

test("parts out of order: the stream is opened again", async () => {
  const { said } = await run([close(part(5, 1, false, "a"), part(5, 3, true, "c")), close(snapshot(6, "b"))]);
  assert.deepEqual(said, ["interrupted failed", "snapshot 6 of b", "interrupted closed"]);
});

test("a snapshot that is too large ends the watch", async () => {
  const parts = [part(5, 1, false, "a".repeat(100)), part(5, 2, true, "b".repeat(100))];
  const { items, error } = await run([close(...parts)], { options: { maxSnapshotBytes: 150 } });
  assert.deepEqual([items.length, error?.code], [0, Code.ResourceExhausted]);
  assert.equal((await run([close(...parts)], { options: { maxSnapshotBytes: 1000 } })).items[0]?.kind, "snapshot");
});

test("three heartbeats that do not come are silence", async () => {
  const asked = { heartbeatInterval: duration(100) };
  const { said, starts } = await run([{ messages: [snapshot(1)], then: "silence" }], { request: asked });
  assert.deepEqual(said, ["snapshot 1 of ", "interrupted silent"]);
  assert.deepEqual(starts, [SNAPSHOT, after(1)]);
  const told = await run([{ messages: [heartbeat(4, 100)], then: "silence" }]);
  assert.deepEqual(told.said, ["interrupted silent"]);
  assert.deepEqual(told.starts, [SNAPSHOT, after(4)]);
});

test("opening that takes too long is silence", async () => {
  const { said } = await run(["silence", close(snapshot(1))], { options: { openTimeoutMs: 100 } });
  assert.deepEqual(said, ["interrupted silent", "snapshot 1 of ", "interrupted closed"]);
});

test("going away: exactly the wait that the server asks for, and its token", async () => {
  const { items, starts } = await run([{ messages: [snapshot(1), goingAway(2, 37)], then: "silence" }]);
  const last = items.at(-1);
  assert.ok(last?.kind === "interrupted");
  assert.deepEqual([last.cause, last.retryInMs, last.position.sequence], ["going_away", 37, 2n]);
  assert.deepEqual(starts, [SNAPSHOT, after(2)]);
});

test("the wait is no shorter than the server asks for", async () => {
  const { items } = await run([failure(Code.ResourceExhausted, ErrorReason.TOO_MANY_STREAMS, 30)]);
  assert.ok(items[0]?.kind === "interrupted");
  assert.equal(items[0].retryInMs, 30);
});

test("waits double until a message comes", async () => {
  const down = failure(Code.Unavailable);
  const options = { firstWaitMs: 2, longestWaitMs: 8 };
  const { items } = await run([down, down, down, down, close(snapshot(1)), down], { options });
  const waits = items.flatMap((item) => (item.kind === "interrupted" ? [item.retryInMs] : []));
  const longest = [2, 4, 8, 8, 2, 4];
  assert.equal(waits.length, longest.length);
  for (const [i, wait] of waits.entries()) {
    assert.ok(wait <= longest[i]! && wait >= longest[i]! / 2, `${wait} ms is not between half of ${longest[i]} ms and all of it`);
  }
});

test("a message of an unknown kind is left out, and its token counts", async () => {
  const { said, starts } = await run([close(message(3, undefined))]);
  assert.deepEqual(said, ["interrupted closed"]);
  assert.deepEqual(starts, [SNAPSHOT, after(3)]);
});

test("an aborted signal ends the iteration without an error, at every moment", async () => {
  const scripts: (readonly (Part | ConnectError | "silence")[])[] = [
    ["silence"],
    [{ messages: [snapshot(1)], then: "silence" }],
    [failure(Code.Unavailable)],
  ];
  for (const script of scripts) {
    const stop = new AbortController();
    const server = new ScriptedHosts(script);
    const items = watch(server.connection, create(WatchHostsRequestSchema), { signal: stop.signal, firstWaitMs: 1e6, longestWaitMs: 1e6 });
    const all = (async () => {
      for await (const item of items) assert.notEqual(item.kind, "event");
    })();
    // A turn of the event loop later it waits for whatever the script makes it wait for.
    setImmediate(() => stop.abort());
    await all;
    assert.ok(server.starts.length <= 1);
  }
});

test("whoever leaves the loop cancels the call", async () => {
  let cancelled = false;
  const server = new ScriptedHosts([{ messages: [snapshot(1)], then: "silence" }]);
  const original = server.connection.transport.stream.bind(server.connection.transport);
  server.connection.transport.stream = (method, signal, ...rest) => {
    signal?.addEventListener("abort", () => {
      cancelled = true;
    });
    return original(method, signal, ...rest);
  };
  for await (const item of watch(server.connection, create(WatchHostsRequestSchema))) {
    assert.equal(item.kind, "connected");
    break;
  }
  assert.ok(cancelled);
});
