/**
 * What the watch costs beside the bare stub: processor time per event, in turns against the same server.
 *
 * usage: node build/bench/watch.js [EVENTS]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { create, HostService, watch, WatchHostsRequestSchema } from "@fermata/client";
import { connect } from "@fermata/client/node";

const ROUNDS = 5;
const events = process.argv[2] ?? "20000";
const server = fork(fileURLToPath(new URL("server.js", import.meta.url)), [events]);
const [port] = (await once(server, "message")) as [number];
const url = `http://127.0.0.1:${port}`;

const stub = createClient(HostService, createGrpcTransport({ baseUrl: url }));
using connection = connect(url);

/** Microseconds of processor time per event. */
async function measured(read: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await read();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / Number(events);
}

async function bare(): Promise<void> {
  let last = 0n;
  for await (const { sequence } of stub.watchHosts({})) last = sequence;
  if (last !== BigInt(events)) throw new Error(`${last} events arrived`);
}

async function watched(): Promise<void> {
  for await (const item of watch(connection, create(WatchHostsRequestSchema))) {
    if (item.position.sequence === BigInt(events)) return;
    if (item.kind === "interrupted") throw new Error(item.cause);
  }
}

const best = { bare: Number.POSITIVE_INFINITY, watch: Number.POSITIVE_INFINITY };
// The first round warms up.
for (let round = 0; round <= ROUNDS; round += 1) {
  const [stubs, watches] = [await measured(bare), await measured(watched)];
  if (round === 0) continue;
  best.bare = Math.min(best.bare, stubs);
  best.watch = Math.min(best.watch, watches);
}
server.kill();
const ratio = (best.watch / best.bare).toFixed(2);
console.log(`${events} events: bare stub ${best.bare.toFixed(1)} µs, watch ${best.watch.toFixed(1)} µs of processor time per event: ${ratio} ×`);
