package fermata

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"fermata.dev/clients/go/fermatav1"
)

// Owner answers for the servers of a project: the part of a VNFM that speaks with Fermata. Set its fields, then call
// [Owner.Run].
//
// Each question is given to its handler once, also when the connection is cut or the server restarts, and the server gets one
// answer to it, also when the owner is killed and starts again: the reply carries a request_id that follows from the question,
// so the first answer stands.
//
// Handlers of different notifications run beside each other. Those of one notification run in order, as do those of the events
// of one session. The context of a handler is done when its question does not wait for an answer any more, and when the owner has
// stopped and its time is over. A handler that panics has failed.
type Owner struct {
	// Connection is to the server. Required.
	Connection *Connection
	// ProjectID is the project of the cloud whose servers they are. Required.
	ProjectID string
	// SubscriptionID is the name under which the server keeps how far the owner has read: 1 to 128 letters, digits, '-', '_' or
	// '.'. It stays the same over restarts, and no two owners that run at the same time share it. Required.
	SubscriptionID string
	// DisplayName is a name for people.
	DisplayName string

	// OnPlanned answers a session that is planned. nil: [Accept].
	OnPlanned QuestionHandler
	// OnDrain answers when a host is about to be drained. nil: [Accept].
	OnDrain QuestionHandler
	// OnScaleIn answers when Fermata asks for room: it deletes members of a group and returns [OwnActionDone], or [Reject].
	// nil: [Reject].
	OnScaleIn QuestionHandler
	// OnServerEvent is told what happens to servers.
	OnServerEvent func(context.Context, *fermatav1.ServerEvent) error
	// OnSessionEvent is told what happens to sessions. What OnComplete is told, it is told only if that is nil.
	OnSessionEvent func(context.Context, *fermatav1.OwnerSessionEvent) error
	// OnComplete is told that a session has completed or was cancelled: one may scale out again.
	OnComplete func(context.Context, *fermatav1.OwnerSessionEvent) error

	// OnReply is told how each reply ended. Like the other hooks, it must return soon, and may be called by several goroutines
	// at once.
	OnReply func(Reply)
	// OnReplyRefused is told of replies that the server refused for good.
	OnReplyRefused func(Reply)
	// OnWarning is told what may be wrong with the subscription, which was stored all the same: for example, no server in the
	// cloud belongs to the project.
	OnWarning func(*fermatav1.Warning)
	// OnError is told of errors that nobody else is: of handlers, and of acknowledging.
	OnError func(error)
	// OnAcknowledged is told the position that the server has recorded.
	OnAcknowledged func(sequence uint64)
	// OnItem sees everything that comes, before it is handled, also that the stream is open or was interrupted.
	OnItem func(OwnerItem)

	// Fallback answers in place of a handler that has failed, or has not returned, when the deadline is near.
	Fallback Fallback
	// AnswerMargin is how long before the deadline the fallback answers; at most a quarter of the time that there was. 0: 10 s.
	AnswerMargin time.Duration
	// Concurrency is how many handlers may run at once. 0: 64.
	Concurrency int
	// StopPeriod is how long handlers that run may take when the owner stops. 0: 10 s.
	StopPeriod time.Duration
	// HeartbeatInterval is how often the server shows that it is there, in whole seconds. 0: the server's own interval.
	HeartbeatInterval time.Duration
	// Logger is where the owner logs. nil: [slog.Default].
	Logger *slog.Logger
	// MeterProvider and TracerProvider are those of OpenTelemetry. nil: the global ones.
	MeterProvider  metric.MeterProvider
	TracerProvider trace.TracerProvider
}

// QuestionHandler answers a question. The notification has all its servers. If it fails it is called again, after 1 s and then
// twice as long each time up to 30 s, until the fallback answers. An answer that the server finds invalid is a failure, too.
type QuestionHandler func(context.Context, *fermatav1.Notification) (Answer, error)

// Fallback is what answers when a handler does not. SCALE_IN is always rejected.
type Fallback int

const (
	// FallbackAccept answers with [Accept].
	FallbackAccept Fallback = iota
	// FallbackReject answers with [Reject].
	FallbackReject
)

// Reply is how a reply ended.
type Reply struct {
	// Notification is what was answered.
	Notification *fermatav1.Notification
	// Answer is the answer.
	Answer Answer
	// Fallback: the answer is the fallback's, not the handler's.
	Fallback bool
	// Err is nil if the server accepted it, else an [*Error]. REQUEST_ID_REUSED: an earlier answer to the same question stands.
	Err error
}

const (
	defaultConcurrency  = 64
	defaultAnswerMargin = 10 * time.Second
	defaultStopPeriod   = 10 * time.Second
	// maxUnhandled is how many events may wait for their handlers before reading pauses.
	maxUnhandled = 1_000
)

// Run puts the subscription, reads it from the acknowledged position, and goes on until ctx is done, or until an error that
// trying again cannot mend. While the server is away it waits.
//
// When ctx is done no new handler begins; those that run have the [Owner.StopPeriod]; then the position is acknowledged, and Run
// returns nil. Else it returns an [*Error].
func (o *Owner) Run(ctx context.Context) error {
	if o.Connection == nil || o.ProjectID == "" || o.SubscriptionID == "" {
		return errors.New("an owner needs a Connection, a ProjectID and a SubscriptionID")
	}
	r, err := newOwnerRun(ctx, o)
	if err != nil {
		return err
	}
	err = r.putSubscription()
	if err == nil {
		r.start(r.acknowledgeOnAndOn)
		err = r.read()
	}
	r.stop()
	if ctx.Err() != nil {
		return nil
	}
	return err
}
