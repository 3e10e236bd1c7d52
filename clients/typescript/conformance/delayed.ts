/** A connection whose reader is slow. */
import { setTimeout } from "node:timers/promises";
import type { Connection } from "@fermata/client";

/** The same connection, which waits after each message of a stream. */
export function delayed(connection: Connection, delayMs: number, signal: AbortSignal): Connection {
  if (delayMs === 0) return connection;
  const { transport } = connection;
  const slow: typeof transport = {
    unary: (...args) => transport.unary(...args),
    stream: async (...args) => {
      const response = await transport.stream(...args);
      return { ...response, message: slowly(response.message, delayMs, signal) };
    },
  };
  // In all else it is the connection that it was made from, which is the one to close.
  return Object.create(connection, { transport: { value: slow } }) as Connection;
}

async function* slowly<T>(messages: AsyncIterable<T>, delayMs: number, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  for await (const message of messages) {
    yield message;
    // Aborted with the whole program, which ends the stream, too.
    await setTimeout(delayMs, undefined, { signal }).catch(() => {});
  }
}
