/** A server that goes away and comes back: the page says so, and goes on. */
import { duration, timestamp, token } from "@fermata/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(async () => {
  await site.close();
});

test("data is stale while the server is away, and current after it is back", async () => {
  const operator = site.fermata.connect({ credentials: token(site.tokens.operator) });
  const { session } = await operator.sessions.createSession({
    spec: {
      hosts: { names: ["compute-b3"] }, reason: "a restart in between", window: { endTime: timestamp(new Date(Date.now() + 3_600_000)) },
      announceReplyPeriod: duration(60_000),
    },
  });
  const page = await site.signedIn(site.tokens.operator);
  await page.goto(`${site.url}#/sessions/${session?.id ?? ""}`);
  await page.getByRole("button", { name: "Complete: compute-b3" }).first().waitFor();

  await site.fermata.kill();
  await page.getByText(/^Data is stale since /).waitFor();
  await site.fermata.restart();
  await page.getByText(/^Data is stale since /).waitFor({ state: "hidden" });

  // It goes on where it was: what happens now is seen without loading the page again.
  const again = site.fermata.connect({ credentials: token(site.tokens.operator) });
  await again.sessions.completeHost({ sessionId: session?.id ?? "", host: "compute-b3" });
  await page.getByText("Completed", { exact: true }).first().waitFor();
  expect(site.complaints).toEqual([]);
});
