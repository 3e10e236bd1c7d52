/** What projects are called. Whoever shows an id asks for its name; ids that are asked for at once are one call. */
import { throttled } from "./throttled.ts";

/** As many ids as a call may name. */
const MOST = 500;
const AGAIN_MS = 1000;
/** What an id of a project consists of. */
const WORD = /[0-9A-Za-z_-]+/g;

/** Reads projects by their ids; those that are not known are not among them. */
export type ReadProjects = (ids: string[]) => Promise<readonly { readonly projectId: string; readonly name: string }[]>;

export class ProjectNames {
  #names = $state.raw<ReadonlyMap<string, string>>(new Map());
  readonly #asked = new Set<string>();
  #next: string[] = [];
  readonly #read = throttled(AGAIN_MS, () => void this.#load());

  /** @param list - reads projects; unset: this caller may not, and sees ids */
  constructor(private readonly list?: ReadProjects) {}

  /** The name of a project; its id where none is known, and until it has been read. */
  of(id: string): string {
    if (this.list && id && !this.#asked.has(id)) {
      this.#asked.add(id);
      this.#next.push(id);
      this.#read.ask();
    }
    return this.#names.get(id) ?? id;
  }

  /** A text with names in place of the ids that were asked for. */
  inText(text: string): string {
    return this.#names.size === 0 ? text : text.replace(WORD, (word) => this.#names.get(word) ?? word);
  }

  close(): void {
    this.#read.stop();
  }

  async #load(): Promise<void> {
    const ids = this.#next.splice(0, MOST);
    if (this.#next.length > 0) this.#read.ask();
    try {
      const found = (await this.list?.(ids)) ?? [];
      this.#names = new Map([...this.#names, ...found.filter(({ name }) => name).map(({ projectId, name }) => [projectId, name] as const)]);
    } catch {
      // Ids are shown as before; whoever shows one again asks again.
      for (const id of ids) this.#asked.delete(id);
    }
  }
}
