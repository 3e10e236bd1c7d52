/** Connects from Node.js: gRPC over HTTP/2. */
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Connection, type ConnectionOptions, MAX_MESSAGE_BYTES } from "../connection.js";
import { VERSION } from "../version.js";
import { cancelling } from "./cancelling.js";
import { http2Options, readTls, type TlsFiles } from "./channel.js";
import { SafeSessionManager } from "./session-manager.js";

/** How to connect, and as whom. */
export interface NodeConnectionOptions extends ConnectionOptions, TlsFiles {}

/** How often the server is asked whether it is still there, also while nothing is called. */
const PING_INTERVAL_MS = 10_000;
/** How long it may take to answer that. */
const PING_TIMEOUT_MS = 5_000;

/**
 * A connection to the Fermata at `target`. It is made when it is first used, so the server need not be there yet.
 *
 * @param target - for example `http://127.0.0.1:7400` or `https://fermata.example:7400`
 * @param options - who calls, certificates, time limits
 * @throws TypeError if `target` is not such an address
 * @throws Error if one of the PEM files cannot be read
 */
export function connect(target: string, options: NodeConnectionOptions = {}): Connection {
  const address = addressOf(target);
  // Said at once rather than with the first call.
  readTls(options);
  const ping = { pingIntervalMs: PING_INTERVAL_MS, pingTimeoutMs: PING_TIMEOUT_MS, pingIdleConnection: true };
  const sessionManager = new SafeSessionManager(address, ping, http2Options(address, options));
  const transport = createGrpcTransport({ baseUrl: address.origin, sessionManager, readMaxBytes: MAX_MESSAGE_BYTES });
  const headers = { "user-agent": `fermata-typescript/${VERSION}` };
  return new Connection(cancelling(transport), options, headers, () => sessionManager.abort());
}

function addressOf(target: string): URL {
  const address = URL.canParse(target) ? new URL(target) : undefined;
  if (address?.protocol === "http:" || address?.protocol === "https:") return address;
  throw new TypeError(`${JSON.stringify(target)} is not the address of a server; write it as http://host:port`);
}
