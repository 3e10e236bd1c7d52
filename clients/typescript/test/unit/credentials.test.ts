/** Tokens from files and from Keystone. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { Code } from "@fermata/client";
import { keystone, keystoneFromEnvironment, tokenFile } from "@fermata/client/node";

test("a token file is read for each call", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "fermata-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "token");
  const credentials = tokenFile(file);
  await assert.rejects(async () => credentials.headers(), { code: Code.Unauthenticated, message: `cannot read the token file ${file}` });
  await writeFile(file, "first\n");
  assert.deepEqual(await credentials.headers(), { authorization: "Bearer first" });
  await writeFile(file, "second\n");
  assert.deepEqual(await credentials.headers(), { authorization: "Bearer second" });
});

/** A Keystone that gives numbered tokens. */
async function startKeystone(t: TestContext, { lifetimeMs = 3_600_000, status = 201 } = {}) {
  const requests: { path: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      requests.push({ path: request.url, body });
      response.writeHead(status, { "x-subject-token": `token-${requests.length}` });
      response.end(JSON.stringify({ token: { expires_at: new Date(Date.now() + lifetimeMs).toISOString() } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const application = { kind: "application_credential", id: "id", secret: "secret" } as const;

test("a token of Keystone is fetched once for many calls, and again when it has expired", async (t) => {
  const { requests, url } = await startKeystone(t);
  const credentials = keystone({ authUrl: `${url}/v3/`, identity: application });
  const all = await Promise.all([1, 2, 3].map(async () => credentials.headers()));
  assert.deepEqual(all, [1, 2, 3].map(() => ({ authorization: "Bearer token-1" })));
  credentials.expired?.();
  assert.deepEqual(await credentials.headers(), { authorization: "Bearer token-2" });
  assert.deepEqual(requests.map(({ path }) => path), ["/v3/auth/tokens", "/v3/auth/tokens"]);
  assert.deepEqual(requests[0]?.body, {
    auth: { identity: { methods: ["application_credential"], application_credential: { id: "id", secret: "secret" } } },
  });
});

test("a token of Keystone is renewed a minute before it ends", async (t) => {
  const { url } = await startKeystone(t, { lifetimeMs: 59_000 });
  const credentials = keystone({ authUrl: url, identity: application });
  await credentials.headers();
  assert.deepEqual(await credentials.headers(), { authorization: "Bearer token-2" });
});

test("what Keystone refuses does not pass, what it cannot do may", async (t) => {
  for (const [status, code] of [[401, Code.Unauthenticated], [503, Code.Unavailable]] as const) {
    const { url } = await startKeystone(t, { status });
    const credentials = keystone({ authUrl: url, identity: application });
    await assert.rejects(async () => credentials.headers(), (error: { code: Code; message: string }) => {
      assert.equal(error.code, code);
      assert.ok(!error.message.includes("secret"));
      return true;
    });
  }
  // A port at which nobody listens.
  const nobody = keystone({ authUrl: "http://127.0.0.1:1", identity: application });
  await assert.rejects(async () => nobody.headers(), { code: Code.Unavailable });
});

test("the OS_* variables name who calls", async (t) => {
  const { requests, url } = await startKeystone(t);
  const password = {
    OS_AUTH_URL: url,
    OS_USERNAME: "vnfm",
    OS_PASSWORD: "secret",
    OS_USER_DOMAIN_NAME: "Default",
    OS_PROJECT_ID: "core",
  };
  await keystoneFromEnvironment(password).headers();
  await keystoneFromEnvironment({ ...password, OS_SYSTEM_SCOPE: "all" }).headers();
  await keystoneFromEnvironment({ ...password, OS_APPLICATION_CREDENTIAL_NAME: "name", OS_APPLICATION_CREDENTIAL_SECRET: "s" }).headers();
  const user = { name: "vnfm", domain: { name: "Default" } };
  const identity = { methods: ["password"], password: { user: { ...user, password: "secret" } } };
  assert.deepEqual(
    requests.map(({ body }) => body),
    [
      { auth: { identity, scope: { project: { id: "core" } } } },
      { auth: { identity, scope: { system: { all: true } } } },
      { auth: { identity: { methods: ["application_credential"], application_credential: { name: "name", user, secret: "s" } } } },
    ],
  );
  assert.throws(() => keystoneFromEnvironment({ OS_AUTH_URL: url }), /OS_USERNAME is not set/);
});
