/** How many handlers run at once. */
import { onAbort } from "../signals.js";

/** A number of slots, given out in the order in which they were asked for. */
export class Slots {
  readonly #waiting: (() => void)[] = [];

  /** @param free - how many there are */
  constructor(private free: number) {}

  /** Takes a slot. `false`: `signal` was aborted first. Whoever got `true` gives it back with {@link Slots.release}. */
  take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const granted = () => {
        forget();
        resolve(true);
      };
      this.#waiting.push(granted);
      const forget = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1);
        resolve(false);
      });
    });
  }

  /** Gives a slot back. */
  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.free += 1;
  }
}
