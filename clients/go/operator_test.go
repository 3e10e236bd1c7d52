package fermata_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

func TestAnOperatorWorksOnEachHost(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	run(t, server, &fermata.Owner{}).until("snapshot")
	operator := &fermata.Operator{Connection: server.Connect()}
	spec := fermatatest.Spec("compute-1", "compute-2")
	spec.MaxParallelHosts = 1
	plan, conflict, err := operator.Preview(limited(t), spec, nil)
	if err != nil || conflict != nil || len(plan.GetWaves()) != 2 {
		t.Fatal(plan, conflict, err)
	}
	session, err := operator.Create(limited(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	var worked, seen []string
	report, err := operator.Follow(limited(t), session.GetId(), fermata.Handlers{
		OnHostReady: func(ctx context.Context, host *fermatav1.SessionHost) error {
			if host.GetState() != fermatav1.SessionHostState_SESSION_HOST_STATE_IN_MAINTENANCE || host.GetEmptyTime() == nil {
				t.Error("not empty:", host)
			}
			worked = append(worked, host.GetHost())
			if len(worked) == 1 {
				// The stream of the operator breaks, and the work goes on.
				if err := server.Kill(); err != nil {
					t.Error(err)
				}
				return server.Restart()
			}
			return nil
		},
		OnEvent: func(_ context.Context, e *fermatav1.SessionEvent) error {
			if e.GetHost().GetState() == fermatav1.SessionHostState_SESSION_HOST_STATE_MAINTAINED {
				seen = append(seen, e.GetHost().GetHost())
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(worked) != 2 || worked[0] == worked[1] {
		t.Error("worked on", worked)
	}
	if len(report.GetHosts()) != 2 || report.GetSession().GetStatus().GetState() != fermatav1.SessionState_SESSION_STATE_COMPLETED {
		t.Error(report)
	}
	if !slices.Equal(seen, worked) {
		t.Error("seen", seen, "after work on", worked)
	}
}

func TestWorkThatFailsFailsTheHost(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	operator := &fermata.Operator{Connection: server.Connect()}
	session, err := operator.Create(limited(t), fermatatest.Spec("compute-4"))
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("seen enough")
	_, err = operator.Follow(limited(t), session.GetId(), fermata.Handlers{
		OnHostReady: func(context.Context, *fermatav1.SessionHost) error { return errors.New("the flash is worn out") },
		OnEvent: func(_ context.Context, e *fermatav1.SessionEvent) error {
			if e.GetHost().GetState() == fermatav1.SessionHostState_SESSION_HOST_STATE_MAINTENANCE_FAILED {
				return stop
			}
			return nil
		},
	})
	if err != stop {
		t.Fatal(err)
	}
	hosts, err := operator.Connection.Sessions().ListSessionHosts(limited(t), &fermatav1.ListSessionHostsRequest{SessionId: session.GetId()})
	if err != nil || hosts.GetHosts()[0].GetStateReason() != "the flash is worn out" {
		t.Error(hosts, err)
	}
}

func TestFollowEndsWithItsContextAndForUnknownSessions(t *testing.T) {
	t.Parallel()
	server := startFast(t)
	operator := &fermata.Operator{Connection: server.Connect()}
	if _, err := operator.Follow(limited(t), "01a22c3c-e82c-7737-a7bd-a8b644434b01", fermata.Handlers{}); fermata.ReasonOf(err) != fermatav1.ErrorReason_ERROR_REASON_SESSION_NOT_FOUND {
		t.Error(err)
	}
	session, err := operator.Create(limited(t), fermatatest.Spec("compute-3"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(limited(t), 100*time.Millisecond)
	defer cancel()
	if _, err := operator.Follow(ctx, session.GetId(), fermata.Handlers{}); !errors.Is(err, context.DeadlineExceeded) && status.Code(err) != codes.DeadlineExceeded {
		t.Error(err)
	}
}
