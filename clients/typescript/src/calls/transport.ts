/** A transport with manners: credentials, typed errors, repeats of what is safe to repeat, trace context. */
import type { DescMessage, DescMethodStreaming, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { Code, type ContextValues, type StreamResponse, type Transport, type UnaryResponse } from "@connectrpc/connect";
import { context, propagation } from "@opentelemetry/api";
import { Backoff } from "../backoff.js";
import type { Credentials } from "../credentials.js";
import { FermataError } from "../error.js";
import { ErrorReason } from "../gen/fermata/v1/errors_pb.js";
import { LinkedController, sleep } from "../signals.js";
import { mayBeRepeated, requestOf } from "./manners.js";

/** A call is made at most this often. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;

/** How calls are made. */
export interface MannersOptions {
  readonly credentials: Credentials;
  /** How long a unary call may take, with all its repeats. */
  readonly timeoutMs: number;
  /** Headers of every call. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Passes calls on to another transport, with what every caller of Fermata needs. */
export class MannersTransport implements Transport {
  readonly #closed = new AbortController();

  constructor(
    private readonly inner: Transport,
    private readonly options: MannersOptions,
  ) {}

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    contextValues?: ContextValues,
  ): Promise<UnaryResponse<I, O>> {
    const request = requestOf(method, input) as MessageInitShape<I>;
    const call = this.linked(signal);
    const deadline = Date.now() + (timeoutMs ?? this.options.timeoutMs);
    const backoff = new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS);
    let renewed = false;
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const left = Math.max(deadline - Date.now(), 1);
          const headers = await this.headers(header);
          return await this.inner.unary(method, call.signal, left, headers, request, contextValues);
        } catch (thrown) {
          const error = this.seen(thrown, signal);
          if (call.signal.aborted) throw error;
          // Refused before anything was done, so any call may be made again.
          if (this.isExpired(error) && !renewed) {
            renewed = true;
            continue;
          }
          if (error.code !== Code.Unavailable || !mayBeRepeated(method) || attempt >= ATTEMPTS) throw error;
          const wait = backoff.next(error.retryAfterMs);
          if (Date.now() + wait >= deadline || !(await sleep(wait, call.signal))) throw error;
        }
      }
    } finally {
      call.release();
    }
  }

  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>,
    contextValues?: ContextValues,
  ): Promise<StreamResponse<I, O>> {
    const call = this.linked(signal);
    const failed = (thrown: unknown) => {
      call.release();
      return Promise.reject(this.seen(thrown, signal));
    };
    try {
      const headers = await this.headers(header);
      const response = await this.inner.stream(method, call.signal, timeoutMs, headers, input, contextValues);
      return { ...response, message: withManners(response.message, call, failed) };
    } catch (thrown) {
      return failed(thrown);
    }
  }

  /** Ends all calls and streams; later ones fail at once. */
  close(): void {
    this.#closed.abort();
  }

  private linked(signal: AbortSignal | undefined): LinkedController {
    if (this.#closed.signal.aborted) throw closed();
    return new LinkedController(signal, this.#closed.signal);
  }

  private async headers(given: HeadersInit | undefined): Promise<Headers> {
    const headers = new Headers({ ...this.options.headers, ...(await this.options.credentials.headers()) });
    propagation.inject(context.active(), headers, { set: (carrier, key, value) => carrier.set(key, value) });
    new Headers(given).forEach((value, key) => {
      headers.set(key, value);
    });
    return headers;
  }

  private seen(thrown: unknown, signal: AbortSignal | undefined): FermataError {
    if (this.#closed.signal.aborted && !signal?.aborted) {
      return closed();
    }
    const error = FermataError.from(thrown, signal);
    // Credentials hear of it when they have expired, whichever call or stream it was.
    if (this.isExpired(error)) this.options.credentials.expired?.();
    return error;
  }

  private isExpired(error: FermataError): boolean {
    return error.reason === ErrorReason.CREDENTIALS_EXPIRED && this.options.credentials.renewable;
  }
}

/** With a code that nobody tries again after. */
function closed(): FermataError {
  return new FermataError("the connection is closed", Code.FailedPrecondition);
}

/** The same messages. Errors become what `failed` rejects with, and whoever leaves the loop cancels the call. */
function withManners<T>(
  messages: AsyncIterable<T>,
  call: LinkedController,
  failed: (thrown: unknown) => Promise<never>,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = messages[Symbol.asyncIterator]();
      const passed = (result: IteratorResult<T>) => {
        if (result.done) call.release();
        return result;
      };
      return {
        next: () => iterator.next().then(passed, failed),
        return() {
          call.release();
          call.abort();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}
