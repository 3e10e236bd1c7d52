package fermata

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"fermata.dev/clients/go/fermatav1"
)

const (
	// callTimeout is how long one call of the owner may take before it is made again.
	callTimeout = 10 * time.Second
	// acknowledgePause is the least time between two acknowledgements.
	acknowledgePause = time.Second
	// ignoredPeriod is how long handlers that are cancelled may take to notice.
	ignoredPeriod = 2 * time.Second
)

// ownerRun is one run of an owner.
type ownerRun struct {
	*Owner
	log       *slog.Logger
	telemetry *ownerTelemetry
	// running is done when the owner stops: no new handler begins. working is done when handlers that run may not go on either.
	running context.Context
	halt    context.CancelFunc
	working context.Context
	abandon context.CancelFunc

	work      sync.WaitGroup
	turns     chan struct{}
	positions *positions
	lanes     lanes
	questions questions
	// storeID is that of the last snapshot.
	storeID string
}

func newOwnerRun(ctx context.Context, o *Owner) (*ownerRun, error) {
	telemetry, err := newOwnerTelemetry(o)
	if err != nil {
		return nil, err
	}
	r := &ownerRun{
		Owner: o, telemetry: telemetry,
		log:       cmp.Or(o.Logger, slog.Default()).With("project", o.ProjectID, "subscription", o.SubscriptionID),
		turns:     make(chan struct{}, cmp.Or(o.Concurrency, defaultConcurrency)),
		positions: newPositions(maxUnhandled),
		questions: questions{byID: map[string]*question{}},
	}
	r.lanes = lanes{waiting: map[string][]func(){}, start: r.start}
	r.running, r.halt = context.WithCancel(ctx)
	r.working, r.abandon = context.WithCancel(context.WithoutCancel(ctx))
	return r, nil
}

// start runs f beside everything else. The owner does not end before f has.
func (r *ownerRun) start(f func()) {
	r.work.Add(1)
	go func() {
		defer r.work.Done()
		f()
	}()
}

func (r *ownerRun) putSubscription() error {
	waits := newWaits(watchDefaults.firstWait, watchDefaults.longestWait)
	for {
		ctx, cancel := context.WithTimeout(r.running, callTimeout)
		stored, err := r.Connection.Notifications().PutSubscription(ctx, &fermatav1.PutSubscriptionRequest{Subscription: &fermatav1.Subscription{
			ProjectId: r.ProjectID, Id: r.SubscriptionID, DisplayName: r.DisplayName,
			Delivery: &fermatav1.Subscription_Stream{Stream: &fermatav1.StreamDelivery{}},
		}})
		cancel()
		if err == nil {
			r.warn(stored.GetWarnings())
			return nil
		}
		e := asError(err)
		if r.running.Err() != nil || judge(e, false) == giveUp {
			return e
		}
		wait := waits.take(e.RetryAfter)
		r.log.Warn("cannot put the subscription", "error", e, "again_in", wait)
		if !pause(r.running, wait) {
			return e
		}
	}
}

// warn tells what may not be what was meant.
func (r *ownerRun) warn(warnings []*fermatav1.Warning) {
	for _, warning := range warnings {
		r.log.Warn(warning.GetMessage(), "field", warning.GetField())
		if r.OnWarning != nil {
			r.OnWarning(warning)
		}
	}
}

// read gives what comes to its handlers.
func (r *ownerRun) read() error {
	request := &fermatav1.SubscribeRequest{
		ProjectId: r.ProjectID, SubscriptionId: r.SubscriptionID,
		Start: &fermatav1.StreamStart{Start: &fermatav1.StreamStart_Point{Point: fermatav1.StreamPoint_STREAM_POINT_ACKNOWLEDGED}},
	}
	if r.HeartbeatInterval > 0 {
		request.HeartbeatInterval = durationpb.New(r.HeartbeatInterval)
	}
	for item, err := range Subscribe(r.running, r.Connection, request) {
		if err != nil {
			return err
		}
		if r.OnItem != nil {
			r.OnItem(item)
		}
		if item.Connected {
			r.log.Info("the stream is open")
			continue
		}
		if item.Interrupted != nil {
			r.log.Warn("the stream was interrupted", "cause", item.Interrupted.Cause, "error", item.Interrupted.Err,
				"again_in", item.Interrupted.RetryIn)
			continue
		}
		u := r.positions.take(r.running, item.Position, item.Snapshot != nil)
		if u == nil {
			return r.running.Err()
		}
		if item.Snapshot != nil {
			r.snapshot(item.Snapshot, item.Position.StoreID, u)
		} else {
			r.event(item.Event, u)
		}
		u.release()
	}
	return nil
}

func (r *ownerRun) snapshot(snapshot *fermatav1.OwnerSnapshot, store string, u *unhandled) {
	if store != r.storeID && r.storeID != "" {
		r.questions.forget()
	}
	r.storeID = store
	r.questions.keepOnly(snapshot.GetNotifications())
	for _, notification := range snapshot.GetNotifications() {
		r.notified(notification, u)
	}
}

func (r *ownerRun) event(event *fermatav1.OwnerEvent, u *unhandled) {
	switch e := event.GetEvent().(type) {
	case *fermatav1.OwnerEvent_Notification:
		r.notified(e.Notification, u)
	case *fermatav1.OwnerEvent_Server:
		if r.OnServerEvent != nil {
			r.tell("server", e.Server.GetSessionId(), u, func(ctx context.Context) error { return r.OnServerEvent(ctx, e.Server) })
		}
	case *fermatav1.OwnerEvent_Session:
		handler, name := r.OnSessionEvent, "session"
		switch e.Session.GetChange() {
		case fermatav1.OwnerSessionChange_OWNER_SESSION_CHANGE_COMPLETED, fermatav1.OwnerSessionChange_OWNER_SESSION_CHANGE_CANCELLED:
			if r.OnComplete != nil {
				handler, name = r.OnComplete, "complete"
			}
		}
		if handler != nil {
			r.tell(name, e.Session.GetSessionId(), u, func(ctx context.Context) error { return handler(ctx, e.Session) })
		}
	}
}

// stop ends the run: handlers have their time, and then the position is acknowledged.
func (r *ownerRun) stop() {
	r.halt()
	ended := make(chan struct{})
	go func() {
		r.work.Wait()
		close(ended)
	}()
	if !within(ended, cmp.Or(r.StopPeriod, defaultStopPeriod)) {
		r.abandon()
		if !within(ended, ignoredPeriod) {
			r.log.Error("handlers do not end although their context is done")
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.working), callTimeout)
	defer cancel()
	select {
	case <-r.positions.moved:
		r.acknowledge(ctx)
	default:
	}
	r.abandon()
}

func within(ended <-chan struct{}, period time.Duration) bool {
	timer := time.NewTimer(period)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-timer.C:
		return false
	}
}

// pause returns false if ctx is done before the pause is over.
func pause(ctx context.Context, period time.Duration) bool {
	timer := time.NewTimer(period)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pause is between two calls of a handler. It returns false if ctx is done before it is over, or the owner stops.
func (r *ownerRun) pause(ctx context.Context, period time.Duration) bool {
	timer := time.NewTimer(period)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-r.running.Done():
		return false
	}
}

func (r *ownerRun) acknowledgeOnAndOn() {
	for {
		select {
		case <-r.positions.moved:
		case <-r.running.Done():
			return
		}
		r.acknowledge(r.running)
		if !pause(r.running, acknowledgePause) {
			return
		}
	}
}

func (r *ownerRun) acknowledge(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	position := r.positions.position()
	_, err := r.Connection.Notifications().AcknowledgePosition(ctx, &fermatav1.AcknowledgePositionRequest{
		ProjectId: r.ProjectID, SubscriptionId: r.SubscriptionID, Sequence: position,
	})
	switch {
	case err == nil:
		if r.OnAcknowledged != nil {
			r.OnAcknowledged(position)
		}
	case judge(asError(err), false) == giveUp:
		// The stream ends by itself where it has to. A position that another store gave means nothing here.
		r.failed("cannot acknowledge the position", err)
	default:
		r.positions.signal()
	}
}

// failed tells of an error that nobody else is told.
func (r *ownerRun) failed(what string, err error, about ...any) {
	r.log.Warn(what, append(about, "error", err)...)
	if r.OnError != nil {
		r.OnError(err)
	}
}
