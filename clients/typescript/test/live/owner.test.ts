/** Owners in real maintenances. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accept, Action, counterOffer, Operator, type OwnerActivity, reject, ServerState, SessionState, SessionView } from "@fermata/client";
import { PROJECT, RunningOwner, startFermata, until } from "../support.js";

test("a maintenance goes through while the server is restarted and killed", async (t) => {
  const fermata = await startFermata(t);
  const asked: string[] = [];
  const changes: string[] = [];
  let completed = false;
  new RunningOwner(t, fermata.connect(), {
    onPlanned: ({ id, planRevision, servers }) => {
      asked.push(`${id} ${planRevision}`);
      return accept(Object.fromEntries(servers.map(({ serverId, name }) => [serverId, name === "smf" ? Action.KEEP : Action.LIVE_MIGRATE])));
    },
    onServerEvent: ({ name, state }) => void changes.push(`${name} ${ServerState[state]}`),
    onComplete: () => {
      completed = true;
    },
  });
  const maintained = fermata.maintain(["compute-1", "compute-2"], {
    onHostReady: async (host) => {
      // Whoever works on a host does not care whether Fermata runs.
      if (host === "compute-1") await fermata.kill();
      await fermata.restart();
    },
  });
  const report = await maintained;
  assert.equal(report.session?.status?.state, SessionState.COMPLETED);
  await until(() => completed, "the owner hears of the end");
  const results = report.hosts.flatMap(({ servers }) => servers.map(({ name, state }) => `${name} ${ServerState[state]}`));
  assert.ok(results.includes("smf RESTORED"), results.join());
  assert.ok(results.includes("amf-active MOVED"), results.join());
  assert.ok(changes.includes("smf KEPT") && changes.includes("smf RESTORED"), changes.join());
  assert.equal(new Set(asked).size, asked.length);
});

test("a counter-offer is judged, and the question asked again", async (t) => {
  const fermata = await startFermata(t);
  const activities: OwnerActivity[] = [];
  const notBefore = new Date(Date.now() + 3_000);
  let agreed: Date | undefined;
  new RunningOwner(t, fermata.connect(), {
    onActivity: (activity) => activities.push(activity),
    onPlanned: ({ counterOffer: offered, servers }) => {
      if (!offered) return counterOffer({ notBefore, comment: "a busy moment" });
      const time = servers[0]?.agreedNotBeforeTime;
      agreed = time && new Date(Number(time.seconds) * 1000 + time.nanos / 1e6);
      return accept();
    },
  });
  await until(() => activities.some(({ kind }) => kind === "item"), "the stream");
  const report = await fermata.maintain(["compute-3"]);
  assert.equal(agreed?.getTime(), notBefore.getTime());
  const begun = report.hosts[0]?.servers[0]?.actionStartTime;
  assert.ok(begun && Number(begun.seconds) * 1000 + begun.nanos / 1e6 >= notBefore.getTime());
  assert.deepEqual(
    activities.flatMap((one) => (one.kind === "reply" ? [`${one.answer} ${one.outcome}`] : [])),
    ["counter_offer accepted", "accept accepted"],
  );
});

test("a rejection holds the host, until the operator overrides it", async (t) => {
  const fermata = await startFermata(t);
  new RunningOwner(t, fermata.connect(), { onPlanned: () => reject("not tonight"), onDrain: () => reject("not tonight") });
  const { notifications, sessions } = fermata.connect();
  await until(async () => (await notifications.listSubscriptions({ projectId: PROJECT })).subscriptions[0]?.connected, "the owner");
  const maintained = fermata.maintain(["compute-1"]);
  const held = await until(async () => {
    const { sessions: list } = await sessions.listSessions({ view: SessionView.FULL });
    return list.find(({ status }) => status?.waits.some(({ endedBy }) => endedBy.some((name) => name.endsWith("/RetryHost"))));
  }, "the host is held");
  await sessions.retryHost({ sessionId: held.id, host: "compute-1", reason: "a test", overrideOwners: true });
  const report = await maintained;
  assert.equal(report.session?.status?.state, SessionState.COMPLETED);
});

test("an owner waits for a server that is not there yet", async (t) => {
  const fermata = await startFermata(t);
  await fermata.stop();
  const activities: OwnerActivity[] = [];
  const owner = new RunningOwner(t, fermata.connect(), { onActivity: (activity) => activities.push(activity) });
  await fermata.restart();
  await until(() => activities.some((one) => one.kind === "item" && one.item.kind === "snapshot"), "a snapshot");
  await owner.stop();
});

test("a subscription that is deleted ends its owner", async (t) => {
  const fermata = await startFermata(t);
  const { notifications } = fermata.connect();
  const owner = new RunningOwner(t, fermata.connect(), { subscriptionId: "gone" });
  await until(async () => (await notifications.listSubscriptions({ projectId: PROJECT })).subscriptions[0]?.connected, "the owner");
  await notifications.deleteSubscription({ projectId: PROJECT, subscriptionId: "gone" });
  await assert.rejects(owner.ended, { reasonName: "SUBSCRIPTION_NOT_FOUND" });
});

test("an operator: preview, one session for one request id, hosts that fail", async (t) => {
  const fermata = await startFermata(t);
  const operator = new Operator(fermata.connect());
  const window = { endTime: { seconds: BigInt(Math.floor(Date.now() / 1000) + 3_600), nanos: 0 } };
  const spec = { hosts: { names: ["compute-4"] }, window, reason: "a test" };
  const preview = await operator.preview(spec);
  assert.ok(preview.kind === "plan");
  assert.deepEqual(preview.plan.waves[0]?.hosts.map(({ host }) => host), ["compute-4"]);
  const first = await operator.create(spec, { requestId: "mine" });
  assert.equal((await operator.create(spec, { requestId: "mine" })).id, first.id);
  const stop = new AbortController();
  const failed = operator.follow(
    first.id,
    {
      onHostReady: () => {
        throw new Error("the firmware does not fit");
      },
      onEvent: ({ event }) => {
        if (event.case === "session" && event.value.state === SessionState.FAILED) stop.abort();
      },
    },
    { signal: stop.signal },
  );
  await assert.rejects(failed, { name: "AbortError" });
  const report = await operator.report(first.id);
  assert.equal(report.hosts[0]?.host?.stateReason.includes("the firmware does not fit"), true, report.hosts[0]?.host?.stateReason);
});
