/** The example VNFM: its decisions, and a maintenance in which it is killed. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Action, type Answer, create, DecisionSource, NotificationSchema, NotificationKind, ServerState, timestamp } from "@fermata/client";
import { Child } from "../../test/child.js";
import { atEnd, makeEvents, PROJECT, startFermata, until } from "../../test/support.js";
import type { Vnf } from "./vnf.js";
import { vnfm } from "./vnfm.js";

const ALL = [Action.LIVE_MIGRATE, Action.MIGRATE, Action.KEEP];

class FakeVnf implements Vnf {
  readonly pair = ["a", "b"] as const;
  now = "a";
  busy: Date | undefined;
  spare: string[] = [];
  log: string[] = [];
  active = () => this.now;
  busyUntil = () => this.busy;
  async switchOver(to: string) {
    this.log.push(`switch to ${to}`);
    this.now = to;
  }
  async scaleIn(servers: readonly string[]) {
    return servers.filter((server) => this.spare.includes(server));
  }
  async scaleOut() {
    this.log.push("scale out");
  }
}

const context = { signal: new AbortController().signal, attempt: 1, answerBy: undefined };

async function planned(vnf: Vnf, names: string[], fields: { offered?: boolean; allowed?: Action[] } = {}): Promise<Answer> {
  const notification = create(NotificationSchema, {
    kind: NotificationKind.PLANNED,
    window: { endTime: timestamp(new Date(Date.now() + 3_600_000)) },
    servers: names.map((name) => ({ serverId: name, name, allowedActions: fields.allowed ?? ALL })),
    ...(fields.offered && { counterOffer: {} }),
  });
  return vnfm(vnf).onPlanned!(notification, context);
}

const decisions = (answer: Answer) => (answer.kind === "accept" ? Object.fromEntries(answer.decisions as Map<string, Action>) : answer.kind);

test("switches over before it accepts, and decides for each server", async () => {
  const vnf = new FakeVnf();
  assert.deepEqual(decisions(await planned(vnf, ["a", "other"])), { a: Action.KEEP, other: Action.LIVE_MIGRATE });
  assert.deepEqual(vnf.log, ["switch to b"]);
  // Again, after a restart for example: nothing is switched, and the answer is the same.
  assert.deepEqual(decisions(await planned(vnf, ["a", "other"])), { a: Action.KEEP, other: Action.LIVE_MIGRATE });
  assert.deepEqual(vnf.log, ["switch to b"]);
});

test("where both members are affected the active one moves while it runs", async () => {
  const vnf = new FakeVnf();
  assert.deepEqual(decisions(await planned(vnf, ["a", "b"])), { a: Action.LIVE_MIGRATE, b: Action.KEEP });
  assert.deepEqual(vnf.log, []);
  const leaving = await planned(vnf, ["b"], { allowed: [Action.LIVE_MIGRATE, Action.MIGRATE] });
  assert.deepEqual(decisions(leaving), { b: Action.MIGRATE });
});

test("in a busy hour it offers a better time, once, and only inside the window", async () => {
  const vnf = new FakeVnf();
  vnf.busy = new Date(Date.now() + 60_000);
  const answer = await planned(vnf, ["a"]);
  assert.ok(answer.kind === "counter_offer");
  assert.equal(answer.offer.notBefore, vnf.busy);
  assert.equal((await planned(vnf, ["a"], { offered: true })).kind, "accept");
  vnf.busy = new Date(Date.now() + 7_200_000);
  assert.equal((await planned(vnf, ["a"])).kind, "accept");
});

test("scales in as far as it can, and out when the maintenance is over", async () => {
  const vnf = new FakeVnf();
  const { onScaleIn, onComplete } = vnfm(vnf);
  const asked = create(NotificationSchema, { kind: NotificationKind.SCALE_IN, scaleIn: { suggestedServerIds: ["x", "y"] } });
  assert.equal((await onScaleIn!(asked, context)).kind, "reject");
  vnf.spare = ["y"];
  const answer = await onScaleIn!(asked, context);
  assert.deepEqual(answer.kind === "own_action_done" && answer.servers, ["y"]);
  await onComplete!({} as never, context);
  assert.deepEqual(vnf.log, ["scale out"]);
});

test("a maintenance goes through although the program is killed after each thing that it does", async (t) => {
  const fermata = await startFermata(t);
  const folder = await mkdtemp(join(tmpdir(), "fermata-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const file = join(folder, "active");
  const main = fileURLToPath(new URL("main.js", import.meta.url));
  const start = () => Child.start(t, main, [fermata.url, PROJECT, file, "amf-active", "amf-standby"]);
  // Something has to be acknowledged first: a start from position 0 is one with a snapshot, which tells of no end of a session.
  await makeEvents(fermata);
  const { notifications } = fermata.connect();
  const first = start();
  await until(async () => {
    const { subscriptions } = await notifications.listSubscriptions({ projectId: PROJECT });
    return subscriptions.some(({ id, acknowledgedSequence }) => id === "example-vnfm" && acknowledgedSequence > 0n);
  }, "the first position");
  await first.kill();
  let over = false;
  const keepsDying = (async () => {
    while (!over) {
      const child = start();
      // A line for each thing that it does.
      await child.line(() => true);
      await child.kill();
      if (child.lines.some((line) => line.includes("is over"))) over = true;
    }
  })();
  const report = await fermata.maintain(["compute-1"]);
  await keepsDying;
  assert.equal(await readFile(file, "utf8"), "amf-standby");
  const servers = report.hosts[0]?.servers ?? [];
  const results = servers.map(({ name, state, action, decisionSource }) => [name, ServerState[state], Action[action], DecisionSource[decisionSource]]);
  assert.deepEqual(results.sort(), [
    ["amf-active", "RESTORED", "KEEP", "OWNER"],
    ["smf", "MOVED", "LIVE_MIGRATE", "OWNER"],
  ]);
});
