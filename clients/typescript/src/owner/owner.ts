/** The runtime of an owner (VNFM). */
import { create } from "@bufbuild/protobuf";
import { Backoff } from "../backoff.js";
import type { Connection } from "../connection.js";
import { FermataError } from "../error.js";
import type { OwnerEvent } from "../gen/fermata/v1/notification_pb.js";
import { type OwnerSnapshot, type SubscribeRequest, SubscribeRequestSchema } from "../gen/fermata/v1/notification_service_pb.js";
import { StreamPoint } from "../gen/fermata/v1/stream_pb.js";
import { onAbort, sleep } from "../signals.js";
import { duration } from "../time.js";
import { mayPass } from "../watch/judge.js";
import { watch, type WatchItem } from "../watch/watch.js";
import { Acknowledger } from "./acknowledger.js";
import { Events, endsSession } from "./events.js";
import { Ledger } from "./ledger.js";
import { Questions } from "./questions.js";
import type { OwnerOptions } from "./types.js";
import { World } from "./world.js";

/** Reading pauses with so many events that are not handled yet. */
const MOST_UNHANDLED = 1_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * An owner of servers: it takes part in maintenances by its handlers.
 *
 * ```ts
 * const owner = new Owner(connect("http://127.0.0.1:7400"), {
 *   projectId: "core",
 *   subscriptionId: "vnfm",
 *   onPlanned: () => accept(),
 *   onDrain: async (notification) => {
 *     await switchOver(notification.servers);
 *     return accept(Action.LIVE_MIGRATE);
 *   },
 * });
 * await owner.run({ signal });
 * ```
 *
 * - Each question is given to a handler once per run. Handlers of different notifications run beside each other, those of one
 *   notification in order, and so do the events of one session.
 * - A reply is repeated until it has counted. There are never two answers to one question, also over restarts.
 * - A handler that fails is called again. Shortly before the deadline the fallback answers.
 * - Nothing is kept here: the server knows how far the owner has come.
 */
export class Owner {
  #runs = false;

  /**
   * @param connection - where the owner takes part
   * @param options - who it is, and its handlers
   */
  constructor(
    private readonly connection: Connection,
    private readonly options: OwnerOptions,
  ) {}

  /**
   * Takes part until `signal` is aborted. While the server is away it waits. When it stops, no new handler begins, those that
   * run have ten seconds, and the position is acknowledged.
   *
   * @throws FermataError what trying again cannot mend, for example missing rights
   */
  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#runs) throw new Error("this owner runs already");
    this.#runs = true;
    const run = new Run(new World(this.connection, this.options));
    const forget = signal && onAbort(signal, () => run.stop());
    try {
      await run.whole();
    } finally {
      forget?.();
      this.#runs = false;
    }
  }
}

/** One run. */
class Run {
  readonly #questions: Questions;
  readonly #events: Events;
  readonly #ledger: Ledger;
  readonly #acknowledger: Acknowledger;

  constructor(private readonly world: World) {
    this.#questions = new Questions(world);
    this.#events = new Events(world);
    this.#ledger = new Ledger(MOST_UNHANDLED, () => this.#acknowledger.progressed());
    this.#acknowledger = new Acknowledger(world, () => this.#ledger.position);
  }

  stop(): void {
    this.world.stopping.abort();
  }

  async whole(): Promise<void> {
    try {
      if (await this.#subscribe()) await this.#read();
    } finally {
      await this.#finish();
    }
  }

  /** Puts the subscription. `false`: stopped before. */
  async #subscribe(): Promise<boolean> {
    const { connection, options, stopping } = this.world;
    const { projectId, subscriptionId, displayName = subscriptionId, filter } = options;
    const subscription = { projectId, id: subscriptionId, displayName, ...(filter && { filter }) };
    const backoff = new Backoff(250, 15_000);
    for (;;) {
      try {
        const { warnings } = await connection.notifications.putSubscription({ subscription }, { signal: stopping.signal });
        for (const warning of warnings) this.world.warning(warning);
        return true;
      } catch (thrown) {
        if (stopping.signal.aborted) return false;
        const error = FermataError.from(thrown);
        if (!mayPass(error, connection.renewsCredentials)) throw error;
        if (!(await sleep(backoff.next(error.retryAfterMs), stopping.signal))) return false;
      }
    }
  }

  async #read(): Promise<void> {
    const { connection, options, stopping } = this.world;
    const request = this.#request();
    for await (const item of watch(connection, request, { ...options.watch, signal: stopping.signal })) {
      this.world.report({ kind: "item", item });
      this.#take(item);
      await this.#ledger.room(stopping.signal);
    }
  }

  #request(): SubscribeRequest {
    const { projectId, subscriptionId, heartbeatIntervalMs } = this.world.options;
    return create(SubscribeRequestSchema, {
      projectId,
      subscriptionId,
      start: { start: { case: "point", value: StreamPoint.ACKNOWLEDGED } },
      ...(heartbeatIntervalMs !== undefined && { heartbeatInterval: duration(heartbeatIntervalMs) }),
    });
  }

  #take(item: WatchItem<OwnerSnapshot, OwnerEvent>): void {
    if (item.kind === "connected" || item.kind === "interrupted") return;
    const handled = this.#ledger.add(item.position.sequence, item.position.storeId);
    if (item.kind === "snapshot") return this.#questions.replace(item.snapshot.notifications, handled);
    const { event } = item.event;
    this.world.telemetry.event(event.case ?? "unknown");
    switch (event.case) {
      case "notification":
        return this.#questions.take(event.value, handled);
      case "server":
        return this.#events.server(event.value, handled);
      case "session":
        if (endsSession(event.value)) this.#questions.sessionEnded(event.value.sessionId);
        return this.#events.session(event.value, handled);
      case undefined:
        return handled();
    }
  }

  async #finish(): Promise<void> {
    this.stop();
    const patience = new AbortController();
    const idle = Promise.all([this.#questions.idle(), this.#events.idle()]);
    await Promise.race([idle, sleep(this.world.options.stopTimeoutMs ?? STOP_TIMEOUT_MS, patience.signal)]);
    patience.abort();
    this.world.stopped.abort();
    await this.#acknowledger.finish();
  }
}
