/** Waits that an `AbortSignal` cuts short, and signals that follow others. */

/** The longest time that a timer of the platform can wait; a longer one would fire at once. */
const LONGEST_TIMER_MS = 0x7fffffff;

/**
 * Waits.
 *
 * @returns `true` when the time is over, `false` as soon as `signal` is aborted
 */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const end = (result: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      resolve(result);
    };
    const aborted = () => end(false);
    const timer = setTimeout(() => end(true), Math.min(milliseconds, LONGEST_TIMER_MS));
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** Resolves as soon as `signal` is aborted. `release` forgets the wait. */
export function whenAborted(signal: AbortSignal): { promise: Promise<void>; release: () => void } {
  let release = () => {};
  const promise = new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const aborted = () => resolve();
    signal.addEventListener("abort", aborted, { once: true });
    release = () => signal.removeEventListener("abort", aborted);
  });
  return { promise, release };
}

/** A controller that is aborted with any of `signals`, until it is released. */
export class LinkedController {
  readonly #controller = new AbortController();
  readonly #signals: readonly AbortSignal[];
  readonly #follow = () => this.abort();

  constructor(...signals: readonly (AbortSignal | undefined)[]) {
    this.#signals = signals.filter((signal) => signal !== undefined);
    for (const signal of this.#signals) {
      if (signal.aborted) this.#controller.abort();
      else signal.addEventListener("abort", this.#follow, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.release();
    this.#controller.abort();
  }

  /** Follows nobody any more. Without it, a signal that lives long keeps every controller that followed it. */
  release(): void {
    for (const signal of this.#signals) signal.removeEventListener("abort", this.#follow);
  }
}
