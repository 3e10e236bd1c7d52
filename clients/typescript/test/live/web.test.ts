/** gRPC-Web, as browsers speak it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, create, watch, WatchHostsRequestSchema } from "@fermata/client";
import { connect } from "@fermata/client/web";
import { startFermata } from "../support.js";

test("calls, errors and streams over gRPC-Web", async (t) => {
  const fermata = await startFermata(t);
  const connection = connect(fermata.url, { timeoutMs: 5_000 });
  const answersWeb = await fetch(fermata.url, { method: "OPTIONS" }).then(
    () => true,
    () => false,
  );
  if (!answersWeb) {
    console.error("NOT TESTED: this server answers no HTTP/1.1, so no gRPC-Web");
    return t.skip("this server answers no HTTP/1.1, so no gRPC-Web");
  }
  const { hosts } = await connection.hosts.listHosts({});
  assert.equal(hosts.length, 4);
  await assert.rejects(connection.hosts.getHost({ host: "none" }), { reasonName: "HOST_NOT_FOUND" });
  for await (const item of watch(connection, create(WatchHostsRequestSchema))) {
    assert.equal(item.kind, "snapshot");
    break;
  }
});

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
