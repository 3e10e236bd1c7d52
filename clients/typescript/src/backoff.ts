/** Waits between attempts. */

/**
 * Waits that double, half of each by chance, so that clients that were cut off at the same time do not return at the same
 * time.
 */
export class Backoff {
  #failures = 0;

  /**
   * @param firstMs - the longest first wait
   * @param longestMs - the longest wait of all
   * @param jitter - which part of a wait is left to chance
   */
  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
    private readonly jitter = 0.5,
  ) {}

  /** It works again: the next wait is the first one. */
  reset(): void {
    this.#failures = 0;
  }

  /** The next wait in milliseconds, and no less than `atLeastMs`. */
  next(atLeastMs = 0): number {
    // Beyond 2^30 the longest wait counts in any case.
    const doubled = this.firstMs * 2 ** Math.min(this.#failures, 30);
    this.#failures += 1;
    const wait = Math.min(doubled, this.longestMs) * (1 - this.jitter * Math.random());
    return Math.max(wait, atLeastMs);
  }
}
