/** The conformance program writes its journal, and ends in good order. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../child.js";
import { atEnd, PROJECT, startFermata, until } from "../support.js";

const PROGRAM = fileURLToPath(new URL("../../../bin/conformance.js", import.meta.url));

type Line = Record<string, unknown> & { kind: string };

test("both layers, by what they write", async (t) => {
  const fermata = await startFermata(t);
  const folder = await mkdtemp(join(tmpdir(), "fermata-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const journal = async (name: string): Promise<Line[]> => {
    const text = await readFile(join(folder, name), "utf8").catch(() => "");
    return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Line);
  };
  const start = (layer: string, ...more: string[]) =>
    Child.start(t, PROGRAM, [
      ...["--server", fermata.url, "--project", PROJECT, "--subscription", layer, "--journal", join(folder, layer)],
      ...["--layer", layer, "--heartbeat", "1", ...more],
    ]);
  const watcher = start("watch", "--read-delay", "0.01");
  const owner = start("owner", "--behaviour", "raise", "--answer-margin", "2");
  const has = (layer: string, kind: string) => until(async () => (await journal(layer)).some((line) => line.kind === kind), `${layer} ${kind}`);
  await has("watch", "snapshot");
  await has("owner", "snapshot");
  const maintained = fermata.maintain(["compute-1"], { onHostReady: () => fermata.restart() });
  await maintained;
  await has("owner", "reply");
  await until(async () => (await journal("watch")).some(({ change }) => change === "COMPLETED"), "the end");
  await Promise.all([watcher.stop(), owner.stop()]);
  assert.deepEqual([watcher.exitCode, owner.exitCode], [0, 0]);

  const watched = await journal("watch");
  const numbers = watched.flatMap(({ kind, sequence }) => (kind === "event" ? [sequence] : []));
  assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
  assert.ok(watched.some(({ kind, cause }) => kind === "interrupted" && cause === "going_away"));
  assert.deepEqual(watched.at(-1), { at: watched.at(-1)?.["at"], kind: "ended", reason: "stopped" });

  const owned = await journal("owner");
  const planned = owned.filter(({ handler }) => handler === "planned").map(({ attempt, phase }) => `${String(attempt)} ${String(phase)}`);
  assert.deepEqual(planned, ["1 begin", "1 failed", "2 begin", "2 failed", "3 begin", "3 end"]);
  const [reply] = owned.filter(({ kind }) => kind === "reply");
  assert.deepEqual(Object.keys(reply ?? {}), ["at", "kind", "id", "plan_revision", "answer", "fallback", "outcome"]);
  assert.deepEqual([reply?.["answer"], reply?.["fallback"], reply?.["outcome"]], ["accept", false, "accepted"]);
  const [snapshot] = owned.filter(({ kind }) => kind === "snapshot");
  assert.deepEqual(Object.keys(snapshot ?? {}), ["at", "kind", "sequence", "store_id", "servers", "notifications"]);
  const positions = owned.flatMap(({ kind, sequence }) => (kind === "acknowledged" ? [Number(sequence)] : []));
  assert.ok(positions.length > 0);
  assert.deepEqual(positions, positions.toSorted((a, b) => a - b));
});

test("an error that trying again cannot mend is the end", async (t) => {
  const fermata = await startFermata(t);
  const folder = await mkdtemp(join(tmpdir(), "fermata-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const file = join(folder, "journal");
  const child = Child.start(t, PROGRAM, ["--server", fermata.url, "--project", "", "--subscription", "s", "--journal", file, "--layer", "watch"]);
  await until(() => child.exitCode !== null, "its end");
  assert.equal(child.exitCode, 1);
  assert.match(await readFile(file, "utf8"), /"kind":"ended","reason":"INVALID_FIELD"/);
});
