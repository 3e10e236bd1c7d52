/** What an owner counts and traces. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createRouterTransport } from "@connectrpc/connect";
import { accept, Connection, HostService } from "@fermata/client";
import { RunningOwner, until } from "../support.js";
import { asking, FakeNotifications } from "./fake-notifications.js";

const spans = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

async function traceOf(connection: Connection, seen: () => string | null): Promise<string | null> {
  await connection.hosts.listHosts({});
  return seen();
}

test("counters, durations, a span for each handler, and the trace context of calls", async (t) => {
  let traceparent: string | null = null;
  const other = new Connection(
    createRouterTransport(({ service }) => {
      service(HostService, {
        listHosts: (_, { requestHeader }) => {
          traceparent = requestHeader.get("traceparent");
          return {};
        },
      });
    }),
  );
  const server = new FakeNotifications();
  let inHandler: string | null = null;
  const owner = new RunningOwner(t, server.connection, {
    onPlanned: async (_, { attempt }) => {
      if (attempt === 1) throw new Error("not yet");
      inHandler = await traceOf(other, () => traceparent);
      return accept();
    },
  });
  server.notification(asking("n"));
  await until(() => server.replies.length === 1, "the reply");
  await owner.stop();

  const [failed, succeeded] = spans.getFinishedSpans();
  assert.deepEqual([failed?.name, failed?.status.code, failed?.events[0]?.name], ["fermata.owner.planned", 2, "exception"]);
  assert.deepEqual([succeeded?.attributes["fermata.id"], succeeded?.attributes["fermata.attempt"]], ["n", 2]);
  const { traceId, spanId } = succeeded!.spanContext();
  assert.equal(inHandler, `00-${traceId}-${spanId}-01`);

  await reader.forceFlush();
  const points = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const found = points.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ attributes }) => attributes)]);
  assert.deepEqual(Object.fromEntries(found), {
    "fermata.owner.questions": [{ handler: "planned" }],
    "fermata.owner.replies": [{ answer: "accept", outcome: "accepted", fallback: false }],
    "fermata.owner.events": [{ what: "notification" }],
    "fermata.owner.handler.duration": [
      { handler: "planned", outcome: "failed" },
      { handler: "planned", outcome: "ok" },
    ],
  });
});
