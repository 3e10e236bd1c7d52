package fermata

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"

	"fermata.dev/clients/go/fermatav1"
)

const (
	// defaultHeartbeat is the contract's interval, until a heartbeat tells the one in force.
	defaultHeartbeat = 15 * time.Second
	missedHeartbeats = 3
	// connectWait is how long opening a stream waits for a connection that was lost. The transport answers with its last error
	// until it has another one.
	connectWait = time.Second
)

// errSilent is the cause with which a stream is cancelled that has been silent for too long.
var errSilent = errors.New("the server is silent")

// loop is a watch under way.
type loop[M, S, E any] struct {
	watchCall[M, S, E]
	watchSettings
	connection *Connection
	ctx        context.Context
	yield      func(Item[S, E], error) bool
	waits      waits

	// begin is where the next stream begins, unless ownToken: then after last, the last message of this watch.
	begin    *fermatav1.StreamStart
	ownToken bool
	last     Position
	patience time.Duration
	// whole is what is there of a snapshot, and bytes how much that is.
	whole *S
	bytes int
}

func snapshotStart() *fermatav1.StreamStart {
	return &fermatav1.StreamStart{Start: &fermatav1.StreamStart_Point{Point: fermatav1.StreamPoint_STREAM_POINT_SNAPSHOT}}
}

func watch[M, S, E any](ctx context.Context, c *Connection, call watchCall[M, S, E], options []WatchOption) iter.Seq2[Item[S, E], error] {
	return func(yield func(Item[S, E], error) bool) {
		l := loop[M, S, E]{
			watchCall: call, watchSettings: watchDefaults, connection: c, ctx: ctx, yield: yield,
			begin: call.start, patience: missedHeartbeats * defaultHeartbeat,
		}
		for _, option := range options {
			option(&l.watchSettings)
		}
		l.waits = newWaits(l.firstWait, l.longestWait)
		if l.begin == nil {
			l.begin = snapshotStart()
		}
		if interval := call.heartbeat.AsDuration(); interval > 0 {
			l.patience = missedHeartbeats * interval
		}
		l.run()
	}
}

// run opens streams until the caller leaves or nothing more can be done.
func (l *loop[M, S, E]) run() {
	for {
		cut, goOn := l.once()
		switch {
		case !goOn:
			return
		case l.ctx.Err() != nil:
			l.yield(Item[S, E]{}, l.ctx.Err())
			return
		}
		if !l.yield(Item[S, E]{Position: l.last, Interrupted: cut}, nil) || !l.sleep(cut.RetryIn) {
			return
		}
	}
}

// sleep returns whether the watch goes on after it.
func (l *loop[M, S, E]) sleep(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.ctx.Done():
		l.yield(Item[S, E]{}, l.ctx.Err())
		return false
	}
}

// once opens one stream and reads it to its end. It returns what cut it, and whether to open another one.
func (l *loop[M, S, E]) once() (*Interruption, bool) {
	// What there is of a snapshot that was cut is of no use to the next stream.
	l.whole, l.bytes = nil, 0
	ctx, cancel := context.WithCancelCause(l.ctx)
	defer cancel(nil)
	clock := silence{cancel: cancel}
	clock.start(l.openTimeout)
	defer clock.stop()

	stream, isOpen, err := l.openStream(ctx)
	clock.stop()
	if isOpen && !l.yield(Item[S, E]{Position: l.last, Connected: true}, nil) {
		return nil, false
	}
	for err == nil {
		clock.start(l.patience)
		var m *M
		m, err = stream.Recv()
		// What the caller does with the message takes as long as it takes.
		clock.stop()
		if err != nil {
			break
		}
		l.waits.reset()
		if cut, goOn := l.take(l.read(m)); !goOn || cut != nil {
			return cut, goOn
		}
	}
	switch {
	case l.ctx.Err() == nil && errors.Is(context.Cause(ctx), errSilent):
		return &Interruption{Cause: Silent, RetryIn: l.waits.take(0)}, true
	case err == io.EOF:
		return &Interruption{Cause: Closed, RetryIn: l.waits.take(0)}, true
	case l.ctx.Err() != nil:
		return nil, true
	default:
		return l.failed(asError(err))
	}
}

// openStream returns whether the server has opened it. Why not comes by Recv.
func (l *loop[M, S, E]) openStream(ctx context.Context) (grpc.ServerStreamingClient[M], bool, error) {
	if transport := l.connection.transport; transport.GetState() == connectivity.TransientFailure {
		transport.ResetConnectBackoff()
		wait, cancel := context.WithTimeout(ctx, connectWait)
		transport.WaitForStateChange(wait, connectivity.TransientFailure)
		cancel()
	}
	begin := l.begin
	if l.ownToken {
		begin = &fermatav1.StreamStart{Start: &fermatav1.StreamStart_ResumeToken{ResumeToken: l.last.ResumeToken}}
	}
	stream, err := l.open(ctx, begin)
	if err != nil {
		return nil, false, err
	}
	// The server sends its headers as soon as it takes the call. A call that is refused has none.
	headers, err := stream.Header()
	return stream, headers != nil && err == nil, nil
}

// take passes a message on. It returns what it means for the stream, and whether the watch goes on.
func (l *loop[M, S, E]) take(r received[S, E]) (*Interruption, bool) {
	if r.position.StoreID == "" {
		r.position.StoreID = l.last.StoreID
	}
	if r.snapshot != nil {
		return l.part(r)
	}
	seen := l.last.Sequence
	l.advance(r.position)
	switch {
	case r.event != nil && r.position.Sequence > seen:
		return nil, l.yield(Item[S, E]{Position: r.position, Event: r.event}, nil)
	case r.heartbeat != nil:
		if interval := r.heartbeat.GetInterval().AsDuration(); interval > 0 {
			l.patience = missedHeartbeats * interval
		}
	case r.goingAway != nil:
		cut := &Interruption{Cause: GoingAway}
		// The server spreads its clients itself; chance would only undo that.
		if after := r.goingAway.GetReconnectAfter(); after != nil {
			cut.RetryIn = after.AsDuration()
		} else {
			cut.RetryIn = l.waits.take(0)
		}
		return cut, true
	}
	return nil, true
}

// part adds a part to the snapshot, and passes the snapshot on when it is whole.
func (l *loop[M, S, E]) part(r received[S, E]) (*Interruption, bool) {
	before := uint32(0)
	if l.whole != nil {
		before = l.parts.number(l.whole)
	}
	if l.parts.number(r.snapshot) != before+1 {
		return l.failed(errorf(codes.Unknown, "a part of the snapshot is missing"))
	}
	if l.bytes += l.parts.size(r.snapshot); l.bytes > l.maxSnapshotBytes {
		return l.failedForGood(errorf(codes.ResourceExhausted, "the snapshot is larger than %d bytes", l.maxSnapshotBytes))
	}
	if l.whole == nil {
		l.whole = r.snapshot
	} else {
		l.parts.append(l.whole, r.snapshot)
	}
	if !l.parts.last(r.snapshot) {
		return nil, true
	}
	whole := l.whole
	l.whole, l.bytes = nil, 0
	l.advance(r.position)
	// It may be lower: a database that was restored counts from its back-up.
	l.last.Sequence = r.position.Sequence
	return nil, l.yield(Item[S, E]{Position: r.position, Snapshot: whole}, nil)
}

// advance makes the next stream begin after a message.
func (l *loop[M, S, E]) advance(position Position) {
	sequence := max(position.Sequence, l.last.Sequence)
	if len(position.ResumeToken) == 0 {
		position.ResumeToken = l.last.ResumeToken
	} else {
		l.ownToken = true
	}
	l.last = position
	l.last.Sequence = sequence
}

// failed judges an error of a stream.
func (l *loop[M, S, E]) failed(e *Error) (*Interruption, bool) {
	switch judge(e, l.ownToken) {
	case giveUp:
		return l.failedForGood(e)
	case beginAgain:
		l.begin, l.ownToken, l.last = snapshotStart(), false, Position{}
		return &Interruption{Cause: Missed, Err: e, RetryIn: l.waits.take(e.RetryAfter)}, true
	default:
		return &Interruption{Cause: Failed, Err: e, RetryIn: l.waits.take(e.RetryAfter)}, true
	}
}

func (l *loop[M, S, E]) failedForGood(e *Error) (*Interruption, bool) {
	l.yield(Item[S, E]{}, e)
	return nil, false
}

// silence cancels a stream that says nothing for too long.
type silence struct {
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

func (s *silence) start(after time.Duration) {
	if s.timer == nil {
		s.timer = time.AfterFunc(after, func() { s.cancel(errSilent) })
		return
	}
	s.timer.Reset(after)
}

func (s *silence) stop() { s.timer.Stop() }
