/** Follows one session, and has the work on its hosts done. */
import { create } from "@bufbuild/protobuf";
import { Backoff } from "../backoff.js";
import type { Connection } from "../connection.js";
import { FermataError } from "../error.js";
import type { SessionEvent } from "../gen/fermata/v1/event_pb.js";
import { SessionHostState, SessionState } from "../gen/fermata/v1/session_pb.js";
import { type SessionSnapshot, WatchSessionRequestSchema } from "../gen/fermata/v1/session_service_pb.js";
import { LinkedController, sleep, whenAborted } from "../signals.js";
import { mayPass } from "../watch/judge.js";
import { watch } from "../watch/watch.js";
import type { SessionHandlers } from "./operator.js";

/** The longest reason that the contract takes. */
const MAX_REASON = 1_024;

/** A session that is followed. */
export class Follower {
  /** The work on each host that is in maintenance. */
  readonly #work = new Map<string, LinkedController>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop: LinkedController;

  constructor(
    private readonly connection: Connection,
    private readonly sessionId: string,
    private readonly handlers: SessionHandlers,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#stop = new LinkedController(signal);
  }

  /** Resolves when the session has ended. */
  async ended(): Promise<void> {
    const request = create(WatchSessionRequestSchema, { sessionId: this.sessionId });
    try {
      for await (const item of watch(this.connection, request, { signal: this.#stop.signal })) {
        if (item.kind === "connected" || item.kind === "interrupted") continue;
        const ended = item.kind === "snapshot" ? this.#snapshot(item.snapshot) : this.#event(item.event);
        if (ended) return;
      }
      this.signal?.throwIfAborted();
    } finally {
      this.#stop.abort();
      await Promise.all(this.#running);
    }
  }

  #snapshot(snapshot: SessionSnapshot): boolean {
    for (const { host, state } of snapshot.hosts) this.#host(host, state);
    return isOver(snapshot.session?.status?.state);
  }

  #event(event: SessionEvent): boolean {
    try {
      this.handlers.onEvent?.(event);
    } catch (error) {
      this.#error(error, "the handler of events failed");
    }
    const { event: what } = event;
    if (what.case === "host") this.#host(what.value.host, what.value.state);
    return what.case === "session" && isOver(what.value.state);
  }

  #host(host: string, state: SessionHostState): void {
    const work = this.#work.get(host);
    if (state !== SessionHostState.IN_MAINTENANCE) {
      work?.abort();
      this.#work.delete(host);
    } else if (!work && this.handlers.onHostReady) {
      const control = new LinkedController(this.#stop.signal);
      const done = this.#maintain(host, this.handlers.onHostReady, control.signal).finally(() => {
        control.release();
        this.#running.delete(done);
      });
      this.#running.add(done);
      this.#work.set(host, control);
    }
  }

  async #maintain(host: string, handler: NonNullable<SessionHandlers["onHostReady"]>, signal: AbortSignal): Promise<void> {
    const { sessionId } = this;
    const { sessions } = this.connection;
    let failure: unknown;
    let failed = false;
    // A handler that does not heed its signal must not hold up the end of the session.
    const aborted = whenAborted(signal);
    const work = (async () => handler(host, { sessionId, signal }))().catch((error: unknown) => {
      failed = true;
      failure = error;
    });
    await Promise.race([work, aborted.promise]);
    aborted.release();
    if (signal.aborted) return;
    const reason = reasonOf(failure);
    await this.#insist(`cannot ${failed ? "fail" : "complete"} host ${host}`, signal, () =>
      failed
        ? sessions.failHost({ sessionId, host, reason }, this.#caller())
        : sessions.completeHost({ sessionId, host }, this.#caller()),
    );
  }

  /**
   * A call that is under way is left alone when its host leaves maintenance: that is by this very call. To cancel it while its
   * answer arrives would leave a stream behind that nobody reads, and a process that does not end.
   */
  #caller(): { signal?: AbortSignal } {
    return this.signal ? { signal: this.signal } : {};
  }

  /** Makes a call until it is answered. */
  async #insist(what: string, signal: AbortSignal, call: () => Promise<unknown>): Promise<void> {
    const backoff = new Backoff(250, 15_000);
    while (!signal.aborted) {
      try {
        await call();
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = FermataError.from(thrown, this.signal);
        if (!mayPass(error, this.connection.renewsCredentials)) return this.#error(error, what);
        await sleep(backoff.next(error.retryAfterMs), signal);
      }
    }
  }

  #error(error: unknown, what: string): void {
    if (this.handlers.onError) this.handlers.onError(error, what);
    else console.error(`fermata: ${what}:`, error);
  }
}

function isOver(state: SessionState | undefined): boolean {
  return state === SessionState.COMPLETED || state === SessionState.CANCELLED;
}

function reasonOf(failure: unknown): string {
  const text = failure instanceof Error ? failure.message : String(failure);
  return (text || "the work on the host failed").slice(0, MAX_REASON);
}
