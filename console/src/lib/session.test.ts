import { create, SessionHostSchema, SessionHostState as State, SessionSchema, timestamp, WaitSchema, type Connection, SessionState, SessionEventSchema, ServerState, Action, ProgressSchema } from "@fermata/client";
import { describe, expect, test } from "vitest";
import { hostOffers, sessionOffers, waitOffers } from "./session-acts.ts";
import { eventLine } from "./session-events.ts";
import { hostSegments, plannedSpans, position, sessionScale } from "./timeline.ts";
import { hostRows } from "./waves.ts";
import { hostFigures, isLeftOut } from "./words.ts";

const at = (minute: number) => timestamp(new Date(Date.UTC(2026, 0, 1, 0, minute)));
const ms = (minute: number) => Date.UTC(2026, 0, 1, 0, minute);
const host = (name: string, state: State, more: object = {}) => create(SessionHostSchema, { host: name, state, ...more });
const session = (state: SessionState) => create(SessionSchema, { id: "s", status: { state } });
// No test calls anything.
const nowhere = { sessions: {} } as unknown as Connection;

describe("hosts by wave", () => {
  test("done, now, waves, without a turn, failed, left out", () => {
    const hosts = [
      host("late", State.WAITING, { wave: 3 }), host("bad", State.DRAIN_FAILED), host("out", State.SKIPPED), host("next", State.WAITING, { wave: 2 }),
      host("held", State.IN_MAINTENANCE), host("done", State.MAINTAINED), host("lost", State.WAITING), host("next-2", State.WAITING, { wave: 2 }),
    ];
    expect(hostRows(hosts).map((row) => row.host?.host ?? row.title)).toEqual([
      "Done · 1 host", "done", "Now · 1 host", "held", "Wave 2 · 2 hosts", "next", "next-2", "Wave 3 · 1 host", "late",
      "Not in the plan · 1 host", "lost", "Failed · 1 host", "bad", "Left out · 1 host", "out",
    ]);
  });
});

describe("the timeline", () => {
  test("a wave is planned until the next one begins, the last one until the end", () => {
    const waiting = [host("a", State.WAITING, { expectedStartTime: at(10) }), host("b", State.WAITING, { expectedStartTime: at(30) }), host("c", State.DRAINING)];
    expect([...plannedSpans(waiting, ms(50))]).toEqual([["a", { from: ms(10), to: ms(30) }], ["b", { from: ms(30), to: ms(50) }]]);
  });
  test("what happened is a drain, and then a hold that goes on", () => {
    const held = host("a", State.IN_MAINTENANCE, { drainStartTime: at(1), emptyTime: at(4) });
    expect(hostSegments(held, ms(9)).map(({ from, to, tone }) => [from, to, tone])).toEqual([[ms(1), ms(4), "busy"], [ms(4), ms(9), "held"]]);
    expect(hostSegments(host("b", State.WAITING), ms(9))).toEqual([]);
    const failed = host("c", State.DRAIN_FAILED, { drainStartTime: at(1), endTime: at(3) });
    expect(hostSegments(failed, ms(9))).toMatchObject([{ from: ms(1), to: ms(3), tone: "bad" }]);
  });
  test("an axis has everything on it, whatever happened", () => {
    const scale = sessionScale(session(SessionState.RUNNING), [host("a", State.DRAINING, { drainStartTime: at(5) }), host("b", State.WAITING, { expectedStartTime: at(60) })], ms(20));
    expect(scale.from).toBeLessThan(ms(5));
    expect(scale.to).toBeGreaterThan(ms(60));
    expect(position(scale, ms(0))).toBe(0);
    const empty = sessionScale(session(SessionState.SCHEDULED), [], ms(20));
    expect(empty.to).toBeGreaterThan(empty.from);
  });
});

describe("what may be done", () => {
  const labels = (offers: readonly { label: string }[]) => offers.map(({ label }) => label);
  test("follows from the state of the session", () => {
    const of = (state: SessionState) => labels(sessionOffers(nowhere, session(state), () => undefined));
    expect(of(SessionState.SCHEDULED)).toEqual(["Start now", "Cancel session"]);
    expect(of(SessionState.RUNNING)).toEqual(["Pause", "Cancel session"]);
    expect(of(SessionState.FAILED)).toEqual(["Resume", "Cancel session"]);
    expect(of(SessionState.CANCELLING)).toEqual([]);
    expect(of(SessionState.COMPLETED)).toEqual(["Delete"]);
  });
  test("and of the host", () => {
    const of = (state: State) => labels(hostOffers(nowhere, session(SessionState.RUNNING), host("a", state)));
    expect(of(State.IN_MAINTENANCE)).toEqual(["Complete", "Fail"]);
    expect(of(State.RETURNING)).toEqual([]);
    expect(labels(hostOffers(nowhere, session(SessionState.CANCELLED), host("a", State.IN_MAINTENANCE)))).toEqual([]);
  });
  test("a wait is ended by what the server names", () => {
    const running = session(SessionState.RUNNING);
    const service = "fermata.v1.SessionService/";
    const of = (wait: object, hosts = [host("a", State.IN_MAINTENANCE), host("b", State.DRAINING)]) => labels(waitOffers(nowhere, running, hosts, create(WaitSchema, wait)));
    expect(of({ host: "a", endedBy: [`${service}CompleteHost`, `${service}FailHost`] })).toEqual(["Complete", "Fail"]);
    expect(of({ host: "b", endedBy: [`${service}RetryHost`, `${service}SkipHost`] })).toEqual(["Skip", "Override owners"]);
    expect(of({ endedBy: ["fermata.v1.NotificationService/Reply"] })).toEqual([]);
  });
});

test("an event is a line, and an unknown one is none", () => {
  const event = create(SessionEventSchema, {
    event: { case: "server", value: { serverId: "1", name: "amf-1", host: "a", state: ServerState.MOVED, action: Action.LIVE_MIGRATE, destinationHost: "b" } },
  });
  expect(eventLine(event, 7, 1)).toEqual({ id: 1, time: 7, tone: "good", subject: "amf-1", text: "Moved (live migrate) – a → b" });
  expect(eventLine(create(SessionEventSchema), 7, 1)).toBeUndefined();
});

test("item_16_skipped_hosts_are_not_done", () => {
  const progress = create(ProgressSchema, { hostsTotal: 6, hostsDone: 4, hostsSkipped: 3, hostsFailed: 1 });
  expect(hostFigures(progress)).toEqual({ done: 1, total: 6, failed: 1, skipped: 3 });
  expect(hostFigures(undefined)).toEqual({ done: 0, total: 0, failed: 0, skipped: 0 });
  expect([State.SKIPPED, State.CANCELLED, State.MAINTAINED, State.DRAIN_FAILED].map(isLeftOut)).toEqual([true, true, false, false]);
});

test("item_10_a_line_about_a_project_says_so, so that its name is shown", () => {
  const event = create(SessionEventSchema, { event: { case: "ownerAsked", value: { projectId: "8b1d", serverCount: 2 } } });
  expect(eventLine(event, 7, 1)).toMatchObject({ subject: "8b1d", isProject: true });
});
