/** Certificates and tokens, against a real server that asks for them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import {
  Code,
  create,
  ErrorReason,
  Operator,
  type OwnerEvent,
  type OwnerSnapshot,
  SubscribeRequestSchema,
  timestamp,
  token,
  watch,
  type WatchItem,
} from "@fermata/client";
import { connect, tokenFile } from "@fermata/client/node";
import { atEnd, PROJECT, startFermata, until } from "../support.js";

const run = promisify(execFile);

/** A CA, a certificate of the server, and one of a client. */
async function makeCertificates(t: TestContext): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), "fermata-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test CA", "-days", "2");
  for (const [name, alternative] of [["server", "IP:127.0.0.1"], ["client", "DNS:vnfm.example"]] as const) {
    await openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    await writeFile(file(`${name}.ext`), `subjectAltName=${alternative}\n`);
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", `${name}.ext`, "-days", "2"];
    await openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`, ...signed);
  }
  return file;
}

const OPERATOR = "fermata_operator";
const FIRST = "fermata_first";
const SECOND = "fermata_second";

const digest = (bearer: string) => `sha256:${createHash("sha256").update(bearer).digest("hex")}`;

function principals(...tokens: string[]): string {
  return `
[[principal]]
name = "vnfm"
roles = ["owner"]
projects = ["${PROJECT}"]
tokens = [${tokens.map((each) => `"${digest(each)}"`).join(", ")}]
certificates = ["dns:vnfm.example"]

[[principal]]
name = "noc"
roles = ["operator"]
tokens = ["${digest(OPERATOR)}"]
`;
}

test("TLS, a client certificate, tokens, and a token that is replaced under a watch", async (t) => {
  const file = await makeCertificates(t);
  await writeFile(file("principals.toml"), principals(FIRST));
  const args = ["--principals", file("principals.toml"), "--server-cert", file("server.pem"), "--server-key", file("server.key"), "--client-ca", file("ca.pem")];
  const fermata = await startFermata(t, { args });
  const url = fermata.url.replace("http:", "https:");
  const ca = { tlsCaFile: file("ca.pem") };
  const listing = async (options: Parameters<typeof connect>[1]) => {
    using connection = connect(url, options);
    return (await connection.notifications.listSubscriptions({ projectId: PROJECT })).subscriptions;
  };

  await assert.rejects(listing(ca), { reason: ErrorReason.CREDENTIALS_MISSING });
  await assert.rejects(listing({ ...ca, credentials: token("fermata_another") }), { code: Code.Unauthenticated });
  assert.deepEqual(await listing({ ...ca, credentials: token(FIRST) }), []);
  assert.deepEqual(await listing({ ...ca, tlsCertificateFile: file("client.pem"), tlsKeyFile: file("client.key") }), []);
  // Without the CA the certificate is nobody's. That the server cannot be trusted does not pass by itself, but may be mended.
  await assert.rejects(listing({ timeoutMs: 2_000 }), /certificate/);
  assert.throws(() => connect(url, { tlsCaFile: file("none.pem") }), /none\.pem/);

  await writeFile(file("token"), FIRST);
  const connection = connect(url, { ...ca, credentials: tokenFile(file("token")) });
  atEnd(t, () => connection.close());
  const items: WatchItem<OwnerSnapshot, OwnerEvent>[] = [];
  const stop = new AbortController();
  const watched = (async () => {
    const request = create(SubscribeRequestSchema, { projectId: PROJECT });
    for await (const item of watch(connection, request, { signal: stop.signal, firstWaitMs: 50, longestWaitMs: 200 })) items.push(item);
  })();
  await until(() => items.some(({ kind }) => kind === "snapshot"), "the snapshot");
  // As docs/security.md replaces a token: the new one beside the old one, which goes later.
  await writeFile(file("principals.toml"), principals(FIRST, SECOND));
  await until(() => listing({ ...ca, credentials: token(SECOND) }).catch(() => undefined), "the new token is known");
  await writeFile(file("token"), SECOND);
  await writeFile(file("principals.toml"), principals(SECOND));
  await until(() => items.some((item) => item.kind === "interrupted" && item.error?.reason === ErrorReason.CREDENTIALS_EXPIRED), "the old token is out");
  // The watch goes on with the new one: what happens now arrives.
  using noc = connect(url, { ...ca, credentials: token(OPERATOR) });
  const window = { startTime: timestamp(new Date(Date.now() + 3_600_000)), endTime: timestamp(new Date(Date.now() + 7_200_000)) };
  await new Operator(noc).create({ hosts: { names: ["compute-1"] }, window, reason: "a test" });
  await until(() => items.some(({ kind }) => kind === "event"), "an event by the new token");
  stop.abort();
  await watched;
});
