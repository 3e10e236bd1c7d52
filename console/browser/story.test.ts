/** The demo's session, driven to its end through the pages alone: by an operator, and by two owners in browsers of their own. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CORE, IMS, Site } from "./site.ts";

const HOSTS = ["compute-b3", "compute-a1", "compute-b2"];
const PICTURES = fileURLToPath(new URL("../artefacts/", import.meta.url));

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await site.photograph(`${PICTURES}failed`);
});
afterAll(async () => {
  await site.close();
});

/** Where a text is to be seen: narrow pages have some texts elsewhere. */
const shown = (page: Page, text: string) => page.getByText(text).filter({ visible: true }).first();

/** Answers the first question that waits. */
async function decide(page: Page, answer: (page: Page) => Promise<void>): Promise<void> {
  await page.getByRole("link", { name: /^Decide/ }).first().click();
  await page.getByRole("button", { name: "Accept" }).waitFor();
  await answer(page);
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByText("Your answer is sent").waitFor();
}

/** Confirms what is asked about. */
async function confirm(page: Page, verb: string, reason?: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  if (reason) await dialog.getByRole("textbox").fill(reason);
  await dialog.getByRole("button", { name: verb }).click();
  await dialog.waitFor({ state: "hidden" });
}

test("a maintenance from the first form to the report", async () => {
  const operator = await site.signedIn(site.tokens.operator);
  const core = await site.signedIn(site.tokens.core, CORE);
  const ims = await site.signedIn(site.tokens.ims, IMS);
  await core.getByText("Nothing waits for your answer.").waitFor();

  await operator.getByRole("link", { name: "New session" }).click();
  await operator.getByLabel("Reason").fill("firmware 2026.2");
  for (const host of HOSTS) await operator.getByRole("checkbox", { name: host }).check();
  await operator.getByLabel("Work on a host takes").fill("20 s");
  // Nobody is asked then: everything is decided before. The plan counts it.
  await operator.getByLabel("… and before each drain for").fill("20 s");
  const preview = operator.getByRole("region", { name: "Preview" });
  await preview.getByText("Wave 1").waitFor();
  expect(await preview.getByText("compute-a1").count()).toBeGreaterThan(0);
  await operator.getByRole("button", { name: "Create session" }).click();
  await operator.getByRole("heading", { name: "firmware 2026.2" }).waitFor();

  // The owners of both projects are told without asking for it.
  await decide(core, async (page) => {
    await page.getByLabel("For all servers").selectOption({ label: "Migrate" });
  });
  await decide(ims, async (page) => {
    for (const choice of await page.getByRole("combobox", { name: /^What happens to/ }).all()) await choice.selectOption({ label: "Keep" });
  });
  await operator.getByRole("link", { name: "Owners" }).click();
  await operator.getByRole("table", { name: "Questions to owners" }).getByText("Accepted").nth(1).waitFor();
  await operator.getByRole("link", { name: /^Hosts 3/ }).click();

  // Everybody has answered, so it runs; what waits for the operator has its button.
  const waiting = operator.getByRole("region", { name: "Waiting for" });
  for (let done = 0; done < HOSTS.length; done += 1) {
    const button = waiting.getByRole("button", { name: /^Complete: / }).first();
    await button.waitFor();
    if (done === 1) await operator.screenshot({ path: `${PICTURES}running.png` });
    await button.click();
    await confirm(operator, "Complete", "flashed");
    await operator.getByRole("progressbar", { name: "Hosts done" }).and(operator.locator(`[aria-valuetext="${done + 1} of ${HOSTS.length}"]`)).waitFor();
  }
  await operator.getByText("Completed", { exact: true }).waitFor();

  await core.getByRole("link", { name: "History" }).click();
  await shown(core, "Completed").waitFor();
  await ims.getByRole("link", { name: "Servers" }).click();
  await ims.getByText("No maintenance affects your servers.").waitFor();

  await operator.getByRole("link", { name: "Report" }).click();
  const report = operator.getByRole("region", { name: "compute-b2", exact: true });
  await report.getByText("Restored").waitFor();
  expect(await report.getByText("Moved").count()).toBe(2);
  await operator.getByRole("link", { name: /^Events/ }).click();
  await shown(operator, "Completed").waitFor();
  await operator.getByRole("link", { name: "Audit" }).click();
  await operator.getByRole("table", { name: "Audit records" }).getByText("flashed").nth(2).waitFor();

  await operator.getByRole("link", { name: "Sessions" }).click();
  await operator.getByRole("link", { name: "firmware 2026.2" }).click();
  await operator.getByRole("button", { name: "Delete: the session" }).click();
  await confirm(operator, "Delete");
  await operator.getByText("There are no sessions.").waitFor();
  expect(site.complaints).toEqual([]);
});

test("an owner offers another time, objects, and is overridden", async () => {
  const operator = await site.signedIn(site.tokens.operator);
  const core = await site.signedIn(site.tokens.core, CORE);
  await operator.getByRole("link", { name: "New session" }).click();
  await operator.getByLabel("Reason").fill("a broken fan");
  await operator.getByRole("checkbox", { name: "compute-b1" }).check();
  await operator.getByRole("button", { name: "Create session" }).click();

  await core.getByRole("link", { name: /^Decide/ }).first().click();
  await core.getByRole("button", { name: "Offer another time …" }).click();
  await core.getByRole("form", { name: "Counter-offer" }).getByRole("button", { name: "Make the offer" }).click();
  await core.getByText(/Your counter-offer[^]* is\s+accepted/).waitFor();
  await core.getByRole("button", { name: "Object …" }).click();
  await confirm(core, "Object", "a festival in town");
  await core.getByText("Rejected").waitFor();

  await operator.getByRole("link", { name: "Owners" }).click();
  await shown(operator, "Objects: a festival in town").waitFor();
  await operator.getByRole("button", { name: "Cancel session: the session" }).click();
  await confirm(operator, "Cancel the session", "another night");
  await operator.getByText("Cancelled", { exact: true }).first().waitFor();
  expect(site.complaints).toEqual([]);
});

test("an owner stores a policy and a group", async () => {
  const core = await site.signedIn(site.tokens.core, CORE);
  await core.getByRole("link", { name: "Policies" }).click();
  await core.getByRole("link", { name: "New policy" }).click();
  await core.getByLabel("Server", { exact: true }).fill("a-server");
  await core.getByLabel("In a maintenance").selectOption({ label: "Keep" });
  await core.getByLabel("Lead time").fill("90 s");
  await core.getByRole("button", { name: "Store" }).click();
  await core.getByRole("table", { name: "Policies of servers" }).getByText("maintenance: keep, lead time 1 min 30 s").waitFor();
  await core.getByRole("link", { name: "New group" }).click();
  await core.getByLabel("Id", { exact: true }).fill("amf");
  await core.getByLabel("Members", { exact: true }).fill("a-server b-server");
  await core.getByRole("group", { name: "At most so many impacted at once" }).getByRole("button", { name: "Add a limit" }).click();
  await core.getByRole("button", { name: "Store" }).click();
  await core.getByRole("table", { name: "Groups" }).getByText("at most 1 impacted").waitFor();
  await core.getByRole("link", { name: "amf" }).click();
  await core.getByRole("button", { name: "Delete …" }).click();
  await confirm(core, "Delete");
  await core.getByText("There are no groups.").waitFor();
  expect(site.complaints).toEqual([]);
});

test("a role sees what is for it, and a wrong token nothing", async () => {
  const auditor = await site.signedIn(site.tokens.auditor);
  await auditor.getByRole("heading", { name: "Sessions" }).waitFor();
  expect(await auditor.getByRole("link", { name: "New session" }).count()).toBe(0);
  expect(await auditor.getByRole("link", { name: "Policies" }).count()).toBe(0);
  const stranger = await site.page();
  await stranger.goto(site.url);
  await stranger.getByLabel("Token").fill("fermata_wrong");
  await stranger.getByRole("button", { name: "Sign in" }).click();
  await stranger.getByRole("alert").waitFor();
  expect(await stranger.getByRole("navigation", { name: "Pages" }).count()).toBe(0);
});
