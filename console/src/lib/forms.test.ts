import { Action, AffectedServerSchema, create, milliseconds, MigrationType, PolicySchema, ServerState, SessionSpecSchema } from "@fermata/client";
import { describe, expect, test } from "vitest";
import { accepting, outcome, sharedActions } from "./decisions.ts";
import { matches, pages } from "./lists.ts";
import { indexAt, offsetsOf } from "./offsets.ts";
import { isSpan, toPolicy, toPolicyForm } from "./policy-form.ts";
import { href, parse } from "./route.svelte.ts";
import { canBePlanned, emptyForm, isComplete, toSpec, wrongSpans } from "./spec.ts";

const server = (serverId: string, more: object = {}) =>
  create(AffectedServerSchema, { serverId, state: ServerState.AFFECTED, allowedActions: [Action.LIVE_MIGRATE, Action.MIGRATE, Action.KEEP], defaultAction: Action.LIVE_MIGRATE, ...more });

describe("an owner's answer", () => {
  test("says what is shown for each server, the most frequent action once", () => {
    const servers = [server("a"), server("b"), server("c", { decision: Action.MIGRATE })];
    const chosen = new Map([["b", Action.KEEP], ["c", Action.KEEP]]);
    expect(accepting(servers, Action.UNSPECIFIED, chosen)).toEqual({ case: "accept", value: { action: Action.KEEP, decisions: [{ serverId: "a", action: Action.LIVE_MIGRATE }] } });
    expect(accepting(servers, Action.MIGRATE, new Map())).toEqual({ case: "accept", value: { action: Action.MIGRATE, decisions: [] } });
  });
  test("names each server where something has begun, or where nothing is possible", () => {
    const begun = [server("a"), server("b", { state: ServerState.IN_ACTION })];
    expect(accepting(begun, Action.KEEP, new Map())).toEqual({ case: "accept", value: { decisions: [{ serverId: "a", action: Action.KEEP }] } });
    const stuck = [server("a"), server("b", { defaultAction: Action.UNSPECIFIED })];
    expect(accepting(stuck, Action.UNSPECIFIED, new Map())).toEqual({ case: "accept", value: { decisions: [{ serverId: "a", action: Action.LIVE_MIGRATE }] } });
  });
  test("without servers at hand it is for all", () => {
    expect(accepting([], Action.MIGRATE, new Map())).toEqual({ case: "accept", value: { action: Action.MIGRATE, decisions: [] } });
  });
  test("a choice for all is one that each allows", () => {
    expect(sharedActions([server("a"), server("b", { allowedActions: [Action.KEEP, Action.MIGRATE] })])).toEqual([Action.MIGRATE, Action.KEEP]);
    expect(outcome(server("a", { decision: Action.KEEP }), Action.UNSPECIFIED, new Map())).toBe(Action.KEEP);
  });
});

describe("a session's form", () => {
  const filled = () => ({ ...emptyForm(Date.UTC(2026, 0, 1)), hosts: ["a"], reason: " BIOS " });
  test("is a spec", () => {
    const spec = create(SessionSpecSchema, toSpec({ ...filled(), workTimeout: "", leadTime: "90 s" }));
    expect(spec.hosts?.names).toEqual(["a"]);
    expect(spec.reason).toBe("BIOS");
    expect(spec.workTimeout).toBeUndefined();
    expect(milliseconds(spec.leadTime)).toBe(90_000);
    expect(spec.window?.startTime).toBeUndefined();
  });
  test("knows what is missing", () => {
    expect(isComplete(filled())).toBe(true);
    expect(canBePlanned({ ...filled(), reason: "" })).toBe(true);
    expect(isComplete({ ...filled(), reason: "" })).toBe(false);
    expect(canBePlanned({ ...filled(), hosts: [] })).toBe(false);
    expect([...wrongSpans({ ...filled(), drainTimeout: "long" })]).toEqual(["drainTimeout"]);
  });
});

test("a policy is the same after it was in a form", () => {
  const policy = create(PolicySchema, {
    controlledTemporary: Action.KEEP, leadTime: { seconds: 90n }, maxInterruption: { seconds: 0n, nanos: 200_000_000 },
    migrationTypes: [MigrationType.OFFLINE, MigrationType.LIVE], mitigationRequested: false,
  });
  expect(create(PolicySchema, toPolicy(toPolicyForm(policy)))).toEqual(policy);
  expect(create(PolicySchema, toPolicy(toPolicyForm(undefined)))).toEqual(create(PolicySchema));
  expect([isSpan(""), isSpan("10 min"), isSpan("soon")]).toEqual([true, true, false]);
});

test("an address leads to the page that it was made for", () => {
  expect(parse(href("policies", "server", "a/b ü"))).toEqual(["policies", "server", "a/b ü"]);
  expect(parse("")).toEqual([]);
  expect(parse("#/%")).toEqual(["%"]);
});

test("lists are read to their end, and found by every word", async () => {
  const tokens: string[] = [];
  const list = (token: string) => {
    tokens.push(token);
    return Promise.resolve({ nextPageToken: token === "" ? "2" : token === "2" ? "3" : "" });
  };
  let count = 0;
  for await (const page of pages(list)) count += page.nextPageToken.length >= 0 ? 1 : 0;
  expect([count, tokens]).toEqual([3, ["", "2", "3"]]);
  expect(matches("AMF  run", "amf-1", "Running")).toBe(true);
  expect(matches("amf stop", "amf-1", "Running")).toBe(false);
});

test("a row is found by its height", () => {
  const offsets = offsetsOf([38, 50, 50, 38, 50]);
  expect([...offsets]).toEqual([0, 38, 88, 138, 176, 226]);
  expect([0, 37, 38, 137, 138, 225, 226, 9999].map((height) => indexAt(offsets, height))).toEqual([0, 0, 1, 2, 3, 4, 5, 5]);
  expect(indexAt(offsetsOf([]), 10)).toBe(0);
});
