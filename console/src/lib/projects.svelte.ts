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
  readonly #known = new Map<string, string>();
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
      for (const { projectId, name } of found) if (name) this.#known.set(projectId, name);
      this.#names = distinct(this.#known);
    } catch {
      // Ids are shown as before; whoever shows one again asks again.
      for (const id of ids) this.#asked.delete(id);
    }
  }
}

/** Names are unique only in a domain: of those that are the same, the beginning of the id says which is meant. */
function distinct(known: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const count = new Map<string, number>();
  for (const name of known.values()) count.set(name, (count.get(name) ?? 0) + 1);
  return new Map([...known].map(([id, name]) => [id, count.get(name) === 1 ? name : `${name} (${id.slice(0, 8)})`]));
}
