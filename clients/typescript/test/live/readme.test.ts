/** The README's programs, as they stand in it, in a fresh folder in which the packed package is installed. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Operator, SessionState, SessionView } from "@fermata/client";
import { connect } from "@fermata/client/node";
import { SimulatedFermata } from "@fermata/client/testing";
import { Child } from "../child.js";
import { atEnd, PROJECT, startFermata, until } from "../support.js";

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL("../../../", import.meta.url));

/** The programs of the README, by the heading under which they stand. */
async function programs(): Promise<Map<string, string>> {
  const text = await readFile(join(PACKAGE, "README.md"), "utf8");
  const found = new Map<string, string>();
  let heading = "";
  for (const [, title, code] of text.matchAll(/^## (.+)$|^```js\n([^]*?)^```$/gm)) {
    heading = title ?? heading;
    if (code !== undefined) found.set(heading, code);
  }
  return found;
}

/** A folder in which the package is installed as its users install it. */
async function install(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fermata-"));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: PACKAGE });
  await writeFile(join(folder, "package.json"), `{ "private": true, "type": "module" }`);
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent", join(folder, stdout.trim())], { cwd: folder });
  return folder;
}

/** Runs a program of the README in a folder, against the server at `url`. */
async function start(t: TestContext, folder: string, name: string, url: string): Promise<Child> {
  const code = (await programs()).get(name);
  assert.ok(code, `the README has no program under ${name}`);
  const script = join(folder, `${name.replaceAll(/\W+/g, "-")}.js`);
  // The server's port is free rather than the default one. Nothing else is changed.
  await writeFile(script, code.replaceAll("http://127.0.0.1:7400", url));
  return Child.start(t, script, []);
}

test("the programs of the README run from the packed package", async (t) => {
  const folder = await install(t);
  const fermata = await startFermata(t);
  const owner = await start(t, folder, "An owner (VNFM) in ten lines", fermata.url);
  const hosts = await start(t, folder, "Watch", fermata.url);
  const connection = connect(fermata.url);
  atEnd(t, () => connection.close());
  await until(async () => (await connection.notifications.listSubscriptions({ projectId: PROJECT })).subscriptions[0]?.connected, "the owner");

  const operator = await start(t, folder, "An operator (NFVO)", fermata.url);
  await until(() => operator.exitCode !== null, "the end of the session").catch(async (error: unknown) => {
    const { sessions } = await connection.sessions.listSessions({ view: SessionView.FULL });
    const waits = sessions[0]?.status?.waits.map(({ description }) => description).join("; ");
    throw new Error(`${sessions[0]?.status?.stateReason}; it waits for: ${waits}; the owner said: ${owner.lines.join("; ")}`, { cause: error });
  });
  assert.deepEqual([operator.exitCode, operator.lines.at(-1)], [0, "[ 'compute-1' ]"]);
  const { sessions } = await connection.sessions.listSessions({});
  assert.equal(sessions[0]?.status?.state, SessionState.COMPLETED);
  const report = await new Operator(connection).report(sessions[0]?.id ?? "");
  assert.deepEqual(report.hosts[0]?.servers.map(({ name }) => name).sort(), ["amf-active", "smf"]);
  assert.ok(owner.lines.some((line) => line.startsWith("amf-active")), owner.lines.join("\n"));
  await until(() => hosts.lines.filter((line) => line.startsWith("compute-1")).length >= 3, "the states of the host");

  const tested = await start(t, folder, "Test your owner", fermata.url);
  await until(() => tested.exitCode !== null, "the end of the test");
  assert.deepEqual([tested.exitCode, tested.lines], [0, ["[ 'mme-db-1', 'smf-1' ]"]]);
});

test("the neutral entry points and the one for browsers need no types of Node.js", async (t) => {
  const folder = await install(t);
  const program = `
import { accept, alarms, create, Operator, Owner, SubscribeRequestSchema, watch } from "@fermata/client";
import { connect } from "@fermata/client/web";
const connection = connect("https://fermata.example:7400");
const owner = new Owner(connection, { projectId: "core", subscriptionId: "vnfm", onPlanned: (notification) => {
  console.log(alarms(notification, { instanceId: "vnf", vnfcs: {}, alarmsUrl: "/vnffm/v1/alarms" }, new Date()));
  return accept();
} });
void owner.run();
void new Operator(connection).create({ hosts: { all: true } });
for await (const item of watch(connection, create(SubscribeRequestSchema, { projectId: "core" }))) {
  if (item.kind === "snapshot") console.log(item.snapshot.servers.length);
}
`;
  await writeFile(join(folder, "page.ts"), program);
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--verbatimModuleSyntax", "--noEmit"];
  const platform = ["--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom,dom.asynciterable,esnext.disposable"];
  const compiler = join(PACKAGE, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [compiler, ...strict, ...platform, "page.ts"], { cwd: folder });
});

test("a program that is not there is said", async () => {
  await assert.rejects(SimulatedFermata.start({ program: "/nowhere/fermata" }), /cannot run \/nowhere\/fermata: build it or install it/);
});
