package fermata

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"

	"google.golang.org/grpc/codes"

	"fermata.dev/clients/go/fermatav1"
)

// Operator creates sessions and takes them to their end: what an NFVO, or a script of an operator, needs. For all else there are
// the stubs of the [Connection].
type Operator struct {
	// Connection is to the server. Required.
	Connection *Connection
	// Logger is where the operator logs. nil: [slog.Default].
	Logger *slog.Logger
}

// Create creates a session. It is safe to repeat inside the call, so that there is never a second session.
//
// The error is that of CreateSession, an [*Error].
func (o *Operator) Create(ctx context.Context, spec *fermatav1.SessionSpec) (*fermatav1.Session, error) {
	response, err := o.Connection.Sessions().CreateSession(ctx, &fermatav1.CreateSessionRequest{Spec: spec, RequestId: rand.Text()})
	if err != nil {
		return nil, err
	}
	return response.GetSession(), nil
}

// Preview makes the plan of a session without creating it. Exactly one of the plan and the conflict is not nil: the conflict says
// what stands in the way.
//
// The error is that of PreviewSession, an [*Error]; DATA_LOSS if a part of the plan is missing.
func (o *Operator) Preview(ctx context.Context, spec *fermatav1.SessionSpec, options *fermatav1.PlanOptions) (*fermatav1.Plan, *fermatav1.PlanConflict, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := o.Connection.Sessions().PreviewSession(ctx, &fermatav1.PreviewSessionRequest{Spec: spec, Options: options})
	if err != nil {
		return nil, nil, err
	}
	var plan *fermatav1.Plan
	for number := uint32(1); ; number++ {
		part, err := stream.Recv()
		switch {
		case err == io.EOF, err == nil && part.GetPart() != number:
			return nil, nil, errorf(codes.DataLoss, "a part of the plan is missing")
		case err != nil:
			return nil, nil, err
		case part.GetConflict() != nil:
			return nil, part.GetConflict(), nil
		case plan == nil:
			plan = part.GetPlan()
		default:
			joinPlan(plan, part.GetPlan())
		}
		if part.GetLast() {
			return plan, nil, nil
		}
	}
}

// joinPlan adds a piece to a plan. Its first wave and host may go on with the last ones that are there.
func joinPlan(plan, piece *fermatav1.Plan) {
	plan.Owners = append(plan.Owners, piece.GetOwners()...)
	for _, wave := range piece.GetWaves() {
		last := lastOf(plan.GetWaves())
		if last.GetNumber() != wave.GetNumber() {
			plan.Waves = append(plan.Waves, wave)
			continue
		}
		for _, host := range wave.GetHosts() {
			if l := lastOf(last.GetHosts()); l.GetHost() == host.GetHost() {
				l.Moves = append(l.Moves, host.GetMoves()...)
				l.Stays = append(l.Stays, host.GetStays()...)
			} else {
				last.Hosts = append(last.Hosts, host)
			}
		}
	}
}

func lastOf[T any](list []*T) *T {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// Report is what a session did, with all its hosts and servers, and what owners were asked and replied.
//
// The error is that of GetSessionReport, an [*Error].
func (o *Operator) Report(ctx context.Context, sessionID string) (*fermatav1.SessionReport, error) {
	var report *fermatav1.SessionReport
	request := &fermatav1.GetSessionReportRequest{SessionId: sessionID}
	for {
		page, err := o.Connection.Sessions().GetSessionReport(ctx, request)
		if err != nil {
			return nil, err
		}
		if report == nil {
			report = page.GetReport()
		} else {
			joinReport(report, page.GetReport())
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return report, nil
		}
	}
}

// joinReport adds a page to a report. Its first host may be the last one that is there, with the rest of its servers.
func joinReport(report, page *fermatav1.SessionReport) {
	for _, host := range page.GetHosts() {
		if last := lastOf(report.GetHosts()); last != nil && last.GetHost().GetHost() == host.GetHost().GetHost() {
			last.Servers = append(last.Servers, host.GetServers()...)
		} else {
			report.Hosts = append(report.Hosts, host)
		}
	}
	report.Notifications = append(report.Notifications, page.GetNotifications()...)
}
