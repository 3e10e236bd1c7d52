/** A plan that comes in pieces. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, create, type PlanWave, PlanWaveSchema, type PreviewSessionResponse, PreviewSessionResponseSchema } from "@fermata/client";
import { gather } from "#src/operator/preview.js";

const wave = (number: number, hosts: Record<string, number>): PlanWave =>
  create(PlanWaveSchema, {
    number,
    hosts: Object.entries(hosts).map(([host, moves]) => ({ host, moves: Array.from({ length: moves }, () => ({})) })),
  });

const piece = (part: number, last: boolean, ...waves: PlanWave[]): PreviewSessionResponse =>
  create(PreviewSessionResponseSchema, { part, last, answer: { case: "plan", value: { waves, owners: [{}] } } });

async function* parts(...pieces: PreviewSessionResponse[]) {
  yield* pieces;
}

test("pieces become one plan", async () => {
  const answer = await gather(
    parts(
      piece(1, false, wave(1, { a: 2, b: 1 })),
      piece(2, false, wave(1, { b: 3, c: 1 })),
      piece(3, true, wave(1, { d: 1 }), wave(2, { e: 1 })),
    ),
  );
  assert.ok(answer.kind === "plan");
  assert.equal(answer.plan.owners.length, 3);
  assert.deepEqual(answer.plan.waves, [wave(1, { a: 2, b: 4, c: 1, d: 1 }), wave(2, { e: 1 })]);
});

test("a conflict is an answer, too", async () => {
  const conflict = create(PreviewSessionResponseSchema, { part: 1, last: true, answer: { case: "conflict", value: {} } });
  assert.equal((await gather(parts(conflict))).kind, "conflict");
});

test("a part that is missing is noticed", async () => {
  const missing = [[], [piece(2, true)], [piece(1, false)], [piece(1, false), piece(3, true)]];
  for (const pieces of missing) await assert.rejects(gather(parts(...pieces)), { code: Code.DataLoss });
});
