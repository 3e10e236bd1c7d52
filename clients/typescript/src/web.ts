/**
 * Connects from a browser, over gRPC-Web.
 *
 * @module web
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { Connection, type ConnectionOptions } from "./connection.js";
import { VERSION } from "./version.js";

/** How to connect, and as whom. */
export interface WebConnectionOptions extends ConnectionOptions {
  /** Makes the requests. Unset: the `fetch` of the platform. */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * A connection to the Fermata at `target`, which has to answer gRPC-Web and to allow the page's origin.
 *
 * @param target - for example `https://fermata.example:7400`
 * @param options - who calls, time limits
 * @throws TypeError if `target` is not an address
 */
export function connect(target: string, options: WebConnectionOptions = {}): Connection {
  const baseUrl = new URL(target).origin;
  // The platform's is looked up for each call: a page may wrap it later, as instrumentation does.
  const transport = createGrpcWebTransport({ baseUrl, fetch: reaching(options.fetch ?? ((input, init) => globalThis.fetch(input, init))) });
  // Pages cannot set the user agent. This is the header that gRPC-Web has for it.
  const headers = { "x-user-agent": `fermata-typescript/${VERSION}` };
  return new Connection(transport, options, headers);
}

/** `fetch` says of a server that cannot be reached only that a type is wrong. */
function reaching(inner: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await inner(input, init);
    } catch (error) {
      if (init?.signal?.aborted || !(error instanceof TypeError)) throw error;
      throw new ConnectError(error.message, Code.Unavailable, undefined, undefined, error);
    }
  };
}
