/**
 * Connects from a browser, over gRPC-Web.
 *
 * @module web
 */
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
  const transport = createGrpcWebTransport({ baseUrl, ...(options.fetch && { fetch: options.fetch }) });
  // Pages cannot set the user agent. This is the header that gRPC-Web has for it.
  const headers = { "x-user-agent": `fermata-typescript/${VERSION}` };
  return new Connection(transport, options, headers);
}
