/** Pings of connections that are gone. */
import assert from "node:assert/strict";
import type { ClientHttp2Stream } from "node:http2";
import { test } from "node:test";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Connection, create, watch, WatchHostsRequestSchema } from "@fermata/client";
import { SafeSessionManager } from "#src/node/session-manager.js";
import { startFermata, until } from "../support.js";

class Spied extends SafeSessionManager {
  readonly streams: ClientHttp2Stream[] = [];

  override async request(...args: Parameters<SafeSessionManager["request"]>): Promise<ClientHttp2Stream> {
    const stream = await super.request(...args);
    this.streams.push(stream);
    return stream;
  }
}

test("a connection that is closed under a stream leaves no exception behind that nobody can catch", async (t) => {
  const fermata = await startFermata(t);
  const manager = new Spied(fermata.url, { pingIntervalMs: 50, pingTimeoutMs: 5_000, pingIdleConnection: true });
  const transport = createGrpcTransport({ baseUrl: fermata.url, sessionManager: manager });
  const connection = new Connection(transport, {}, {}, () => manager.abort());
  const items = watch(connection, create(WatchHostsRequestSchema));
  assert.equal((await items.next()).value?.kind, "snapshot");
  const session = manager.streams[0]?.session;
  assert.ok(session);
  let pingsOfTheDead = 0;
  const ping = session.ping.bind(session);
  session.ping = ((...args: Parameters<typeof ping>) => {
    if (session.destroyed) pingsOfTheDead += 1;
    // What throws here would end the process.
    return ping(...args);
  }) as typeof session.ping;
  connection.close();
  await assert.rejects(items.next(), { message: "the connection is closed" });
  await until(() => pingsOfTheDead > 0, "a ping of the connection that is gone");
});
