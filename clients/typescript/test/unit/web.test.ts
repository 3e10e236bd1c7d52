/** What a connection of a page makes its requests with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, FermataError } from "@fermata/client";
import { connect } from "@fermata/client/web";

test("a fetch that wraps the platform's after the connection was made sees its calls", async (t) => {
  const connection = connect("http://fermata.example:7400", { timeoutMs: 5_000 });
  const seen: string[] = [];
  t.mock.method(globalThis, "fetch", (input: string | URL | Request) => {
    seen.push(input instanceof Request ? input.url : String(input));
    return Promise.resolve(new Response(null, { status: 403 }));
  });
  await assert.rejects(connection.hosts.listHosts({}), (error) => error instanceof FermataError && error.code === Code.PermissionDenied);
  assert.deepEqual(seen, ["http://fermata.example:7400/fermata.v1.HostService/ListHosts"]);
  connection.close();
});
