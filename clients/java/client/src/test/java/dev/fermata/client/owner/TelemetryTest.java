package dev.fermata.client.owner;

import static dev.fermata.client.owner.OwnerFixture.pending;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fermata.client.ConnectOptions;
import dev.fermata.client.Fermata;
import dev.fermata.client.ScriptedServer;
import dev.fermata.client.ScriptedStreams;
import dev.fermata.v1.Notification;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TelemetryTest {
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();

  private MetricData metric(String name) {
    return metrics.collectAllMetrics().stream()
        .filter(metric -> metric.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }

  @Test
  void whatAnOwnerDoesIsCountedAndTraced() throws Exception {
    var calls = new ScriptedOwnerServer();
    var traceId = new AtomicReference<String>();
    try (var sdk =
            OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build())
                .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
                .build();
        var server = new ScriptedServer(calls);
        var fermata = Fermata.connect(server.target(), ConnectOptions.defaults().withOpenTelemetry(sdk))) {
      var owner =
          Owner.of(
              fermata,
              "core",
              "vnfm",
              new OwnerHandler() {
                @Override
                public Answer onPlanned(Notification asked) {
                  traceId.set(Span.current().getSpanContext().getTraceId());
                  return Answer.accept();
                }
              });
      var thread = new Thread(owner::run);
      thread.start();
      var stream = calls.stream();
      stream.onNext(ScriptedStreams.snapshot(1));
      stream.onNext(ScriptedStreams.asked(2, pending("n", 1).build()));
      ScriptedOwnerServer.take(calls.replies);
      owner.close();
      thread.join();
      // The reply belongs to the trace of the handler.
      assertTrue(
          server.header("traceparent").stream().anyMatch(sent -> sent != null && sent.contains(traceId.get())),
          () -> "no call of trace " + traceId);
      var span = spans.getFinishedSpanItems().get(0);
      assertEquals("fermata.owner planned", span.getName());
      assertEquals(traceId.get(), span.getTraceId());
      assertEquals("n", span.getAttributes().get(AttributeKey.stringKey("fermata.id")));
    }
  }

  @Test
  void metricsHaveTheirNames() {
    try (var sdk =
        OpenTelemetrySdk.builder()
            .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
            .build()) {
      var telemetry = new Telemetry(sdk);
      telemetry.asked();
      telemetry.received();
      telemetry.replied("accepted");
      telemetry.end(telemetry.begin("planned", "n", "s"), "planned", System.nanoTime(), null);
      var replies = metric("fermata.owner.replies").getLongSumData().getPoints().iterator().next();
      assertEquals("accepted", replies.getAttributes().get(AttributeKey.stringKey("outcome")));
      assertEquals(1, metric("fermata.owner.questions").getLongSumData().getPoints().iterator().next().getValue());
      assertEquals(1, metric("fermata.owner.events").getLongSumData().getPoints().iterator().next().getValue());
      var duration = metric("fermata.owner.handler.duration");
      assertEquals("s", duration.getUnit());
      assertEquals(1, duration.getHistogramData().getPoints().iterator().next().getCount());
    }
  }
}
