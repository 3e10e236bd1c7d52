package fermata

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"fermata.dev/clients/go/fermatav1"
)

// stage is how far a question has come.
type stage int

const (
	// asked: a handler looks for an answer.
	asked stage = iota
	// replying: there is an answer, which nothing stops any more.
	replying
	// withdrawn: the question does not wait for an answer any more, or another one has taken its place.
	withdrawn
	// over: it is answered, or given up.
	over
)

// question is what a notification asks. Each has a key of its own.
type question struct {
	key          string
	handler      string
	notification *fermatav1.Notification
	// complete is the notification with all its servers, once they are known.
	complete atomic.Pointer[fermatav1.Notification]
	// ctx is that of its handler.
	ctx    context.Context
	cancel context.CancelFunc
	// after is closed when the handler of the question before, of the same notification, has returned; returned when its own has.
	after, returned chan struct{}

	// These belong to questions.mutex.
	stage    stage
	replaced bool
	holds    []*unhandled
}

// questions are the last questions of all notifications.
type questions struct {
	mutex sync.Mutex
	byID  map[string]*question
}

// keyOf is what makes a question another one: the plan that it is about, and a counter-offer that was declined.
func keyOf(n *fermatav1.Notification) string {
	key := fmt.Sprintf("%s-%d", n.GetId(), n.GetPlanRevision())
	if offer := n.GetCounterOffer(); offer.GetState() == fermatav1.CounterOfferState_COUNTER_OFFER_STATE_DECLINED {
		key += fmt.Sprintf("-declined-%d", offer.GetCreateTime().AsTime().UnixNano())
	}
	return key
}

// keepOnly forgets questions that a snapshot does not have.
func (q *questions) keepOnly(notifications []*fermatav1.Notification) {
	there := map[string]bool{}
	for _, n := range notifications {
		there[n.GetId()] = true
	}
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for id, question := range q.byID {
		if !there[id] {
			question.withdraw()
			delete(q.byID, id)
		}
	}
}

// withdraw cancels the handler, if there is no answer yet. The caller holds the mutex.
func (q *question) withdraw() {
	q.replaced = true
	if q.stage == asked {
		q.stage = withdrawn
		q.cancel()
	}
}

// move goes to the next stage, and returns false if the question is withdrawn.
func (q *questions) move(question *question, to stage) bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if question.stage == withdrawn || to == asked && question.replaced {
		return false
	}
	question.stage = to
	return true
}

// notified looks at a notification: it may ask a question, or end one.
func (r *ownerRun) notified(n *fermatav1.Notification, u *unhandled) {
	r.questions.mutex.Lock()
	defer r.questions.mutex.Unlock()
	current := r.questions.byID[n.GetId()]
	if n.GetState() != fermatav1.NotificationState_NOTIFICATION_STATE_PENDING {
		if current != nil {
			current.withdraw()
		}
		if n.GetState() == fermatav1.NotificationState_NOTIFICATION_STATE_CLOSED {
			delete(r.questions.byID, n.GetId())
		}
		return
	}
	key := keyOf(n)
	after := make(chan struct{})
	switch {
	case current == nil:
		close(after)
	case current.key == key:
		// Asked before. If nobody has answered yet, this position waits for the answer, too.
		if current.stage == asked || current.stage == replying {
			u.hold()
			current.holds = append(current.holds, u)
		}
		return
	default:
		current.withdraw()
		after = current.returned
	}
	u.hold()
	q := &question{key: key, handler: handlerName(n.GetKind()), notification: n, after: after, returned: make(chan struct{}), holds: []*unhandled{u}}
	q.ctx, q.cancel = context.WithCancel(r.working)
	r.questions.byID[n.GetId()] = q
	r.start(func() { r.ask(q) })
}

func handlerName(kind fermatav1.NotificationKind) string {
	switch kind {
	case fermatav1.NotificationKind_NOTIFICATION_KIND_DRAIN:
		return "drain"
	case fermatav1.NotificationKind_NOTIFICATION_KIND_SCALE_IN:
		return "scale_in"
	default:
		return "planned"
	}
}

// found is what a handler answered. invalid takes the server's objection to it, and nothing if there is none.
type found struct {
	answer  Answer
	span    trace.SpanContext
	invalid chan error
}

// ask brings a question to its end.
func (r *ownerRun) ask(q *question) {
	defer q.cancel()
	r.telemetry.question(r.working, q.handler)
	answers := make(chan found)
	r.start(func() { r.look(q, answers) })
	var nearDeadline <-chan time.Time
	if deadline := q.notification.GetReplyDeadlineTime(); deadline != nil {
		timer := time.NewTimer(r.timeForHandlers(time.Until(deadline.AsTime())))
		defer timer.Stop()
		nearDeadline = timer.C
	}
	for {
		select {
		case f := <-answers:
			err, handled := r.settle(q, f.answer, f.span, false)
			if asError(err) == nil || asError(err).Code != codes.InvalidArgument || !r.questions.move(q, asked) {
				r.finish(q, handled)
				return
			}
			f.invalid <- err
		case <-nearDeadline:
			_, handled := r.settle(q, r.fallback(q), trace.SpanContext{}, true)
			r.finish(q, handled)
			return
		case <-q.returned:
			// Withdrawn, or the owner stops.
			r.finish(q, r.running.Err() == nil)
			return
		}
	}
}

// timeForHandlers is how long handlers may take before the fallback answers.
func (r *ownerRun) timeForHandlers(left time.Duration) time.Duration {
	margin := r.AnswerMargin
	if margin == 0 {
		margin = defaultAnswerMargin
	}
	return left - min(margin, max(left, 0)/4)
}

// settle replies, unless the question is withdrawn. It returns whether the question needs no further answer.
func (r *ownerRun) settle(q *question, answer Answer, span trace.SpanContext, fallback bool) (error, bool) {
	if !r.questions.move(q, replying) {
		return nil, true
	}
	if fallback {
		q.cancel()
	}
	if answer.fill == nil {
		return nil, true
	}
	return r.reply(trace.ContextWithSpanContext(r.working, span), q, answer, fallback)
}

// finish lets go of the positions of a question that has been handled. Others come again with the next run.
func (r *ownerRun) finish(q *question, handled bool) {
	r.questions.mutex.Lock()
	q.stage = over
	holds := q.holds
	q.holds = nil
	r.questions.mutex.Unlock()
	if !handled {
		return
	}
	for _, u := range holds {
		u.release()
	}
}

// look calls the handler until there is an answer that the server takes.
func (r *ownerRun) look(q *question, answers chan<- found) {
	defer close(q.returned)
	select {
	case <-q.after:
	case <-r.running.Done():
		return
	}
	wait := handlerFirstWait
	for attempt := 1; ; attempt++ {
		f := found{invalid: make(chan error, 1)}
		err := r.call(q.ctx, q.handler, func(ctx context.Context) (err error) {
			f.span = trace.SpanContextFromContext(ctx)
			f.answer, err = r.answer(ctx, q)
			return err
		}, attribute.String("notification", q.notification.GetId()), attribute.String("session", q.notification.GetSessionId()))
		if errors.Is(err, errStopped) || q.ctx.Err() != nil {
			return
		}
		if err == nil {
			select {
			case answers <- f:
			case <-q.ctx.Done():
				return
			}
			select {
			case err = <-f.invalid:
			case <-q.ctx.Done():
				return
			}
		}
		r.failed("a handler failed", fmt.Errorf("handler of %s: %w", q.handler, err),
			"handler", q.handler, "notification", q.notification.GetId(), "attempt", attempt, "again_in", wait)
		if !r.pause(q.ctx, wait) {
			return
		}
		wait = min(2*wait, handlerLongestWait)
	}
}

// answer calls the author's handler.
func (r *ownerRun) answer(ctx context.Context, q *question) (Answer, error) {
	n, err := r.withServers(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	handler, missing := r.OnPlanned, Accept()
	switch n.GetKind() {
	case fermatav1.NotificationKind_NOTIFICATION_KIND_DRAIN:
		handler = r.OnDrain
	case fermatav1.NotificationKind_NOTIFICATION_KIND_SCALE_IN:
		handler, missing = r.OnScaleIn, Reject("this owner does not scale in by itself")
	}
	if handler == nil {
		return missing, nil
	}
	return handler(ctx, n)
}

func (r *ownerRun) fallback(q *question) Answer {
	scaleIn := q.notification.GetKind() == fermatav1.NotificationKind_NOTIFICATION_KIND_SCALE_IN
	if scaleIn || r.Fallback == FallbackReject {
		return Reject("the owner has not decided in time")
	}
	return Accept()
}

// withServers completes a notification that came without its servers.
func (r *ownerRun) withServers(ctx context.Context, q *question) (*fermatav1.Notification, error) {
	if n := q.complete.Load(); n != nil {
		return n, nil
	}
	n := q.notification
	if n.GetServersOmitted() {
		n = proto.Clone(n).(*fermatav1.Notification)
		request := &fermatav1.ListNotificationServersRequest{ProjectId: r.ProjectID, NotificationId: n.GetId()}
		for first := true; first || request.PageToken != ""; first = false {
			page, err := r.Connection.Notifications().ListNotificationServers(ctx, request)
			if err != nil {
				return nil, err
			}
			n.Servers = append(n.Servers, page.GetServers()...)
			request.PageToken = page.GetNextPageToken()
		}
		n.ServersOmitted = false
	}
	q.complete.Store(n)
	return n, nil
}
