/** Which events have been handled: the position up to which everything has been. */
import { onAbort } from "../signals.js";

interface Entry {
  readonly sequence: bigint;
  handled: boolean;
}

/** Events in the order of their numbers, from the first that is not handled yet. */
export class Ledger {
  #entries: Entry[] = [];
  #storeId = "";
  #position: bigint | undefined;
  readonly #waiting = new Set<() => void>();

  /**
   * @param most - reading pauses with so many events that are not handled yet
   * @param onProgress - called when the position has risen
   */
  constructor(
    private readonly most: number,
    private readonly onProgress: () => void,
  ) {}

  /** Everything up to this number has been handled. `undefined`: nothing yet. */
  get position(): bigint | undefined {
    return this.#position;
  }

  /**
   * An event or a snapshot has arrived. Call what it returns when that has been handled.
   *
   * @param storeId - the database whose numbers these are
   */
  add(sequence: bigint, storeId: string): () => void {
    if (this.#storeId !== "" && storeId !== this.#storeId) {
      // The database was restored: numbers of the other one say nothing in this one.
      this.#entries = [];
      this.#position = undefined;
    }
    this.#storeId = storeId;
    const entry: Entry = { sequence, handled: false };
    this.#entries.push(entry);
    return () => {
      entry.handled = true;
      this.#advance();
    };
  }

  /** Resolves when there is room for one more event, or when `signal` is aborted. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#entries.length >= this.most && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          forget();
          resolve();
        };
        this.#waiting.add(wake);
        const forget = onAbort(signal, wake);
      });
    }
  }

  #advance(): void {
    const open = this.#entries.findIndex((entry) => !entry.handled);
    const handled = this.#entries.splice(0, open === -1 ? this.#entries.length : open);
    const last = handled.at(-1);
    if (!last) return;
    this.#position = last.sequence;
    for (const wake of [...this.#waiting]) wake();
    this.onProgress();
  }
}
