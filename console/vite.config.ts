import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vitest/config";

/** Writes a `.gz` beside each text, for the server to send as it stands. */
function zipped(): Plugin {
  return {
    name: "zipped",
    apply: "build",
    writeBundle({ dir }) {
      if (dir === undefined) return;
      for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        if (!/\.(html|js|css|svg)$/.test(name)) continue;
        writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }));
      }
    },
  };
}

/** Where the server is that the pages of `npm run dev` call. */
const SERVER = process.env["FERMATA_SERVER"] ?? "http://127.0.0.1:7400";

export default defineConfig({
  base: "/console/",
  plugins: [svelte(), zipped()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, rolldownOptions: { checks: { bundlerTimings: false } } },
  server: { proxy: { "/fermata.v1.": SERVER } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
