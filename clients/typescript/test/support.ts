/** What several tests need. */
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Connection, Operator, Owner, type OwnerOptions, timestamp } from "@fermata/client";
import { SimulatedFermata, type SimulatedOptions } from "@fermata/client/testing";

/** A condition that is not met in this time is not met at all; generous, for machines that are busy. */
export const LIMIT_MS = 60_000;
/** The owner of all servers of {@link TOPOLOGY}. */
export const PROJECT = "core";
/** A site with four hosts. */
export const TOPOLOGY = fileURLToPath(new URL("../../test/topology.toml", import.meta.url));

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Does something when the test is over; what was begun last is ended first. */
export function atEnd(t: TestContext, end: () => unknown): void {
  const begun = cleanups.get(t);
  if (begun) {
    begun.push(end);
    return;
  }
  const stack = [end];
  cleanups.set(t, stack);
  t.after(async () => {
    for (const each of stack.reverse()) await each();
  });
}

/** A server over the site for tests, until the test is over. */
export async function startFermata(t: TestContext, options: SimulatedOptions = {}): Promise<SimulatedFermata> {
  const fermata = await SimulatedFermata.start({ topology: TOPOLOGY, ...options });
  atEnd(t, () => fermata.close());
  return fermata;
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

/** Makes events of {@link PROJECT}: announces a maintenance and cancels it. Returns the id of its session. */
export async function makeEvents(fermata: SimulatedFermata): Promise<string> {
  const connection = fermata.connect();
  const inHours = (hours: number) => timestamp(new Date(Date.now() + hours * 3_600_000));
  const window = { startTime: inHours(1), endTime: inHours(2) };
  const { id } = await new Operator(connection).create({ hosts: { names: ["compute-1"] }, window, reason: "a test" });
  await connection.sessions.cancelSession({ sessionId: id });
  await until(async () => (await newest(fermata)) > 0n, "events");
  return id;
}

/** The number of the newest event of {@link PROJECT}. */
export async function newest(fermata: SimulatedFermata): Promise<bigint> {
  const { notifications } = fermata.connect();
  const { subscription } = await notifications.putSubscription({ subscription: { projectId: PROJECT, id: "counter" } });
  return subscription?.latestSequence ?? 0n;
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

/** An owner that runs until it is stopped, or the test is over. */
export class RunningOwner {
  readonly #stop = new AbortController();
  readonly ended: Promise<void>;

  constructor(t: TestContext, connection: Connection, options: Partial<OwnerOptions>) {
    const owner = new Owner(connection, { projectId: PROJECT, subscriptionId: "test", onError: () => {}, ...options });
    this.ended = owner.run({ signal: this.#stop.signal });
    // Whoever awaits `ended` or `stop` gets the error; until then it is nobody's.
    this.ended.catch(() => {});
    atEnd(t, () => {
      this.#stop.abort();
      return this.ended.catch(() => {});
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }
}
