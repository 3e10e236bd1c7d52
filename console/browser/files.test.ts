/** How the server sends the console's files: nothing from elsewhere, nobody around it, and each only once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { SimulatedFermata } from "@fermata/client/testing";

let fermata: SimulatedFermata;
beforeAll(async () => {
  fermata = await SimulatedFermata.start();
});
afterAll(async () => {
  await fermata.close();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${fermata.url}${path}`, { headers, redirect: "manual" });

test("the page is checked each time, and its parts are kept for good", async () => {
  const page = await get("/console/");
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const etag = page.headers.get("etag") ?? "";
  const again = await get("/console/", { "if-none-match": etag });
  expect([again.status, await again.text()]).toEqual([304, ""]);

  const script = /src="(\/console\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
  const part = await get(script, { "accept-encoding": "gzip, br" });
  expect(part.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(part.headers.get("content-encoding")).toBe("gzip");
  expect(part.headers.get("vary")).toBe("accept-encoding");
  expect(part.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  const plain = await get(script, { "accept-encoding": "identity" });
  expect(plain.headers.get("content-encoding")).toBe(null);
  expect(await plain.text()).toBe(await part.text());
});

test("every answer forbids what the console does not need", async () => {
  for (const path of ["/console/", "/console/icon.svg", "/console/nothing", "/console"]) {
    const { headers } = await get(path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  }
});

test("the root leads to the console, and what there is not is not found", async () => {
  for (const path of ["/", "/console"]) {
    const answer = await get(path);
    expect([answer.status, answer.headers.get("location")]).toEqual([308, "/console/"]);
  }
  expect((await get("/console/assets/../../etc/passwd")).status).not.toBe(200);
  expect((await get("/console/nothing")).status).toBe(404);
  const posted = await fetch(`${fermata.url}/console/`, { method: "POST" });
  expect(await posted.text()).not.toContain("html");
});
