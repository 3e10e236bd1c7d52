package fermata_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

func startFast(t *testing.T, arguments ...string) *fermatatest.SimulatedFermata {
	t.Helper()
	return fermatatest.Start(t, fermatatest.WithTopology(fermatatest.FastTopology), fermatatest.WithArguments(arguments...))
}

// running is an owner that runs.
type running struct {
	t      *testing.T
	stop   context.CancelFunc
	ended  chan error
	events chan string
	// earlier are lines that nobody has waited for yet.
	earlier []string
	acks    chan uint64

	mutex   sync.Mutex
	replies []fermata.Reply
}

// run runs an owner of the core network until the test ends. Its events, replies and handlers become lines in `events`.
func run(t *testing.T, server *fermatatest.SimulatedFermata, owner *fermata.Owner) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{t: t, stop: stop, ended: make(chan error, 1), events: make(chan string, 10_000), acks: make(chan uint64, 10_000)}
	owner.Connection, owner.ProjectID, owner.SubscriptionID = server.Connect(), fermatatest.CoreNetwork, "vnfm"
	owner.HeartbeatInterval = time.Second
	owner.OnReply = func(reply fermata.Reply) {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.replies = append(r.replies, reply)
		by := "handler"
		if reply.Fallback {
			by = "fallback"
		}
		r.note("reply %s by %s: %s", reply.Answer, by, fermata.ErrorName(reply.Err))
	}
	owner.OnItem = func(item fermata.OwnerItem) {
		switch {
		case item.Snapshot != nil:
			r.note("snapshot")
		case item.Interrupted != nil:
			r.note("interrupted %s", item.Interrupted.Cause)
		}
	}
	owner.OnAcknowledged = func(sequence uint64) { r.acks <- sequence }
	go func() { r.ended <- owner.Run(ctx) }()
	t.Cleanup(r.end)
	return r
}

func (r *running) note(format string, arguments ...any) {
	r.events <- fmt.Sprintf(format, arguments...)
}

// until waits for a line, also one that came before others that were waited for. Each counts once.
func (r *running) until(line string) {
	r.t.Helper()
	for {
		if i := slices.Index(r.earlier, line); i >= 0 {
			r.earlier = slices.Delete(r.earlier, i, i+1)
			return
		}
		r.earlier = append(r.earlier, eventually(r.t, r.events, line))
	}
}

// end stops the owner, which must end in good order.
func (r *running) end() {
	r.stop()
	select {
	case err := <-r.ended:
		r.ended <- err
		if err != nil {
			r.t.Error("the owner ended with", err)
		}
	case <-time.After(limit):
		r.t.Error("the owner did not end")
	}
}

func TestAnOwnerAnswersAndIsTold(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	var r *running
	r = run(t, server, &fermata.Owner{
		OnPlanned: func(_ context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
			return fermata.AcceptEach(map[string]fermatav1.Action{n.GetServers()[0].GetServerId(): fermatav1.Action_ACTION_KEEP}).WithComment("keep it"), nil
		},
		OnServerEvent: func(_ context.Context, e *fermatav1.ServerEvent) error {
			r.note("%s %s", e.GetName(), e.GetChange())
			return nil
		},
		OnSessionEvent: func(_ context.Context, e *fermatav1.OwnerSessionEvent) error {
			r.note("%s", e.GetChange())
			return nil
		},
		OnComplete: func(_ context.Context, e *fermatav1.OwnerSessionEvent) error {
			r.note("complete %s", e.GetChange())
			return nil
		},
	})
	r.until("snapshot")
	report := server.MustMaintain("compute-1")
	if s := report.GetHosts()[0].GetServers()[0]; s.GetAction() != fermatav1.Action_ACTION_KEEP || s.GetDecisionSource() != fermatav1.DecisionSource_DECISION_SOURCE_OWNER {
		t.Error("the decision did not count:", s)
	}
	r.until("reply accept by handler: ")
	r.until("OWNER_SESSION_CHANGE_STARTED")
	r.until("gateway-1 SERVER_CHANGE_WENT_DOWN")
	r.until("gateway-1 SERVER_CHANGE_IS_BACK")
	r.until("complete OWNER_SESSION_CHANGE_COMPLETED")
	r.end()
	subscription, err := server.Connect().Notifications().GetSubscription(limited(t),
		&fermatav1.GetSubscriptionRequest{ProjectId: fermatatest.CoreNetwork, SubscriptionId: "vnfm"})
	if err != nil || subscription.GetSubscription().GetAcknowledgedSequence() != subscription.GetSubscription().GetLatestSequence() {
		t.Error("not everything is acknowledged:", subscription, err)
	}
}

func TestAnOwnerWithoutHandlersAccepts(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	r := run(t, server, &fermata.Owner{})
	r.until("snapshot")
	report := server.MustMaintain("compute-1", "compute-2")
	for _, host := range report.GetHosts() {
		if s := host.GetServers()[0]; s.GetDecisionSource() != fermatav1.DecisionSource_DECISION_SOURCE_OWNER {
			t.Error("not decided by the owner:", s)
		}
	}
}

func TestAHandlerThatFailsIsCalledAgain(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	attempts := 0
	r := run(t, server, &fermata.Owner{OnPlanned: func(context.Context, *fermatav1.Notification) (fermata.Answer, error) {
		switch attempts++; attempts {
		case 1:
			return fermata.Answer{}, errors.New("not now")
		case 2:
			// No server has this id, so the answer is invalid.
			return fermata.AcceptEach(map[string]fermatav1.Action{"nobody": fermatav1.Action_ACTION_KEEP}), nil
		default:
			return fermata.Accept(), nil
		}
	}})
	r.until("snapshot")
	server.MustMaintain("compute-1")
	r.until("reply accept by handler: SERVER_NOT_IN_NOTIFICATION")
	r.until("reply accept by handler: ")
	if attempts != 3 {
		t.Errorf("%d attempts", attempts)
	}
}

func TestTheFallbackAnswersWhenTheDeadlineIsNear(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]fermata.QuestionHandler{
		"panics": func(context.Context, *fermatav1.Notification) (fermata.Answer, error) { panic("at once") },
		"hangs": func(ctx context.Context, _ *fermatav1.Notification) (fermata.Answer, error) {
			<-ctx.Done()
			return fermata.Answer{}, ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startFast(t)
			r := run(t, server, &fermata.Owner{OnPlanned: handler, Fallback: fermata.FallbackReject})
			r.until("snapshot")
			spec := fermatatest.Spec("compute-1")
			spec.AnnounceReplyPeriod = durationpb.New(8 * time.Second)
			spec.OnObjection = fermatav1.OnObjection_ON_OBJECTION_FAIL_HOST
			spec.OnFailure = fermatav1.OnFailure_ON_FAILURE_CONTINUE
			if _, err := (&fermata.Operator{Connection: server.Connect()}).Create(limited(t), spec); err != nil {
				t.Fatal(err)
			}
			r.until("reply reject by fallback: ")
		})
	}
}

func TestACounterOfferIsAskedAboutAgain(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	asked := make(chan *fermatav1.Notification, 10)
	r := run(t, server, &fermata.Owner{OnPlanned: func(_ context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
		asked <- n
		if n.GetCounterOffer() == nil {
			return fermata.NotBefore(time.Now().Add(2 * time.Second)), nil
		}
		return fermata.Accept(), nil
	}})
	r.until("snapshot")
	server.MustMaintain("compute-1")
	r.until("reply counter_offer by handler: ")
	r.until("reply accept by handler: ")
	first, second := eventually(t, asked, "question"), eventually(t, asked, "question")
	if first.GetPlanRevision() >= second.GetPlanRevision() {
		t.Error("the revision did not rise:", second)
	}
	if len(asked) != 0 {
		t.Error("asked once more:", <-asked)
	}
}

func TestAnOwnerOutlivesItsServer(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	complete := make(chan string, 10)
	r := run(t, server, &fermata.Owner{OnPlanned: keep, OnComplete: func(_ context.Context, e *fermatav1.OwnerSessionEvent) error {
		complete <- e.GetSessionId()
		return nil
	}})
	server.MustRestart()
	r.until("snapshot")
	for _, end := range []func() error{server.Kill, server.Stop, server.Kill} {
		server.MustMaintain("compute-1")
		eventually(t, complete, "end of a session")
		if err := end(); err != nil {
			t.Fatal(err)
		}
		server.MustRestart()
	}
	r.until("interrupted failed")
	r.until("interrupted going_away")
	if len(complete) != 0 {
		t.Error("told twice:", <-complete)
	}
	for _, reply := range r.replies {
		if reply.Err != nil {
			t.Error("a reply was refused:", reply.Err)
		}
	}
}

func TestAnOwnerGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	told := make(chan string, 100)
	owner := func() *fermata.Owner {
		return &fermata.Owner{OnPlanned: keep, OnSessionEvent: func(_ context.Context, e *fermatav1.OwnerSessionEvent) error {
			told <- e.GetSessionId() + " " + e.GetChange().String()
			return nil
		}}
	}
	first := run(t, server, owner())
	first.until("snapshot")
	server.MustMaintain("compute-1")
	for line := ""; !strings.HasSuffix(line, "_COMPLETED"); {
		line = eventually(t, told, "end of the first session")
	}
	first.end()
	// While the owner is away, a session begins that it is asked about.
	session, err := (&fermata.Operator{Connection: server.Connect()}).Create(limited(t), fermatatest.Spec("compute-1"))
	if err != nil {
		t.Fatal(err)
	}
	server.MustRestart()
	second := run(t, server, owner())
	second.until("reply accept by handler: ")
	if line := eventually(t, told, "event"); line != session.GetId()+" OWNER_SESSION_CHANGE_STARTED" {
		t.Error("told again:", line)
	}
	if slices.Contains(second.earlier, "snapshot") {
		t.Error("it began with a snapshot")
	}
}

// keep answers that all servers stay where they are.
func keep(context.Context, *fermatav1.Notification) (fermata.Answer, error) {
	return fermata.AcceptAll(fermatav1.Action_ACTION_KEEP), nil
}

func TestAnErrorThatNothingMendsEndsTheOwner(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	owner := &fermata.Owner{Connection: server.Connect(), ProjectID: fermatatest.CoreNetwork, SubscriptionID: "no such name!"}
	if err := owner.Run(limited(t)); fermata.ReasonOf(err) != fermatav1.ErrorReason_ERROR_REASON_INVALID_FIELD {
		t.Error("ended with", err)
	}
	if err := (&fermata.Owner{}).Run(limited(t)); err == nil {
		t.Error("ran without a connection")
	}
}
