/** What connections and calls leave behind when they are ended from here. */
import assert from "node:assert/strict";
import type { ClientHttp2Stream } from "node:http2";
import { test } from "node:test";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Connection, create, watch, WatchHostsRequestSchema } from "@fermata/client";
import { cancelling } from "#src/node/cancelling.js";
import { SafeSessionManager } from "#src/node/session-manager.js";
import { atEnd, startFermata, until } from "../support.js";

class Spied extends SafeSessionManager {
  readonly streams: ClientHttp2Stream[] = [];

  constructor(
    url: string,
    options: ConstructorParameters<typeof SafeSessionManager>[1],
    private readonly onStream: (stream: ClientHttp2Stream) => void = () => {},
  ) {
    super(url, options);
  }

  override async request(...args: Parameters<SafeSessionManager["request"]>): Promise<ClientHttp2Stream> {
    const stream = await super.request(...args);
    this.streams.push(stream);
    this.onStream(stream);
    return stream;
  }
}

test("a connection that is closed under a stream leaves no exception behind that nobody can catch", async (t) => {
  const fermata = await startFermata(t);
  const manager = new Spied(fermata.url, { pingIntervalMs: 50, pingTimeoutMs: 5_000, pingIdleConnection: true });
  const transport = createGrpcTransport({ baseUrl: fermata.url, sessionManager: manager });
  const connection = new Connection(transport, {}, {}, () => manager.abort());
  const items = watch(connection, create(WatchHostsRequestSchema));
  assert.equal((await items.next()).value?.kind, "connected");
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

test("a call that is cancelled just when its answer arrives leaves no stream behind", async (t) => {
  const fermata = await startFermata(t);
  let stop = new AbortController();
  const manager = new Spied(fermata.url, {}, (stream) => stream.on("response", () => stop.abort()));
  const transport = createGrpcTransport({ baseUrl: fermata.url, sessionManager: manager });
  const connection = new Connection(cancelling(transport), {}, {}, () => manager.abort());
  atEnd(t, () => connection.close());
  for (let i = 0; i < 20; i += 1) {
    stop = new AbortController();
    const call = connection.hosts.listHosts({}, { signal: stop.signal });
    // The whole answer is there before anything of it is read.
    setImmediate(() => {
      const end = Date.now() + 20;
      while (Date.now() < end);
    });
    await assert.rejects(call);
  }
  await until(() => manager.streams.every(({ destroyed }) => destroyed), "the end of all streams");
  await until(() => manager.state() === "idle", "a connection without streams");
});
