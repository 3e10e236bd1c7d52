/** Every page, light and dark, wide and narrow: nothing that axe finds serious, nothing beyond the edge; and a picture to look at. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { duration, type Session, timestamp, token } from "@fermata/client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CORE, Site } from "./site.ts";

const PICTURES = fileURLToPath(new URL("../artefacts/", import.meta.url));

let site: Site;
let session: Session;
let question: string;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  site = await Site.start();
  const operator = site.fermata.connect({ credentials: token(site.tokens.operator) });
  const owner = site.fermata.connect({ credentials: token(site.tokens.core) });
  const spec = (hosts: string[], reason: string) => ({
    hosts: { names: hosts }, reason, window: { endTime: timestamp(new Date(Date.now() + 4 * 3_600_000)) },
    announceReplyPeriod: duration(600_000), drainReplyPeriod: duration(600_000), workTimeout: duration(600_000),
  });
  const created = await operator.sessions.createSession({ spec: spec(["compute-b3", "compute-a1", "compute-b2"], "firmware 2026.2") });
  if (!created.session) throw new Error("there is no session");
  session = created.session;
  await operator.sessions.createSession({ spec: { ...spec(["compute-a2"], "a broken fan in compute-a2"), metadata: { openstack_version: "2026.2" } } });
  await operator.sessions.startSession({ sessionId: session.id, reason: "the site is quiet" });
  const memberIds = ["a", "b"].map((letter) => `0b9f1c52-a0f4-4d0c-9a4b-e1d0c6f7a1${letter}1`);
  const projectId = CORE;
  await owner.policies.putServerGroup({ serverGroup: { projectId, id: "amf", displayName: "AMF", memberIds, antiAffinity: true, maxImpacted: [{ groupSize: 0, max: 1 }] } });
  await owner.policies.putServerPolicy({ serverPolicy: { projectId, serverId: memberIds[0] ?? "", policy: { leadTime: duration(600_000) } } });
  const { notifications } = await owner.notifications.listNotifications({ projectId });
  question = notifications.find(({ reason }) => reason.includes("fan"))?.id ?? "";
});
afterAll(async () => {
  await site.close();
});

/** Pages by name: the address, and what is there when they are complete. */
const OPERATOR = (): [string, string, string][] => [
  ["sessions", "#/sessions", "a broken fan in compute-a2"],
  ["new-session", "#/sessions/new/compute-a3", "Wave 1"],
  ["session-hosts", `#/sessions/${session.id}`, "Now · 1 host"],
  ["session-servers", `#/sessions/${session.id}/servers`, "amf-1"],
  ["session-owners", `#/sessions/${session.id}/owners`, "core-network"],
  ["session-events", `#/sessions/${session.id}/events`, "Find a host"],
  ["session-report", `#/sessions/${session.id}/report`, "compute-a1"],
  ["hosts", "#/hosts", "compute-b2"],
  ["audit", "#/audit", "Start session"],
];
const OWNER = (): [string, string, string][] => [
  ["questions", "#/questions", "a broken fan in compute-a2"],
  ["question", `#/questions/${question}`, "Object"],
  ["my-servers", "#/servers", "amf-1"],
  ["policies", "#/policies", "one per host"],
  ["group", "#/policies/group/amf", "Policy of each member"],
  ["history", "#/history", "firmware 2026.2"],
];

/** What axe finds serious, as lines. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${String(target)}: ${failureSummary ?? ""}`));
}

async function look(page: Page, kind: string, pages: [string, string, string][], isExamined: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const [name, address, sign] of pages) {
    await page.evaluate((hash) => (location.hash = hash), address);
    const seen = page.locator(`main :text("${sign}"):visible, main [placeholder*="${sign}"]:visible`).first();
    await seen.waitFor().catch(() => found.push(`${name} ${kind}: there is no “${sign}”`));
    await page.screenshot({ path: `${PICTURES}${name}-${kind}.png`, fullPage: true });
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (beyond > 0) found.push(`${name} ${kind}: ${beyond} pixels beyond the edge`);
    if (isExamined) found.push(...(await findings(page)).map((line) => `${name} ${kind}: ${line}`));
  }
  return found;
}

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`every page, ${scheme}, ${width} pixels wide`, async () => {
      const kind = `${scheme}-${width}`;
      // Every colour and every layout once: it takes most of the time.
      const isExamined = (scheme === "light") === (width === 1440);
      const options = { width, height: 900, scheme };
      const nobody = await site.page(options);
      await nobody.goto(site.url);
      await nobody.getByLabel("Token").waitFor();
      await nobody.screenshot({ path: `${PICTURES}sign-in-${kind}.png` });
      const found = isExamined ? await findings(nobody) : [];
      const operator = await site.signedIn(site.tokens.operator, "", options);
      found.push(...(await look(operator, kind, OPERATOR(), isExamined)));
      await operator.getByRole("link", { name: "Hosts", exact: true }).click();
      await operator.getByRole("button", { name: /compute-a1/ }).click();
      await operator.getByRole("dialog").getByText("amf-1").waitFor();
      await operator.screenshot({ path: `${PICTURES}host-${kind}.png` });
      if (isExamined) found.push(...(await findings(operator)));
      const owner = await site.signedIn(site.tokens.core, CORE, options);
      found.push(...(await look(owner, kind, OWNER(), isExamined)));
      expect(found).toEqual([]);
      expect(site.complaints).toEqual([]);
    });
  }
}
