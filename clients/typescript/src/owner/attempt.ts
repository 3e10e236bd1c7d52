/** One call of a handler, which may be left before it returns. */
import { LinkedController, whenAborted } from "../signals.js";
import type { HandlerContext, HandlerName } from "./types.js";
import type { World } from "./world.js";

/** How a call of a handler ended. */
export type Outcome<T> =
  | { readonly state: "returned"; readonly value: T }
  | { readonly state: "failed"; readonly error: unknown }
  /** It may still run, but nobody waits for it. */
  | { readonly state: "left" };

/** Which handler is called, for what, for which time. */
export interface Call {
  readonly handler: HandlerName;
  readonly id: string;
  readonly planRevision: bigint;
  readonly attempt: number;
}

/**
 * Calls a handler in a slot that the caller has taken. The slot is given back when the handler has really returned.
 *
 * @param signals - the handler is left, and its own signal aborted, with any of these
 * @param onReturned - called when the handler has really returned
 */
export async function callHandler<T>(
  world: World,
  call: Call,
  signals: readonly AbortSignal[],
  run: (context: HandlerContext) => T | Promise<T>,
  onReturned: () => void = () => {},
): Promise<Outcome<T>> {
  const { handler, id, planRevision, attempt } = call;
  const cut = new LinkedController(...signals);
  const left = whenAborted(cut.signal);
  world.phase(handler, id, planRevision, attempt, "begin");
  const running = world.telemetry
    // Whatever a handler throws, also before its first await, is an outcome.
    .handler(handler, id, attempt, async () => run({ signal: cut.signal, attempt }))
    .then(
      (value): Outcome<T> => ({ state: "returned", value }),
      (error: unknown): Outcome<T> => ({ state: "failed", error }),
    )
    .finally(() => {
      world.slots.release();
      onReturned();
    });
  const outcome = await Promise.race([running, left.promise.then((): Outcome<T> => ({ state: "left" }))]);
  left.release();
  cut.release();
  const phase = outcome.state === "returned" ? "end" : outcome.state === "failed" ? "failed" : "cancelled";
  world.phase(handler, id, planRevision, attempt, phase);
  return outcome;
}
