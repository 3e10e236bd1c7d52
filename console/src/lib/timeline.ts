/** Spans of time on an axis: what was planned, and what happened. */
import { type Plan, type Session, type SessionHost, SessionHostState as State } from "@fermata/client";
import { ms } from "./time.ts";
import type { Tone } from "./words.ts";

/** What an axis shows. */
export interface Scale {
  readonly from: number;
  readonly to: number;
}

/** A bar. */
export interface Segment extends Scale {
  readonly label: string;
  readonly tone: Tone;
  /** Drawn as an outline: it has not happened. */
  readonly isPlanned?: boolean;
}

const LEAST_MS = 10_000;

/** The axis of a session: all that is known of it, and today only if it still goes on. */
export function sessionScale(session: Session, hosts: readonly SessionHost[], now: number): Scale {
  const { status, createTime } = session;
  const ended = ms(status?.endTime);
  const times = [ms(status?.startTime), ms(status?.expectedEndTime), ended, ended === undefined ? now : undefined];
  for (const host of hosts) times.push(ms(host.drainStartTime), ms(host.expectedStartTime), ms(host.endTime));
  return padded(times.filter((time) => time !== undefined), ms(createTime) ?? now);
}

/** The axis of a plan. */
export function planScale(plan: Plan): Scale {
  return padded([ms(plan.startTime), ms(plan.expectedEndTime)].filter((time) => time !== undefined), Date.now());
}

function padded(times: readonly number[], otherwise: number): Scale {
  let from = Infinity;
  let to = -Infinity;
  for (const time of times) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (from > to) from = to = otherwise;
  const room = Math.max(to - from, LEAST_MS) * 0.03;
  return { from: from - room, to: Math.max(to, from + LEAST_MS) + room };
}

/** Where a moment stands on an axis, in percent. */
export function position(scale: Scale, time: number): number {
  return Math.min(100, Math.max(0, (100 * (time - scale.from)) / (scale.to - scale.from)));
}

/** When hosts that wait are planned to be out of service: from their own start to that of the next wave, or to the end. */
export function plannedSpans(hosts: readonly SessionHost[], expectedEnd: number | undefined): Map<string, Scale> {
  const starts = [...new Set(hosts.map((host) => ms(host.expectedStartTime)).filter((time) => time !== undefined))].sort((a, b) => a - b);
  const spans = new Map<string, Scale>();
  for (const { host, expectedStartTime } of hosts) {
    const from = ms(expectedStartTime);
    if (from === undefined) continue;
    const to = starts.find((start) => start > from) ?? expectedEnd ?? from;
    spans.set(host, { from, to: Math.max(to, from) });
  }
  return spans;
}

/** What happened to a host of a session up to now. */
export function hostSegments(host: SessionHost, now: number): Segment[] {
  const [drain, empty, end] = [ms(host.drainStartTime), ms(host.emptyTime), ms(host.endTime)];
  if (drain === undefined) return [];
  const failed = host.state === State.DRAIN_FAILED || host.state === State.MAINTENANCE_FAILED;
  const segments: Segment[] = [{ from: drain, to: empty ?? end ?? now, label: "Drain", tone: failed && empty === undefined ? "bad" : "busy" }];
  if (empty !== undefined) segments.push({ from: empty, to: end ?? now, label: "Empty and held", tone: failed ? "bad" : "held" });
  return segments;
}
