package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

// limit is how long anything may take on a busy machine.
const limit = 2 * time.Minute

// TestMain makes this program the example, where a test starts it so.
func TestMain(m *testing.M) {
	if os.Getenv("EXAMPLE") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestItMayBeKilledAtAnyStep runs a session over both members of the pair. The VNFM is killed after it has written a line, a later
// one in each round, and started again. The owner decides on every server, once, and the active member is never touched.
func TestItMayBeKilledAtAnyStep(t *testing.T) {
	const rounds = 9
	for step := range rounds {
		t.Run(fmt.Sprintf("after line %d", step), func(t *testing.T) {
			t.Parallel()
			killedAfter(t, step)
		})
	}
}

func killedAfter(t *testing.T, lines int) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	server := fermatatest.Start(t, fermatatest.WithTopology(fermatatest.FastTopology))
	connection := server.Connect()
	put := &fermatav1.PutSubscriptionRequest{Subscription: &fermatav1.Subscription{ProjectId: fermatatest.CoreNetwork, Id: "example-vnfm"}}
	if _, err := connection.Notifications().PutSubscription(ctx, put); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	state := filepath.Join(t.TempDir(), "state.json")
	go func() {
		defer close(ended)
		run := func(lines int) error { return runExample(ctx, t, server.Address(), state, lines) }
		// Killed once, then until the session has ended.
		if run(lines) == nil {
			_ = run(-1)
		}
	}()
	defer func() {
		cancel()
		<-ended
	}()
	spec := fermatatest.Spec("compute-1", "compute-2")
	spec.MaxParallelHosts = 1
	// One of the two servers is decided for at its host's turn only, so the session waits for the end of this.
	spec.AnnounceReplyPeriod = durationpb.New(4 * time.Second)
	operator := &fermata.Operator{Connection: connection}
	session, err := operator.Create(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	replies := map[string]int{}
	report, err := operator.Follow(ctx, session.GetId(), fermata.Handlers{
		OnHostReady: func(context.Context, *fermatav1.SessionHost) error { return nil },
		OnEvent: func(_ context.Context, e *fermatav1.SessionEvent) error {
			if replied := e.GetOwnerReplied(); replied != nil {
				replies[replied.GetNotificationId()]++
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range report.GetHosts() {
		for _, s := range host.GetServers() {
			if s.GetDecisionSource() != fermatav1.DecisionSource_DECISION_SOURCE_OWNER {
				t.Error("touched without the owner's decision:", s)
			}
		}
	}
	for notification, count := range replies {
		if count != 1 {
			t.Errorf("%d answers to %s", count, notification)
		}
	}
	if len(replies) == 0 {
		t.Error("nobody answered")
	}
}

// runExample runs the example until it has written so many lines, and kills it then. Negative: until the context is done.
func runExample(ctx context.Context, t *testing.T, server, state string, lines int) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, "--server", server, "--project", fermatatest.CoreNetwork, "--pair", "gateway-1,gateway-2", "--state", state)
	command.Env = append(os.Environ(), "EXAMPLE=vnfm")
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		return err
	}
	go func() {
		_ = command.Wait()
		_ = writer.Close()
	}()
	scanner := bufio.NewScanner(reader)
	for written := 0; written != lines && scanner.Scan(); written++ {
		var line struct{ Msg, Refused string }
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Errorf("the example wrote %q", scanner.Text())
		}
		if line.Msg == "switched over late" {
			t.Error("the active member was touched")
		}
		t.Log(scanner.Text())
	}
	_ = command.Process.Kill()
	_, _ = io.Copy(io.Discard, reader)
	return ctx.Err()
}
