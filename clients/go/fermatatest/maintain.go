package fermatatest

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// Spec is a session over hosts for [SimulatedFermata.Maintain] to change: it starts at once, owners have 30 s to answer each
// question, and all hosts may be out of service at once.
func Spec(hosts ...string) *fermatav1.SessionSpec {
	return &fermatav1.SessionSpec{
		Hosts:               &fermatav1.HostSelection{Names: hosts},
		Window:              &fermatav1.MaintenanceWindow{EndTime: timestamppb.New(time.Now().Add(24 * time.Hour))},
		Reason:              "a test",
		AnnounceReplyPeriod: durationpb.New(30 * time.Second),
		DrainReplyPeriod:    durationpb.New(30 * time.Second),
		MaxParallelHosts:    uint32(max(len(hosts), 1)),
		MaxParallelActions:  16,
	}
}

// Maintain creates a session, completes its hosts as soon as they are empty, and returns the report when the session has ended.
// To play an owner that is away, let none run; to bring a deadline near, set the reply periods of the spec.
func (f *SimulatedFermata) Maintain(ctx context.Context, spec *fermatav1.SessionSpec) (*fermatav1.SessionReport, error) {
	connection, err := fermata.Connect(f.Address())
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	operator := &fermata.Operator{Connection: connection}
	session, err := operator.Create(ctx, spec)
	if err != nil {
		return nil, err
	}
	return operator.Follow(ctx, session.GetId(), fermata.Handlers{
		OnHostReady: func(context.Context, *fermatav1.SessionHost) error { return nil },
	})
}

// MustMaintain is Maintain with the [Spec] of the hosts. The test fails if that fails, or takes longer than [Longest].
func (f *SimulatedFermata) MustMaintain(hosts ...string) *fermatav1.SessionReport {
	f.tb.Helper()
	spec := Spec(hosts...)
	ctx, cancel := context.WithTimeout(f.tb.Context(), Longest(spec))
	defer cancel()
	report, err := f.Maintain(ctx, spec)
	if err != nil {
		f.fatal(err)
	}
	return report
}

// Longest is how long the session of a spec may take, also if no owner answers: all the time that owners have for the announcement and
// for each host, and a minute for each host and for the rest.
func Longest(spec *fermatav1.SessionSpec) time.Duration {
	hosts := time.Duration(len(spec.GetHosts().GetNames()))
	return spec.GetAnnounceReplyPeriod().AsDuration() + hosts*(spec.GetDrainReplyPeriod().AsDuration()+time.Minute) + time.Minute
}
