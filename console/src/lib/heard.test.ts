import { afterEach, expect, test, vi } from "vitest";
import { listeningFetch, onHeard } from "./heard.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const bytes = (...values: number[]) => new Uint8Array(values);
const answering = (...pieces: Uint8Array<ArrayBuffer>[]) =>
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  }), { status: 200, headers: { "content-type": "application/grpc-web+proto" } })));

async function heard(method: string): Promise<{ methods: string[]; length: number }> {
  const methods: string[] = [];
  const stop = onHeard((heard) => methods.push(heard));
  const response = await listeningFetch(`http://localhost/fermata.v1.SomeService/${method}`);
  const { byteLength: length } = await response.arrayBuffer();
  stop();
  return { methods, length };
}

test("each piece of a stream is told, and passed on", async () => {
  answering(bytes(0, 0, 0, 0, 0), bytes(0, 0, 0, 0, 1, 7));
  expect(await heard("WatchSession")).toEqual({ methods: ["WatchSession", "WatchSession"], length: 11 });
});

test("an end is no sign of life, and other calls are none of its business", async () => {
  answering(bytes(0x80, 0, 0, 0, 0));
  expect(await heard("WatchHosts")).toEqual({ methods: [], length: 5 });
  answering(bytes(0, 0, 0, 0, 0));
  expect(await heard("GetSession")).toEqual({ methods: [], length: 5 });
});
