package fermata_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

const (
	pending  = fermatav1.NotificationState_NOTIFICATION_STATE_PENDING
	answered = fermatav1.NotificationState_NOTIFICATION_STATE_ANSWERED
)

// held is a handler that waits for a word, or for its context.
func held(begun chan<- *fermatav1.Notification, ended chan<- error, word <-chan struct{}) fermata.QuestionHandler {
	return func(ctx context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
		begun <- n
		select {
		case <-word:
		case <-ctx.Done():
		}
		ended <- ctx.Err()
		return fermata.Accept(), ctx.Err()
	}
}

func TestAQuestionThatIsAskedTwiceIsHandledOnce(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	begun, ended, word := make(chan *fermatav1.Notification, 9), make(chan error, 9), make(chan struct{})
	a.own(&fermata.Owner{OnPlanned: held(begun, ended, word)})
	a.ask("one", 1, pending)
	eventually(t, begun, "handler")
	a.ask("one", 1, pending)
	a.ask("two", 1, answered)
	a.acknowledged(0)
	close(word)
	reply := eventually(t, a.replies, "reply")
	if reply.GetRequestId() != "owner/one/1/0" || reply.GetAccept().GetDecisions()[0].GetAction() != fermatav1.Action_ACTION_MIGRATE {
		t.Error(reply)
	}
	a.acknowledged(3)
	if len(begun) != 0 || len(a.replies) != 0 {
		t.Error("handled twice")
	}
}

func TestWhatMayBeWrongWithTheSubscriptionIsToldAndLogged(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	a.warnings = []*fermatav1.Warning{{Field: "subscription.project_id", Message: "nobody is there"}}
	told, logged := make(chan *fermatav1.Warning, 9), new(strings.Builder)
	stop, ended := a.own(&fermata.Owner{
		OnWarning: func(warning *fermatav1.Warning) { told <- warning },
		Logger:    slog.New(slog.NewTextHandler(logged, nil)),
	})
	if warning := eventually(t, told, "warning"); warning.GetField() != "subscription.project_id" {
		t.Error(warning)
	}
	stop()
	eventually(t, ended, "end")
	if text := logged.String(); !strings.Contains(text, "nobody is there") || !strings.Contains(text, "level=WARN") {
		t.Error(text)
	}
}

func TestAQuestionThatIsBeingHandledHoldsTheSnapshotThatHasItAgain(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	begun, ended, word := make(chan *fermatav1.Notification, 9), make(chan error, 9), make(chan struct{})
	items := make(chan fermata.OwnerItem, 99)
	a.own(&fermata.Owner{OnPlanned: held(begun, ended, word), OnItem: func(item fermata.OwnerItem) { items <- item }})
	a.ask("one", 1, pending)
	eventually(t, begun, "handler")
	a.lose("store", 20, notification("one", 1, pending))
	a.ask("one", 1, pending)
	a.ask("two", 1, answered)
	a.acknowledged(0)
	for item := eventually(t, items, "item"); item.Position.Sequence != 22; {
		item = eventually(t, items, "item")
	}
	close(word)
	eventually(t, a.replies, "reply")
	a.acknowledged(22)
	if len(begun) != 0 || len(a.replies) != 0 {
		t.Error("handled twice")
	}
}

func TestAnotherStoreIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	a.own(&fermata.Owner{})
	a.ask("one", 1, pending)
	eventually(t, a.replies, "reply")
	a.lose("restored", 0, notification("one", 1, pending))
	if r := eventually(t, a.replies, "second reply"); r.GetRequestId() != "owner/one/1/0" {
		t.Error(r)
	}
}

func TestAnAnswerThatAQuotaRefusesIsAFailureOfTheHandler(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	a.refuse(refused(codes.ResourceExhausted, "QUOTA_EXCEEDED", 0))
	notTaken := make(chan fermata.Reply, 9)
	offered := false
	a.own(&fermata.Owner{
		OnPlanned: func(context.Context, *fermatav1.Notification) (fermata.Answer, error) {
			if offered {
				return fermata.Accept(), nil
			}
			offered = true
			return fermata.NotBefore(time.Unix(7, 0)), nil
		},
		OnReplyRefused: func(r fermata.Reply) { notTaken <- r },
	})
	a.ask("one", 1, pending)
	if r := eventually(t, a.replies, "reply"); r.GetCounterOffer() == nil {
		t.Error(r)
	}
	if r := eventually(t, a.replies, "second reply"); r.GetAccept() == nil {
		t.Error("sent again:", r)
	}
	a.acknowledged(1)
	if len(notTaken) != 0 {
		t.Error("told of a reply that was refused:", <-notTaken)
	}
}

func TestAHigherRevisionTakesThePlaceOfAQuestion(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	begun, ended, word := make(chan *fermatav1.Notification, 9), make(chan error, 9), make(chan struct{})
	a.own(&fermata.Owner{OnPlanned: held(begun, ended, word)})
	a.ask("one", 1, pending)
	eventually(t, begun, "handler")
	a.ask("one", 2, pending)
	if err := eventually(t, ended, "end of the first handler"); !errors.Is(err, context.Canceled) {
		t.Error("the handler was not cancelled:", err)
	}
	if n := eventually(t, begun, "second handler"); n.GetPlanRevision() != 2 {
		t.Error(n)
	}
	close(word)
	if reply := eventually(t, a.replies, "reply"); reply.GetPlanRevision() != 2 {
		t.Error("the first question was answered:", reply)
	}
	a.acknowledged(2)
}

func TestAQuestionThatSomebodyElseAnswersIsDropped(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	begun, ended := make(chan *fermatav1.Notification, 9), make(chan error, 9)
	a.own(&fermata.Owner{OnPlanned: held(begun, ended, nil)})
	a.ask("one", 1, pending)
	eventually(t, begun, "handler")
	a.ask("one", 1, answered)
	if err := eventually(t, ended, "end of the handler"); !errors.Is(err, context.Canceled) {
		t.Error("the handler was not cancelled:", err)
	}
	a.acknowledged(2)
	if len(a.replies) != 0 {
		t.Error("answered all the same")
	}
}

func TestADeclinedOfferIsANewQuestion(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	a.own(&fermata.Owner{})
	made := time.Unix(7, 0)
	a.ask("one", 1, pending)
	ids := []string{eventually(t, a.replies, "reply").GetRequestId()}
	a.ask("one", 1, pending, func(n *fermatav1.Notification) {
		n.CounterOffer = &fermatav1.CounterOfferStatus{State: fermatav1.CounterOfferState_COUNTER_OFFER_STATE_DECLINED, CreateTime: timestamppb.New(made)}
	})
	ids = append(ids, eventually(t, a.replies, "second reply").GetRequestId())
	if !slices.Equal(ids, []string{"owner/one/1/0", "owner/one/1/7000000000"}) {
		t.Error(ids)
	}
}

func TestAReplyIsRepeatedUntilItIsTakenOrRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		errors  []error
		refused string
	}{
		"taken":        {errors: []error{status.Error(codes.Internal, ""), status.Error(codes.Unknown, ""), status.Error(codes.Aborted, ""), refused(codes.Aborted, "CONCURRENT_CHANGE", 0)}},
		"late":         {errors: []error{status.Error(codes.ResourceExhausted, ""), refused(codes.FailedPrecondition, "REPLY_LATE", 0)}, refused: "REPLY_LATE"},
		"stale":        {errors: []error{refused(codes.Aborted, "PLAN_REVISION_STALE", 0)}, refused: "PLAN_REVISION_STALE"},
		"other stands": {errors: []error{refused(codes.AlreadyExists, "REQUEST_ID_REUSED", 0)}, refused: "REQUEST_ID_REUSED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := startAsking(t)
			a.refuse(test.errors...)
			told, notTaken := make(chan fermata.Reply, 9), make(chan fermata.Reply, 9)
			a.own(&fermata.Owner{OnReply: func(r fermata.Reply) { told <- r }, OnReplyRefused: func(r fermata.Reply) { notTaken <- r }})
			a.ask("one", 1, pending)
			if r := eventually(t, told, "end of the reply"); fermata.ErrorName(r.Err) != test.refused {
				t.Error(r.Err)
			}
			wanted := len(test.errors)
			if test.refused == "" {
				wanted++
			}
			if len(a.replies) != wanted {
				t.Errorf("%d replies", len(a.replies))
			}
			if test.refused != "" {
				eventually(t, notTaken, "word of a reply that was refused")
			}
			if len(notTaken) != 0 {
				t.Error("told of a reply that was refused:", <-notTaken)
			}
			for range wanted {
				if r := <-a.replies; r.GetRequestId() != "owner/one/1/0" {
					t.Error(r)
				}
			}
			a.acknowledged(1)
		})
	}
}

func TestHandlersRunBesideEachOtherUpToALimit(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	const most = 3
	var now, peak atomic.Int32
	word := make(chan struct{})
	begun := make(chan struct{}, 100)
	a.own(&fermata.Owner{Concurrency: most, OnPlanned: func(context.Context, *fermatav1.Notification) (fermata.Answer, error) {
		peak.Store(max(peak.Load(), now.Add(1)))
		begun <- struct{}{}
		<-word
		now.Add(-1)
		return fermata.Accept(), nil
	}})
	for i := range 10 {
		a.ask(fmt.Sprint(i), 1, pending)
	}
	for range most {
		eventually(t, begun, "handler")
	}
	close(word)
	a.acknowledged(10)
	if peak.Load() != most {
		t.Errorf("%d at once", peak.Load())
	}
}

func TestEventsOfASessionAreToldInOrder(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	const events = 2_500 // More than may wait at once.
	told := make(chan *fermatav1.ServerEvent, events)
	failed := 0
	a.own(&fermata.Owner{OnServerEvent: func(_ context.Context, e *fermatav1.ServerEvent) error {
		if e.GetSessionId() == "fails" {
			failed++
			return errors.New("never")
		}
		told <- e
		return nil
	}, OnError: func(error) {}})
	for i := range events {
		a.tell(fmt.Sprint(i%3), fermatav1.ServerChange(i))
	}
	last := map[string]fermatav1.ServerChange{}
	for range events {
		e := eventually(t, told, "event")
		if before, any := last[e.GetSessionId()]; any && before+3 != e.GetChange() {
			t.Fatalf("%d after %d", e.GetChange(), before)
		}
		last[e.GetSessionId()] = e.GetChange()
	}
	a.acknowledged(events)
	// An event that is never handled is given up, and does not hold up the others.
	a.tell("fails", 1)
	a.tell("0", 1)
	eventually(t, told, "event behind one that fails")
	a.acknowledged(events + 2)
	if failed != 5 {
		t.Errorf("called %d times", failed)
	}
}

func TestServersThatWereLeftOutAreRead(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	for i := range 3 {
		a.servers = append(a.servers, &fermatav1.AffectedServer{ServerId: fmt.Sprint(i), DefaultAction: fermatav1.Action_ACTION_LIVE_MIGRATE})
	}
	a.own(&fermata.Owner{OnPlanned: func(_ context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
		if len(n.GetServers()) != 3 {
			return fermata.Reject("some are missing"), nil
		}
		return fermata.Accept(), nil
	}})
	a.ask("large", 1, pending, func(n *fermatav1.Notification) { n.Servers, n.ServersOmitted = nil, true })
	if r := eventually(t, a.replies, "reply"); len(r.GetAccept().GetDecisions()) != 3 {
		t.Error(r)
	}
}

func TestAnOwnerThatStopsLetsHandlersEnd(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	begun, ended, word := make(chan *fermatav1.Notification, 9), make(chan error, 9), make(chan struct{})
	stop, over := a.own(&fermata.Owner{OnPlanned: held(begun, ended, word), Concurrency: 1})
	a.ask("one", 1, pending)
	eventually(t, begun, "handler")
	a.ask("two", 1, pending)
	a.ask("two", 1, pending)
	stop()
	close(word)
	if err := eventually(t, over, "end"); err != nil {
		t.Error(err)
	}
	if r := eventually(t, a.replies, "reply"); r.GetNotificationId() != "one" {
		t.Error(r)
	}
	a.acknowledged(1)
	if len(begun) != 0 {
		t.Error("a handler began although the owner stops")
	}
}

func TestAnOwnerThatStopsCancelsHandlersAtLast(t *testing.T) {
	t.Parallel()
	a := startAsking(t)
	begun, ended := make(chan *fermatav1.Notification, 9), make(chan error, 9)
	stop, over := a.own(&fermata.Owner{OnPlanned: held(begun, ended, nil), StopPeriod: time.Millisecond})
	a.ask("one", 1, pending)
	eventually(t, begun, "handler")
	stop()
	if err := eventually(t, over, "end"); err != nil {
		t.Error(err)
	}
	if err := eventually(t, ended, "end of the handler"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for len(a.acks) > 0 {
		if got := <-a.acks; got != 0 {
			t.Error("a question without an answer was acknowledged")
		}
	}
}
