/** What was planned for a host before its turn came. The server tells the plan of hosts that wait; this keeps it for the comparison. */
import type { Scale } from "./timeline.ts";

const key = (session: string) => `fermata.plan.${session}`;

/** What this tab knows of a session's plan. */
export function recall(session: string): Map<string, Scale> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(key(session)) ?? "[]") as [string, Scale][]);
  } catch {
    return new Map();
  }
}

/** Keeps it. A tab whose storage is full forgets it when it is loaded again. */
export function keep(session: string, plan: ReadonlyMap<string, Scale>): void {
  try {
    sessionStorage.setItem(key(session), JSON.stringify([...plan]));
  } catch {
    // It is a convenience.
  }
}
