/** The network function that the example manages. A real VNFM would ask its VNF here. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What a VNFM needs of its network function. */
export interface Vnf {
  /** Names of the two members of the pair. The first is the one that prefers to be active. */
  readonly pair: readonly [string, string];
  /** The member that carries traffic. */
  active(): string;
  /** Makes the other member carry traffic. Does nothing if it already does. */
  switchOver(to: string): Promise<void>;
  /** Until when it is too busy for a maintenance. `undefined`: it is not. */
  busyUntil(): Date | undefined;
  /** Deletes members of a group, and says which ones are gone. */
  scaleIn(servers: readonly string[]): Promise<readonly string[]>;
  /** Brings all groups back to their size. Does nothing if they have it. */
  scaleOut(): Promise<void>;
}

/** A pair whose active member stands in a file, so that it is the same after a restart. */
export class PairInFile implements Vnf {
  constructor(
    private readonly file: string,
    readonly pair: readonly [string, string],
    private readonly busy?: Date,
  ) {}

  active(): string {
    try {
      return readFileSync(this.file, "utf8");
    } catch {
      // Nobody has switched over yet.
      return this.pair[0];
    }
  }

  async switchOver(to: string): Promise<void> {
    writeFileSync(`${this.file}.new`, to);
    renameSync(`${this.file}.new`, this.file);
  }

  busyUntil(): Date | undefined {
    return this.busy && this.busy > new Date() ? this.busy : undefined;
  }

  async scaleIn(): Promise<readonly string[]> {
    // A pair has no member that it could do without.
    return [];
  }

  async scaleOut(): Promise<void> {}
}
