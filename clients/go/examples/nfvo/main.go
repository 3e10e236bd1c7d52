// An example of an NFVO: it previews a maintenance of some hosts, opens the session if there is a plan, follows it, works on each
// host when it is empty, and writes the report.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// errNoPlan: the preview found a conflict, which has been shown.
var errNoPlan = errors.New("there is no plan for this maintenance")

type job struct {
	server, reason, work, report string
	hosts                        []string
	window, replyPeriod          time.Duration
}

func main() {
	j := job{}
	flag.StringVar(&j.server, "server", "http://127.0.0.1:7400", "the `URL` of Fermata")
	flag.StringVar(&j.reason, "reason", "new firmware", "why, for owners")
	flag.StringVar(&j.work, "work", "true", "the `COMMAND` that works on a host, whose name is its argument")
	flag.StringVar(&j.report, "report", "report.json", "the `FILE` for the report")
	flag.DurationVar(&j.window, "window", 4*time.Hour, "how long hosts may be begun, from now")
	flag.DurationVar(&j.replyPeriod, "reply-period", 5*time.Minute, "how long owners may take to reply")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: nfvo [FLAGS] HOST…")
		flag.PrintDefaults()
	}
	flag.Parse()
	j.hosts = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, j, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "nfvo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, j job, out io.Writer) error {
	connection, err := fermata.Connect(j.server)
	if err != nil {
		return err
	}
	defer connection.Close()
	operator := &fermata.Operator{Connection: connection}
	spec := &fermatav1.SessionSpec{
		Hosts:               &fermatav1.HostSelection{Names: j.hosts},
		Window:              &fermatav1.MaintenanceWindow{EndTime: timestamppb.New(time.Now().Add(j.window))},
		Reason:              j.reason,
		AnnounceReplyPeriod: durationpb.New(j.replyPeriod),
		DrainReplyPeriod:    durationpb.New(j.replyPeriod),
	}
	plan, conflict, err := operator.Preview(ctx, spec, nil)
	if err != nil {
		return err
	}
	if conflict != nil {
		for _, constraint := range conflict.GetConstraints() {
			fmt.Fprintln(out, "in the way:", constraint.GetDescription())
		}
		for _, relaxation := range conflict.GetRelaxations() {
			fmt.Fprintln(out, "would help:", relaxation.GetDescription())
		}
		return errNoPlan
	}
	fmt.Fprintf(out, "plan: %d moves in %d waves\n", plan.GetMoveCount(), len(plan.GetWaves()))
	session, err := operator.Create(ctx, spec)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "session", session.GetId())
	report, err := operator.Follow(ctx, session.GetId(), fermata.Handlers{
		OnHostReady: func(ctx context.Context, host *fermatav1.SessionHost) error { return work(ctx, j.work, host.GetHost()) },
		OnEvent: func(_ context.Context, e *fermatav1.SessionEvent) error {
			show(out, e)
			return nil
		},
	})
	if err != nil {
		return err
	}
	text, err := protojson.MarshalOptions{Multiline: true, UseProtoNames: true}.Marshal(report)
	if err != nil {
		return err
	}
	return os.WriteFile(j.report, append(text, '\n'), 0o644)
}

// work runs the command for a host. What it prints is the reason when it fails.
func work(ctx context.Context, command, host string) error {
	output, err := exec.CommandContext(ctx, command, host).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	return nil
}

func show(out io.Writer, e *fermatav1.SessionEvent) {
	switch event := e.GetEvent().(type) {
	case *fermatav1.SessionEvent_Session:
		fmt.Fprintf(out, "the session is %s: %s\n", strings.TrimPrefix(event.Session.GetState().String(), "SESSION_STATE_"), event.Session.GetReason())
	case *fermatav1.SessionEvent_Host:
		fmt.Fprintf(out, "%s is %s: %s\n", event.Host.GetHost(),
			strings.TrimPrefix(event.Host.GetState().String(), "SESSION_HOST_STATE_"), event.Host.GetReason())
	case *fermatav1.SessionEvent_OwnerReplied:
		fmt.Fprintf(out, "the owner %s replied: %s\n", event.OwnerReplied.GetProjectId(),
			strings.TrimPrefix(event.OwnerReplied.GetKind().String(), "REPLY_KIND_"))
	case *fermatav1.SessionEvent_HoldBroken:
		fmt.Fprintf(out, "ALARM: servers are on %s, which is held empty\n", event.HoldBroken.GetHost())
	}
}
