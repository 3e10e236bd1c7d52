/** A transport that leaves nothing behind when a call is cancelled. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ClientHttp2Stream } from "node:http2";
import type { Transport } from "@connectrpc/connect";
import { onAbort } from "../signals.js";

/** The stream of a call, as soon as it has one. */
interface Call {
  stream?: ClientHttp2Stream;
}

const calls = new AsyncLocalStorage<Call>();

/** Notes the stream of the call that is being made. */
export function noteStream(stream: ClientHttp2Stream): void {
  const call = calls.getStore();
  if (call) call.stream = stream;
}

/**
 * The same transport. It destroys the stream of a call that was cancelled just when its answer had arrived: nobody reads that
 * answer, and without this the stream would stay, and keep the process from ending (@connectrpc/connect-node 2.1.2).
 */
export function cancelling(inner: Transport): Transport {
  const made = <T>(signal: AbortSignal | undefined, make: () => Promise<T>): Promise<T> => {
    const call: Call = {};
    if (signal) {
      onAbort(signal, () => {
        // Later, so that the call is cancelled in the usual way where that still makes a difference to the server.
        setImmediate(() => call.stream?.destroy());
      });
    }
    return calls.run(call, make);
  };
  return {
    unary: (method, signal, ...rest) => made(signal, () => inner.unary(method, signal, ...rest)),
    stream: (method, signal, ...rest) => made(signal, () => inner.stream(method, signal, ...rest)),
  };
}
