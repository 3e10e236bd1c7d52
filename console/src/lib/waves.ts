/** Hosts of a session as they follow each other: done, now, later waves, and those without a turn. */
import { type SessionHost, SessionHostState as State } from "@fermata/client";
import { count } from "./words.ts";

/** A host, or the heading over some. */
export interface HostRow {
  readonly key: string;
  readonly title: string;
  readonly host: SessionHost | undefined;
}

const DONE: ReadonlySet<State> = new Set([State.MAINTAINED, State.RETIRED]);
const OUT: ReadonlySet<State> = new Set([State.SKIPPED, State.CANCELLED]);
const FAILED: ReadonlySet<State> = new Set([State.DRAIN_FAILED, State.MAINTENANCE_FAILED]);
const LATER = 1_000_000;

function place(host: SessionHost): number {
  if (DONE.has(host.state)) return -1;
  if (FAILED.has(host.state)) return LATER + 1;
  if (OUT.has(host.state)) return LATER + 2;
  if (host.state !== State.WAITING) return 0;
  return host.wave > 0 ? host.wave : LATER;
}

function title(place: number): string {
  if (place === -1) return "Done";
  if (place === 0) return "Now";
  if (place === LATER) return "Not in the plan";
  if (place === LATER + 1) return "Failed";
  if (place === LATER + 2) return "Left out";
  return `Wave ${place}`;
}

/** Hosts in the order of the plan, with a heading over each wave. */
export function hostRows(hosts: readonly SessionHost[]): HostRow[] {
  const groups = new Map<number, SessionHost[]>();
  for (const host of hosts) {
    const group = groups.get(place(host));
    if (group) group.push(host);
    else groups.set(place(host), [host]);
  }
  return [...groups].sort(([a], [b]) => a - b).flatMap(([where, group]) => [
    { key: `/${where}`, title: `${title(where)} · ${count(group.length, "host")}`, host: undefined },
    ...group.map((host) => ({ key: host.host, title: "", host })),
  ]);
}
