/** A manager of HTTP/2 connections that survives their end. */
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { Http2SessionManager } from "@connectrpc/connect-node";
import { noteStream } from "./cancelling.js";

type Ping = ClientHttp2Session["ping"];

/**
 * As its base, without an exception that nobody can catch. When a connection is closed under a stream, the base sets its timer
 * for pings once more as the stream closes. `ping` of a connection that is gone throws from there, ten seconds later, and
 * that ends the process (@connectrpc/connect-node 2.1.2).
 */
export class SafeSessionManager extends Http2SessionManager {
  readonly #guarded = new WeakSet<ClientHttp2Session>();

  override async request(...args: Parameters<Http2SessionManager["request"]>): Promise<ClientHttp2Stream> {
    const stream = await super.request(...args);
    noteStream(stream);
    const { session } = stream;
    // Without a stream nothing is pinged: every connection comes by here first.
    if (session && !this.#guarded.has(session as ClientHttp2Session)) {
      this.#guarded.add(session as ClientHttp2Session);
      guard(session as ClientHttp2Session);
    }
    return stream;
  }
}

function guard(session: ClientHttp2Session): void {
  const ping = session.ping.bind(session);
  const guarded = (...args: Parameters<Ping>) => {
    if (!session.destroyed) return ping(...args);
    const callback = args.find((argument) => typeof argument === "function");
    callback?.(new Error("the connection is gone"), 0, Buffer.alloc(0));
    return false;
  };
  session.ping = guarded as Ping;
}
