/** When the fallback answers. */
import { LONGEST_TIMER_MS } from "../signals.js";

/** A deadline that may be moved, and the moment shortly before it. */
export class Deadline {
  #due = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #answerBy: Date | undefined;
  readonly #askedAt = Date.now();

  /**
   * @param marginMs - how long before the deadline the moment is, at most a quarter of the time that there was
   * @param deadline - `undefined`: there is none, and the moment never comes
   */
  constructor(
    private readonly marginMs: number,
    deadline: Date | undefined,
  ) {
    this.set(deadline);
  }

  /** Aborted at the moment. */
  get due(): AbortSignal {
    return this.#due.signal;
  }

  /** The moment. */
  get answerBy(): Date | undefined {
    return this.#answerBy;
  }

  /** Moves the deadline. */
  set(deadline: Date | undefined): void {
    clearTimeout(this.#timer);
    if (!deadline) {
      this.#answerBy = undefined;
      return;
    }
    const whole = Math.max(deadline.getTime() - this.#askedAt, 0);
    this.#answerBy = new Date(deadline.getTime() - Math.min(this.marginMs, whole / 4));
    // A moment that had passed by the old deadline is still to come by the new one.
    if (this.#due.signal.aborted && this.#answerBy.getTime() > Date.now()) this.#due = new AbortController();
    this.#wait();
  }

  /** The moment does not matter any more. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const left = (this.#answerBy?.getTime() ?? 0) - Date.now();
    if (left <= 0) return this.#due.abort();
    // The platform's longest timer ends before some deadlines do.
    this.#timer = setTimeout(() => this.#wait(), Math.min(left, LONGEST_TIMER_MS));
  }
}
