/** An owner that is killed at every step, and decides otherwise each time that it starts. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { Action, DecisionSource } from "@fermata/client";
import { Child } from "../child.js";
import { PROJECT, startFermata } from "../support.js";

const SCRIPT = fileURLToPath(new URL("fickle.js", import.meta.url));

/** Runs a maintenance; the first owner is killed after it has printed so many lines. */
async function maintain(t: TestContext, step: number) {
  const fermata = await startFermata(t);
  const replies = new Map<string, number>();
  let starts = 0;
  const start = () => Child.start(t, SCRIPT, [fermata.url, PROJECT, String(starts++)]);
  const first = start();
  await first.line((line) => line === "snapshot");
  const maintained = fermata.maintain(["compute-1"], {
    onEvent: ({ event }) => {
      if (event.case !== "ownerReplied") return;
      const { notificationId } = event.value;
      replies.set(notificationId, (replies.get(notificationId) ?? 0) + 1);
    },
  });
  await first.line(() => first.lines.length >= step || first.lines.includes("complete"));
  await first.kill();
  const second = start();
  const report = await maintained;
  await second.stop();
  return { report, replies, killedAt: first.lines.at(step - 1) ?? "the end" };
}

test("there are never two answers to one question, and no server is touched without the owner's word", async (t) => {
  // Each step of the owner in a maintenance, from before the question to after the end.
  const steps = [2, 3, 4, 5, 6, 8, 11];
  const runs = await Promise.all(steps.map(async (step) => ({ step, ...(await maintain(t, step)) })));
  for (const { step, report, replies, killedAt } of runs) {
    const where = `killed after step ${step}, ${killedAt}`;
    for (const [notification, count] of replies) assert.equal(count, 1, `${where}: ${count} answers to ${notification}`);
    const servers = report.hosts.flatMap((host) => host.servers);
    assert.equal(servers.length, 2, where);
    for (const { name, decisionSource } of servers) assert.equal(decisionSource, DecisionSource.OWNER, `${where}: ${name}`);
    // One answer decided about both.
    assert.equal(new Set(servers.map(({ action }) => Action[action])).size, 1, where);
  }
});
