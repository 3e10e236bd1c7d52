/** Watches against a real server that stops, is killed, falls silent, and whose connections break. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Code,
  create,
  duration,
  ErrorReason,
  type InterruptionCause,
  type OwnerEvent,
  type OwnerSnapshot,
  StreamStartSchema,
  SubscribeRequestSchema,
  watch,
  WatchHostsRequestSchema,
  type WatchItem,
  WatchSessionRequestSchema,
} from "@fermata/client";
import { connect } from "@fermata/client/node";
import { Proxy } from "../proxy.js";
import { atEnd, makeEvents, newest, PROJECT, startFermata, until } from "../support.js";

type Item = WatchItem<OwnerSnapshot, OwnerEvent>;

/** Collects what an owner's watch says, until it is stopped. */
function collect(url: string) {
  const items: Item[] = [];
  const stop = new AbortController();
  const connection = connect(url);
  const request = create(SubscribeRequestSchema, { projectId: PROJECT, heartbeatInterval: duration(1_000) });
  const ended = (async () => {
    for await (const item of watch(connection, request, { signal: stop.signal, firstWaitMs: 50 })) items.push(item);
  })();
  const sequences = () => items.flatMap((item) => (item.kind === "event" ? [Number(item.position.sequence)] : []));
  const causes = () => items.flatMap((item) => (item.kind === "interrupted" ? [item.cause] : []));
  const end = async () => {
    stop.abort();
    await ended;
    connection.close();
  };
  return { items, sequences, causes, end, cut: (cause: InterruptionCause) => until(() => causes().includes(cause), cause) };
}

test("nothing is lost or doubled over stops, kills, silence and broken connections", async (t) => {
  const fermata = await startFermata(t);
  const proxy = await Proxy.start(fermata.url);
  atEnd(t, () => proxy.close());
  const watched = collect(proxy.url);
  await until(() => watched.items.some(({ kind }) => kind === "snapshot"), "the snapshot");
  const troubles: (() => Promise<unknown>)[] = [
    async () => {
      await fermata.restart();
      await watched.cut("going_away");
    },
    async () => {
      await fermata.kill();
      await watched.cut("failed");
      await fermata.restart();
    },
    async () => {
      proxy.silence();
      await makeEvents(fermata);
      await watched.cut("silent");
      proxy.heal();
    },
    async () => {
      const before = watched.causes().length;
      proxy.reset();
      await until(() => watched.causes().length > before, "the reset");
    },
  ];
  await makeEvents(fermata);
  for (const trouble of troubles) {
    await trouble();
    await makeEvents(fermata);
    const last = Number(await newest(fermata));
    await until(() => watched.sequences().at(-1) === last, `event ${last}`);
  }
  await watched.end();
  assert.deepEqual(watched.sequences(), watched.sequences().map((_, i) => i + 1));
  assert.equal(watched.items.filter(({ kind }) => kind === "snapshot").length, 1);
  const stores = new Set(watched.items.slice(1).map(({ position }) => position.storeId));
  assert.equal(stores.size, 1);
});

test("each of the three streams can be watched, and goes on after a token", async (t) => {
  const fermata = await startFermata(t);
  const sessionId = await makeEvents(fermata);
  const connection = fermata.connect();
  for await (const item of watch(connection, create(WatchHostsRequestSchema))) {
    if (item.kind === "connected") continue;
    assert.ok(item.kind === "snapshot");
    assert.deepEqual(item.snapshot.hosts.map(({ name }) => name), ["compute-1", "compute-2", "compute-3", "compute-4"]);
    break;
  }
  let resumeToken = new Uint8Array();
  for await (const item of watch(connection, create(WatchSessionRequestSchema, { sessionId }))) {
    if (item.kind === "connected") continue;
    assert.ok(item.kind === "snapshot");
    assert.equal(item.snapshot.session?.id, sessionId);
    resumeToken = new Uint8Array(item.position.resumeToken);
    break;
  }
  // It belongs to another stream.
  const start = create(StreamStartSchema, { start: { case: "resumeToken", value: resumeToken } });
  const foreign = watch(connection, create(WatchHostsRequestSchema, { start }));
  await assert.rejects(foreign.next(), { reason: ErrorReason.RESUME_TOKEN_INVALID });
  const unknown = watch(connection, create(WatchSessionRequestSchema, { sessionId: "01a2f4e7-c317-7d3a-8b52-0c6f3e1a8d47" }));
  await assert.rejects(unknown.next(), { code: Code.NotFound });
});
