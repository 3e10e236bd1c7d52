package fermata

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

const (
	// eventAttempts is how often a handler of an event is called before the event is given up.
	eventAttempts = 5
	// handlerFirstWait and handlerLongestWait are between the calls of a handler that fails.
	handlerFirstWait   = time.Second
	handlerLongestWait = 30 * time.Second
)

// errStopped: the owner stops, and the handler was not called.
var errStopped = errors.New("the owner stops")

// tell gives an event to its handler, after the earlier events of its session.
func (r *ownerRun) tell(handler, session string, u *unhandled, run func(context.Context) error) {
	u.hold()
	r.lanes.add(session, func() {
		if r.tellUntilHandled(handler, session, run) {
			u.release()
		}
	})
}

// tellUntilHandled returns false if the owner stopped before the event was handled: it comes again with the next run.
func (r *ownerRun) tellUntilHandled(handler, session string, run func(context.Context) error) bool {
	wait := handlerFirstWait
	for attempt := 1; ; attempt++ {
		err := r.call(r.working, handler, run, attribute.String("session", session))
		if attempt == 1 && !errors.Is(err, errStopped) {
			r.telemetry.event(r.working, handler)
		}
		switch {
		case err == nil:
			return true
		case errors.Is(err, errStopped), r.working.Err() != nil:
			return false
		}
		r.failed("a handler failed", fmt.Errorf("handler of %s events: %w", handler, err), "handler", handler, "session", session, "attempt", attempt)
		if attempt == eventAttempts {
			r.log.Error("an event is given up", "handler", handler, "session", session)
			return true
		}
		if !r.pause(r.working, wait) {
			return false
		}
		wait *= 2
	}
}

// call calls a handler when it is its turn. [errStopped]: it was not called.
func (r *ownerRun) call(ctx context.Context, handler string, run func(context.Context) error, about ...attribute.KeyValue) error {
	select {
	case r.turns <- struct{}{}:
	case <-r.running.Done():
		return errStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turns }()
	if r.running.Err() != nil {
		return errStopped
	}
	return r.telemetry.handle(ctx, handler, run, about...)
}
