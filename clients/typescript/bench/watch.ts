/**
 * What the watch costs beside the bare stub: processor time per event, in turns against one server (clients/bench).
 *
 * usage: node build/bench/watch.js ADDRESS EVENTS ROUNDS
 */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { create, HostService, watch, WatchHostsRequestSchema } from "@fermata/client";
import { connect } from "@fermata/client/node";

const [address, events, rounds] = [process.argv[2], BigInt(process.argv[3] ?? 0), Number(process.argv[4])];
const url = `http://${address}`;
const stub = createClient(HostService, createGrpcTransport({ baseUrl: url }));
using connection = connect(url);

/** Microseconds of processor time per event. */
async function measured(read: () => Promise<bigint>): Promise<number> {
  const before = process.cpuUsage();
  const last = await read();
  if (last !== events) throw new Error(`the last event was ${last}, not ${events}`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / Number(events);
}

async function readBare(): Promise<bigint> {
  let last = 0n;
  for await (const { sequence } of stub.watchHosts({})) last = sequence;
  return last;
}

async function readWatch(): Promise<bigint> {
  for await (const item of watch(connection, create(WatchHostsRequestSchema))) {
    if (item.kind === "interrupted") throw new Error(item.cause);
    if (item.kind === "event" && item.position.sequence === events) return events;
  }
  return 0n;
}

let [bare, watched] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
for (let round = 0; round < rounds; round += 1) {
  bare = Math.min(bare, await measured(readBare));
  watched = Math.min(watched, await measured(readWatch));
}
console.log(JSON.stringify({ bare, watch: watched }));
process.exit();
