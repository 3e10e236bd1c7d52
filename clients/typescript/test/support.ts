/** What several tests need. */
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Owner, type OwnerOptions } from "@fermata/client";
import { SimulatedFermata, type SimulatedOptions } from "@fermata/client/testing";

/** A condition that is not met in this time is not met at all; generous, for machines that are busy. */
export const LIMIT_MS = 60_000;
/** The owner of all servers of {@link TOPOLOGY}. */
export const PROJECT = "core";
/** A site with four hosts. */
export const TOPOLOGY = fileURLToPath(new URL("../../test/topology.toml", import.meta.url));

/** A server over the site for tests. */
export function startFermata(options: SimulatedOptions = {}): Promise<SimulatedFermata> {
  return SimulatedFermata.start({ topology: TOPOLOGY, ...options });
}

/** Waits until `condition` gives something. */
export async function until<T>(condition: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
    await setTimeout(10);
  }
}

/** Something that happens later. */
export class Later<T = void> {
  readonly promise: Promise<T>;
  happen!: (value: T) => void;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.happen = resolve;
    });
  }
}

/** An owner that runs until it is stopped. */
export class RunningOwner {
  readonly #stop = new AbortController();
  readonly ended: Promise<void>;

  constructor(connection: ConstructorParameters<typeof Owner>[0], options: Partial<OwnerOptions>) {
    const owner = new Owner(connection, { projectId: PROJECT, subscriptionId: "test", onError: () => {}, ...options });
    this.ended = owner.run({ signal: this.#stop.signal });
    // Whoever awaits `ended` or `stop` gets the error; until then it is nobody's.
    this.ended.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }
}
