/** Counters, durations and spans of an owner. Without an SDK of OpenTelemetry they cost nothing. */
import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { VERSION } from "../version.js";
import type { HandlerName } from "./types.js";

const SCOPE = "@fermata/client";

/** The instruments of one owner. */
export class Telemetry {
  // Made when the owner starts, so that an SDK which was set up before is used.
  readonly #tracer = trace.getTracer(SCOPE, VERSION);
  readonly #meter = metrics.getMeter(SCOPE, VERSION);
  readonly #questions = this.#meter.createCounter("fermata.owner.questions", {
    description: "Questions that were asked, by handler",
  });
  readonly #replies = this.#meter.createCounter("fermata.owner.replies", {
    description: "Replies, by answer and outcome",
  });
  readonly #events = this.#meter.createCounter("fermata.owner.events", {
    description: "Events that arrived, by what they are about",
  });
  readonly #durations = this.#meter.createHistogram("fermata.owner.handler.duration", {
    description: "How long handlers take",
    unit: "s",
  });

  question(handler: HandlerName): void {
    this.#questions.add(1, { handler });
  }

  reply(answer: string, outcome: string, fallback: boolean): void {
    this.#replies.add(1, { answer, outcome, fallback });
  }

  event(what: string): void {
    this.#events.add(1, { what });
  }

  /** Runs a handler in a span of its own and measures it. */
  async handler<T>(handler: HandlerName, id: string, attempt: number, run: () => T | Promise<T>): Promise<T> {
    const attributes = { "fermata.handler": handler, "fermata.id": id, "fermata.attempt": attempt };
    const span = this.#tracer.startSpan(`fermata.owner.${handler}`, { kind: SpanKind.CONSUMER, attributes });
    const start = performance.now();
    let outcome = "ok";
    try {
      return await context.with(trace.setSpan(context.active(), span), run);
    } catch (error) {
      outcome = "failed";
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      this.#durations.record((performance.now() - start) / 1000, { handler, outcome });
      span.end();
    }
  }
}
