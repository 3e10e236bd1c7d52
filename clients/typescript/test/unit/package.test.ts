/** The package says of itself what it is. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { VERSION } from "@fermata/client";

test("the version in the user agent is that of the package", async () => {
  const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  assert.equal((JSON.parse(text) as { version: string }).version, VERSION);
});
