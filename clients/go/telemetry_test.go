package fermata_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

func TestAnOwnerIsMeasured(t *testing.T) {
	t.Parallel()
	reader, spans := metric.NewManualReader(), tracetest.NewInMemoryExporter()
	a := startAsking(t)
	attempts := 0
	a.own(&fermata.Owner{
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(reader)),
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)),
		OnPlanned: func(ctx context.Context, _ *fermatav1.Notification) (fermata.Answer, error) {
			if attempts++; attempts == 1 {
				return fermata.Answer{}, errors.New("not now")
			}
			return fermata.Accept(), nil
		},
		OnServerEvent: func(ctx context.Context, _ *fermatav1.ServerEvent) error {
			if !trace.SpanContextFromContext(ctx).IsValid() {
				t.Error("the handler has no span")
			}
			return nil
		},
	})
	a.ask("one", 1, pending)
	a.tell("session", fermatav1.ServerChange_SERVER_CHANGE_IS_BACK)
	eventually(t, a.replies, "reply")
	a.acknowledged(2)

	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				counts[m.Name] += point.Value
			}
		case metricdata.Histogram[float64]:
			for _, point := range data.DataPoints {
				counts[m.Name] += int64(point.Count)
			}
		}
	}
	for name, wanted := range map[string]int64{"fermata.owner.questions": 1, "fermata.owner.replies": 1, "fermata.owner.events": 1, "fermata.owner.handler.duration": 3} {
		if counts[name] != wanted {
			t.Errorf("%s is %d", name, counts[name])
		}
	}
	var names []string
	for _, span := range spans.GetSpans() {
		names = append(names, span.Name)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"fermata.owner planned", "fermata.owner planned", "fermata.owner server"}) {
		t.Error(names)
	}
}
