/** Notices that something takes too long. */
import { LONGEST_TIMER_MS } from "../signals.js";

/** A timer that costs almost nothing per message: it is set once, and looks at the clock only when it fires. */
export class Watchdog {
  #since: number | undefined;
  #limitMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onSilence - called once when a wait took longer than its limit */
  constructor(private readonly onSilence: () => void) {}

  /** A wait begins. */
  arm(limitMs: number): void {
    this.#since = performance.now();
    // A limit that became shorter is not noticed by a timer that is set for the longer one.
    if (this.#timer !== undefined && limitMs < this.#limitMs) this.#clear();
    this.#limitMs = limitMs;
    if (this.#timer === undefined) this.#set(limitMs);
  }

  /** The wait is over. */
  rest(): void {
    this.#since = undefined;
  }

  /** Nothing more is waited for. */
  stop(): void {
    this.rest();
    this.#clear();
  }

  #set(delayMs: number): void {
    this.#timer = setTimeout(() => this.#fired(), Math.min(delayMs, LONGEST_TIMER_MS));
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #fired(): void {
    this.#timer = undefined;
    if (this.#since === undefined) return;
    const left = this.#since + this.#limitMs - performance.now();
    if (left > 0) this.#set(left);
    else this.onSilence();
  }
}
