/** Reads one stream after the other. */
import { clone, type Message } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { Backoff } from "../backoff.js";
import type { Connection } from "../connection.js";
import { FermataError } from "../error.js";
import { LinkedController, sleep } from "../signals.js";
import { milliseconds } from "../time.js";
import { Cursor } from "./cursor.js";
import { Gathering } from "./gathering.js";
import { judge } from "./judge.js";
import { kindOf, type StreamKind, type StreamMessage, type StreamRequest, type WatchRequest } from "./streams.js";
import type { InterruptedItem, WatchItem, WatchOptions } from "./watch.js";
import { Watchdog } from "./watchdog.js";

type Item = WatchItem<Message, Message>;

/** Ends the watch, although its code is one that may pass. */
class TooLarge extends FermataError {}

/** The state of a watch between and during its streams. */
export class Reader {
  readonly #kind: StreamKind;
  readonly #request: StreamRequest;
  readonly #cursor: Cursor;
  readonly #backoff: Backoff;
  readonly #openTimeoutMs: number;
  readonly #maxSnapshotBytes: number;

  constructor(
    private readonly connection: Connection,
    request: WatchRequest,
    private readonly options: WatchOptions,
  ) {
    this.#kind = kindOf(request);
    // The caller may change its message while the watch runs.
    this.#request = clone(this.#kind.method.input, request);
    this.#cursor = new Cursor(this.#request);
    this.#backoff = new Backoff(options.firstWaitMs ?? 250, options.longestWaitMs ?? 15_000);
    this.#openTimeoutMs = options.openTimeoutMs ?? 10_000;
    this.#maxSnapshotBytes = options.maxSnapshotBytes ?? 64 * 1024 * 1024;
  }

  /** What the watch yields. One generator, not one per stream: each further one costs every event. */
  async *items(): AsyncGenerator<Item, void, undefined> {
    const caller = this.options.signal;
    while (!caller?.aborted) {
      const call = new LinkedController(caller);
      let silent = false;
      const watchdog = new Watchdog(() => {
        silent = true;
        call.abort();
      });
      let interruption: InterruptedItem | undefined;
      try {
        watchdog.arm(this.#openTimeoutMs);
        const messages = await this.open(call.signal);
        watchdog.rest();
        yield { kind: "connected", position: this.#cursor.position };
        if (caller?.aborted) return;
        const gathering = new Gathering(this.#kind, this.#maxSnapshotBytes);
        while (!interruption) {
          watchdog.arm(this.#cursor.patienceMs);
          const next = await messages.next();
          // While the caller works on an item, nobody waits for the server.
          watchdog.rest();
          if (!next.done) this.#backoff.reset();
          const item = next.done ? this.cut("closed") : this.received(next.value, gathering);
          if (item?.kind === "interrupted") interruption = item;
          else if (item) yield item;
          if (caller?.aborted) return;
        }
      } catch (thrown) {
        if (caller?.aborted) return;
        if (thrown instanceof TooLarge) throw thrown;
        interruption = silent ? this.cut("silent") : this.failed(FermataError.from(thrown));
      } finally {
        watchdog.stop();
        call.abort();
      }
      yield interruption;
      await sleep(interruption.retryInMs, caller);
    }
  }

  private async open(signal: AbortSignal): Promise<AsyncIterator<StreamMessage>> {
    const request = { ...this.#request, start: this.#cursor.start };
    const { transport } = this.connection;
    const { method } = this.#kind;
    const response = await transport.stream(method, signal, undefined, undefined, only(request));
    return (response.message as AsyncIterable<unknown> as AsyncIterable<StreamMessage>)[Symbol.asyncIterator]();
  }

  /** What the caller gets for a message; `interrupted` if the stream has to be left. */
  private received(message: StreamMessage, gathering: Gathering): Item | undefined {
    const body = message.message;
    switch (body.case) {
      case "snapshot": {
        const gathered = gathering.add(body.value);
        if (gathered.state === "begun") return undefined;
        if (gathered.state === "torn") {
          return this.cut("failed", new FermataError("a part of the snapshot is missing", Code.Unknown));
        }
        if (gathered.state === "tooLarge") {
          const text = `the snapshot is larger than ${this.#maxSnapshotBytes} bytes; set maxSnapshotBytes`;
          throw new TooLarge(text, Code.ResourceExhausted);
        }
        this.#cursor.take(message);
        return { kind: "snapshot", snapshot: gathered.snapshot, position: this.#cursor.position };
      }
      case "event": {
        const isNews = this.#cursor.take(message);
        return isNews ? { kind: "event", event: body.value, position: this.#cursor.position } : undefined;
      }
      case "goingAway": {
        this.#cursor.take(message);
        const wished = milliseconds(body.value.reconnectAfter);
        // The server spreads its clients by itself; chance would only undo that.
        return wished === undefined ? this.cut("going_away") : this.interrupted("going_away", undefined, wished);
      }
      case "heartbeat":
      case undefined:
        this.#cursor.take(message);
        return undefined;
    }
  }

  private failed(error: FermataError): InterruptedItem {
    switch (judge(error, this.#cursor.hasOwnToken, this.connection.renewsCredentials)) {
      case "giveUp":
        throw error;
      case "beginAgain":
        this.#cursor.beginAgain();
        return this.cut("missed", error);
      case "goOn":
        return this.cut("failed", error);
    }
  }

  private cut(cause: InterruptedItem["cause"], error?: FermataError): InterruptedItem {
    return this.interrupted(cause, error, this.#backoff.next(error?.retryAfterMs));
  }

  private interrupted(cause: InterruptedItem["cause"], error: FermataError | undefined, retryInMs: number): InterruptedItem {
    return { kind: "interrupted", cause, error, retryInMs, position: this.#cursor.position };
  }
}

async function* only(request: StreamRequest): AsyncGenerator<StreamRequest, void, undefined> {
  yield await Promise.resolve(request);
}
