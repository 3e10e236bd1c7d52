import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// One after the other: each has a browser and a server of its own, and machines that check have few cores.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: { include: ["*.test.ts"], environment: "node", testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false },
});
