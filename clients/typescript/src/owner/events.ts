/** Events of servers and sessions: in order within a session. */
import { Backoff } from "../backoff.js";
import { type OwnerSessionEvent, OwnerSessionChange, type ServerEvent } from "../gen/fermata/v1/notification_pb.js";
import { sleep } from "../signals.js";
import { callHandler } from "./attempt.js";
import type { EventHandler, HandlerName } from "./types.js";
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, type World } from "./world.js";

/** An event whose handler fails so often is given up. */
const ATTEMPTS = 5;

/** Whether the event ends its session. */
export function endsSession(event: OwnerSessionEvent): boolean {
  return event.change === OwnerSessionChange.COMPLETED || event.change === OwnerSessionChange.CANCELLED;
}

/** Hands events to handlers. */
export class Events {
  /** The end of the queue of each session that has one. */
  readonly #queues = new Map<string, Promise<void>>();

  constructor(private readonly world: World) {}

  /** Something happened to a server. `handled` is called when that needs nothing more; never if the owner stops before. */
  server(event: ServerEvent, handled: () => void): void {
    this.#add(event.sessionId, "server", event.serverId, event, this.world.options.onServerEvent, handled);
  }

  /** Something happened to a session. `handled` as in {@link Events.server}. */
  session(event: OwnerSessionEvent, handled: () => void): void {
    const { onComplete, onSessionEvent } = this.world.options;
    const [name, handler]: [HandlerName, EventHandler<OwnerSessionEvent> | undefined] = endsSession(event)
      ? ["complete", onComplete]
      : ["session", onSessionEvent];
    this.#add(event.sessionId, name, event.sessionId, event, handler, handled);
  }

  /** Resolves when no event is being handled. */
  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all(this.#queues.values());
  }

  #add<E>(
    session: string,
    name: HandlerName,
    id: string,
    event: E,
    handler: EventHandler<E> | undefined,
    handled: () => void,
  ): void {
    if (!handler) return handled();
    const before = this.#queues.get(session) ?? Promise.resolve();
    const running = before
      .then(() => this.#handle(name, id, event, handler))
      .then((done) => {
        if (done) handled();
        if (this.#queues.get(session) === running) this.#queues.delete(session);
      });
    this.#queues.set(session, running);
  }

  /** Returns `false` if the owner stops before the event is handled. */
  async #handle<E>(name: HandlerName, id: string, event: E, handler: EventHandler<E>): Promise<boolean> {
    const { world } = this;
    const backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, 0);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (!(await world.slots.take(world.stopping.signal))) return false;
      const call = { handler: name, id, planRevision: 0n, attempt };
      const outcome = await callHandler(world, call, [world.stopped.signal], (context) => handler(event, context));
      if (outcome.state === "returned") return true;
      if (outcome.state === "left") return false;
      const isLast = attempt === ATTEMPTS;
      world.error(outcome.error, `the handler ${name} failed for ${id}${isLast ? " and gives up" : ""}`);
      if (!isLast && !(await sleep(backoff.next(), world.stopping.signal))) return false;
    }
    return true;
  }
}
