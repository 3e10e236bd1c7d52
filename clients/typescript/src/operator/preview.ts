/** A plan that comes in pieces, put together. */
import { Code } from "@connectrpc/connect";
import type { Connection } from "../connection.js";
import { FermataError } from "../error.js";
import type { Plan, PlanConflict, PlanOptions } from "../gen/fermata/v1/plan_pb.js";
import type { SessionSpec } from "../gen/fermata/v1/session_pb.js";
import type { PreviewSessionResponse } from "../gen/fermata/v1/session_service_pb.js";

/** The plan of a session, or what stands in its way. */
export type Preview =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "conflict"; readonly conflict: PlanConflict };

/** Puts the answers of PreviewSession together. */
export async function gather(parts: AsyncIterable<PreviewSessionResponse>): Promise<Preview> {
  let plan: Plan | undefined;
  let count = 0;
  let complete = false;
  for await (const { answer, part, last } of parts) {
    if (part !== count + 1) throw missing();
    count = part;
    complete = last;
    if (answer.case === "conflict") return { kind: "conflict", conflict: answer.value };
    if (answer.case === "plan") plan = plan ? joined(plan, answer.value) : answer.value;
  }
  if (!complete || !plan) throw missing();
  return { kind: "plan", plan };
}

/** Asks for the plan of a session that does not exist. */
export async function preview(
  connection: Connection,
  spec: SessionSpec,
  options?: PlanOptions,
  signal?: AbortSignal,
): Promise<Preview> {
  const request = { spec, ...(options && { options }) };
  return gather(connection.sessions.previewSession(request, signal ? { signal } : {}));
}

function missing(): FermataError {
  return new FermataError("a part of the preview is missing", Code.DataLoss);
}

/** The first wave and host of a piece may go on with the last ones that are there. */
function joined(plan: Plan, piece: Plan): Plan {
  plan.owners.push(...piece.owners);
  for (const wave of piece.waves) {
    const lastWave = plan.waves.at(-1);
    if (lastWave?.number !== wave.number) {
      plan.waves.push(wave);
      continue;
    }
    for (const host of wave.hosts) {
      const lastHost = lastWave.hosts.at(-1);
      if (lastHost?.host !== host.host) {
        lastWave.hosts.push(host);
        continue;
      }
      lastHost.moves.push(...host.moves);
      lastHost.stays.push(...host.stays);
    }
  }
  return plan;
}
