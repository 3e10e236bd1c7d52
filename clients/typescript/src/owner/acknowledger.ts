/** Tells the server how far the owner has come. */
import { FermataError } from "../error.js";
import { mayPass } from "../watch/judge.js";
import type { World } from "./world.js";

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 10_000;

/** Acknowledges a position that rises, at most once a second and once at the end. */
export class Acknowledger {
  #acknowledged: bigint | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #finished = false;

  /** @param position - everything up to here has been handled */
  constructor(
    private readonly world: World,
    private readonly position: () => bigint | undefined,
  ) {}

  /** The position may have risen. */
  progressed(): void {
    if (this.#finished || this.#timer !== undefined || this.#sending || this.#isCurrent()) return;
    const wait = Math.max(this.#sentAt + INTERVAL_MS - performance.now(), 0);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined;
        this.progressed();
      });
    }, wait);
  }

  /** Acknowledges once more, and never again. */
  async finish(): Promise<void> {
    this.#finished = true;
    clearTimeout(this.#timer);
    await this.#sending;
    if (!this.#isCurrent()) await this.#send();
  }

  #isCurrent(): boolean {
    const position = this.position();
    return position === undefined || position === this.#acknowledged;
  }

  async #send(): Promise<void> {
    const { connection, options } = this.world;
    const { projectId, subscriptionId } = options;
    const sequence = this.position();
    if (sequence === undefined) return;
    try {
      await connection.notifications.acknowledgePosition(
        { projectId, subscriptionId, sequence },
        { timeoutMs: TIMEOUT_MS },
      );
      this.#acknowledged = sequence;
      this.world.report({ kind: "acknowledged", sequence });
    } catch (thrown) {
      const error = FermataError.from(thrown);
      // What is not acknowledged comes once more after the next start. What cannot be acknowledged is not tried again.
      if (!mayPass(error, connection.renewsCredentials)) this.#acknowledged = sequence;
      this.world.error(error, `cannot acknowledge position ${sequence}`);
    } finally {
      this.#sentAt = performance.now();
    }
  }
}
