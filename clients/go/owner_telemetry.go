package fermata

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

const scope = "fermata.dev/clients/go"

// ownerTelemetry is what an owner measures. It costs nothing without an SDK of OpenTelemetry.
type ownerTelemetry struct {
	tracer    trace.Tracer
	questions metric.Int64Counter
	replies   metric.Int64Counter
	events    metric.Int64Counter
	duration  metric.Float64Histogram
}

func newOwnerTelemetry(o *Owner) (*ownerTelemetry, error) {
	meters, tracers := o.MeterProvider, o.TracerProvider
	if meters == nil {
		meters = otel.GetMeterProvider()
	}
	if tracers == nil {
		tracers = otel.GetTracerProvider()
	}
	meter := meters.Meter(scope, metric.WithInstrumentationVersion(Version))
	t := &ownerTelemetry{tracer: tracers.Tracer(scope, trace.WithInstrumentationVersion(Version))}
	var errs [4]error
	t.questions, errs[0] = meter.Int64Counter("fermata.owner.questions", metric.WithDescription("Questions given to handlers."))
	t.replies, errs[1] = meter.Int64Counter("fermata.owner.replies", metric.WithDescription("Replies, by outcome."))
	t.events, errs[2] = meter.Int64Counter("fermata.owner.events", metric.WithDescription("Events given to handlers."))
	t.duration, errs[3] = meter.Float64Histogram("fermata.owner.handler.duration",
		metric.WithDescription("How long handlers take."), metric.WithUnit("s"))
	return t, errors.Join(errs[:]...)
}

// handle runs a handler in a span, measured. A panic becomes an error.
func (t *ownerTelemetry) handle(ctx context.Context, handler string, run func(context.Context) error, about ...attribute.KeyValue) (err error) {
	ctx, span := t.tracer.Start(ctx, "fermata.owner "+handler, trace.WithAttributes(about...))
	began := time.Now()
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("the handler panicked: %v\n%s", panicked, debug.Stack())
		}
		outcome := "ok"
		if err != nil {
			outcome = "failed"
			span.RecordError(err)
			span.SetStatus(codes.Error, err.Error())
		}
		t.duration.Record(ctx, time.Since(began).Seconds(),
			metric.WithAttributes(attribute.String("handler", handler), attribute.String("outcome", outcome)))
		span.End()
	}()
	return run(ctx)
}

func (t *ownerTelemetry) question(ctx context.Context, handler string) {
	t.questions.Add(ctx, 1, metric.WithAttributes(attribute.String("handler", handler)))
}

func (t *ownerTelemetry) reply(ctx context.Context, answer Answer, outcome string) {
	t.replies.Add(ctx, 1, metric.WithAttributes(attribute.String("answer", answer.String()), attribute.String("outcome", outcome)))
}

func (t *ownerTelemetry) event(ctx context.Context, handler string) {
	t.events.Add(ctx, 1, metric.WithAttributes(attribute.String("handler", handler)))
}
