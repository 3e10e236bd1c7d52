/** Waits that an `AbortSignal` cuts short, and signals that follow others. */

/** The longest time that a timer of the platform can wait; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 0x7fffffff;

interface Followers {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** Node.js warns of a leak when a signal has more than ten listeners. Here hundreds are right, so each signal gets one. */
const followers = new WeakMap<AbortSignal, Followers>();

/**
 * Calls `callback` when `signal` is aborted, at once if it is already.
 *
 * @returns forgets the callback. Without it, a signal that lives long keeps every callback
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const { callbacks } = followers.get(signal) ?? follow(signal);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) unfollow(signal, callbacks);
  };
}

function follow(signal: AbortSignal): Followers {
  const callbacks = new Set<() => void>();
  const listener = () => {
    followers.delete(signal);
    for (const callback of [...callbacks]) callback();
  };
  signal.addEventListener("abort", listener, { once: true });
  const made = { callbacks, listener };
  followers.set(signal, made);
  return made;
}

function unfollow(signal: AbortSignal, callbacks: Set<() => void>): void {
  const made = followers.get(signal);
  // After an abort there is nothing to take back.
  if (made?.callbacks !== callbacks) return;
  signal.removeEventListener("abort", made.listener);
  followers.delete(signal);
}

/**
 * Waits.
 *
 * @returns `true` when the time is over, `false` as soon as `signal` is aborted
 */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const timer = setTimeout(() => {
      forget();
      resolve(true);
    }, Math.min(milliseconds, LONGEST_TIMER_MS));
    const aborted = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const forget = signal ? onAbort(signal, aborted) : () => {};
  });
}

/** Resolves as soon as `signal` is aborted. `release` forgets the wait. */
export function whenAborted(signal: AbortSignal): { promise: Promise<void>; release: () => void } {
  let release = () => {};
  const promise = new Promise<void>((resolve) => {
    release = onAbort(signal, resolve);
  });
  return { promise, release: () => release() };
}

/** A controller that is aborted with any of `signals`, until it is released. */
export class LinkedController {
  readonly #controller = new AbortController();
  readonly #forget: (() => void)[] = [];

  constructor(...signals: readonly (AbortSignal | undefined)[]) {
    for (const signal of signals) {
      if (signal && !this.signal.aborted) this.#forget.push(onAbort(signal, () => this.abort()));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.release();
    this.#controller.abort();
  }

  /** Follows nobody any more. */
  release(): void {
    for (const forget of this.#forget.splice(0)) forget();
  }
}
