/** Signs of life of streams. The SDK keeps heartbeats to itself; the page wants to know when a stream that was cut speaks again. */

type Listener = (method: string) => void;

const STREAMS: ReadonlySet<string> = new Set(["WatchSession", "WatchHosts", "Subscribe"]);
/** The first byte of a frame of gRPC-Web that ends an answer. */
const END = 0x80;
const listeners = new Set<Listener>();

/**
 * Tells of every piece that comes on a stream, by its method.
 *
 * @returns ends it
 */
export function onHeard(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `fetch`, which tells the listeners. */
export const listeningFetch: typeof globalThis.fetch = async (input, init) => {
  const response = await globalThis.fetch(input, init);
  const address = input instanceof Request ? input.url : String(input);
  const method = address.slice(address.lastIndexOf("/") + 1);
  if (!STREAMS.has(method) || !response.body) return response;
  const told = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, passed) {
      if (((piece[0] ?? END) & END) === 0) for (const listener of listeners) listener(method);
      passed.enqueue(piece);
    },
  });
  return new Response(response.body.pipeThrough(told), response);
};
