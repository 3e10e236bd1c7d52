/** A server that streams events as fast as they are read.   usage: node server.js EVENTS */
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { create, HostEventSchema, HostService, HostState, type WatchHostsResponse, WatchHostsResponseSchema } from "@fermata/client";

const count = Number(process.argv[2]);

const reason = "going to maintenance: scheduling is disabled, the servers leave";

function message(sequence: number): WatchHostsResponse {
  const value = create(HostEventSchema, { host: `compute-${sequence % 100}`, state: HostState.GOING_TO_MAINTENANCE, reason });
  const resumeToken = new Uint8Array(57);
  return create(WatchHostsResponseSchema, { sequence: BigInt(sequence), resumeToken, message: { case: "event", value } });
}

const adapter = connectNodeAdapter({
  connect: false,
  grpcWeb: false,
  routes: ({ service }) => {
    service(HostService, {
      async *watchHosts() {
        for (let sequence = 1; sequence <= count; sequence += 1) yield message(sequence);
      },
    });
  },
});
const server = createServer(adapter).listen(0, "127.0.0.1", () => {
  process.send?.((server.address() as AddressInfo).port);
});
