/** gRPC-Web, as browsers speak it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, create, duration, timestamp, watch, WatchHostsRequestSchema } from "@fermata/client";
import { connect } from "@fermata/client/web";
import { startFermata } from "../support.js";

const ORIGIN = "https://console.example.org";

test("calls, errors and streams over gRPC-Web", async (t) => {
  const fermata = await startFermata(t, { args: ["--web-origins", ORIGIN] });
  const connection = connect(fermata.url, { timeoutMs: 30_000 });
  const { hosts } = await connection.hosts.listHosts({});
  assert.equal(hosts.length, 4);
  await assert.rejects(connection.hosts.getHost({ host: "none" }), { reasonName: "HOST_NOT_FOUND" });
  const [host] = hosts;
  assert.ok(host);
  const seen: string[] = [];
  for await (const item of watch(connection, create(WatchHostsRequestSchema))) {
    seen.push(item.kind);
    if (item.kind === "event") {
      assert.equal(item.event.host, host.name);
      break;
    }
    // What happens after the snapshot comes over the same stream.
    if (item.kind === "snapshot") await connection.sessions.createSession({ spec: maintenance(host.name) });
  }
  assert.deepEqual(seen, ["connected", "snapshot", "event"]);
});

test("the server allows the page's origin to read answers, and no other", async (t) => {
  const fermata = await startFermata(t, { args: ["--web-origins", ORIGIN] });
  const allowed = async (origin: string) => {
    const headers = { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-grpc-web,content-type" };
    const answer = await fetch(`${fermata.url}/fermata.v1.HostService/ListHosts`, { method: "OPTIONS", headers });
    return answer.headers.get("access-control-allow-origin");
  };
  assert.equal(await allowed(ORIGIN), ORIGIN);
  assert.equal(await allowed("https://elsewhere.example.org"), null);
});

function maintenance(host: string) {
  const endTime = timestamp(new Date(Date.now() + 3_600_000));
  const replyPeriod = duration(1_000);
  return { hosts: { names: [host] }, window: { endTime }, reason: "a test", announceReplyPeriod: replyPeriod, drainReplyPeriod: replyPeriod };
}

test("what a page sends, and what it makes of answers", async () => {
  const seen: Request[] = [];
  const answers: (() => Response | Promise<Response>)[] = [
    () => Promise.reject(new TypeError("fetch failed")),
    // An empty message, and a trailer that says OK.
    () =>
      new Response(frames([0, ""], [128, "grpc-status: 0\r\n"]), {
        headers: { "content-type": "application/grpc-web+proto" },
      }),
    () =>
      new Response(frames([128, "grpc-status: 7\r\ngrpc-message: not you\r\n"]), {
        headers: { "content-type": "application/grpc-web+proto" },
      }),
  ];
  const connection = connect("http://fermata.example:7400", {
    fetch: async (input, init) => {
      seen.push(new Request(input, { ...init, body: null, signal: null }));
      const answer = answers.shift();
      assert.ok(answer);
      return answer();
    },
  });
  // The server cannot be reached first, and a call that reads is repeated.
  assert.deepEqual((await connection.hosts.listHosts({})).hosts, []);
  await assert.rejects(connection.hosts.listHosts({}), { code: Code.PermissionDenied, message: "not you" });
  const [first] = seen;
  assert.equal(first?.url, "http://fermata.example:7400/fermata.v1.HostService/ListHosts");
  assert.match(first.headers.get("x-user-agent") ?? "", /^fermata-typescript\/\d/);
  assert.equal(seen.length, 3);
});

function frames(...all: [number, string][]): Uint8Array<ArrayBuffer> {
  const parts = all.map(([flags, text]) => {
    const data = new TextEncoder().encode(text);
    const head = new Uint8Array(5);
    head[0] = flags;
    new DataView(head.buffer).setUint32(1, data.length);
    return [...head, ...data];
  });
  return new Uint8Array(parts.flat());
}
