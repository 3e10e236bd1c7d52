package fermata_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

// TestManyOwners runs FERMATA_OWNERS owners in this process, on one connection, all of one project, and says what they and their
// server take; one of them answers. It is left out without that variable: it says something on a quiet machine only.
func TestManyOwners(t *testing.T) {
	owners, _ := strconv.Atoi(os.Getenv("FERMATA_OWNERS"))
	if owners == 0 {
		t.Skip("FERMATA_OWNERS is not set")
	}
	// Each has a stream, and all come at once.
	most := strconv.Itoa(2*owners + 1_000)
	// What it logs of 10,000 owners would be most of what is printed.
	quiet := slog.New(slog.DiscardHandler)
	server := startFast(t, "--max-subscriptions", most, "--max-streams", most, "--max-streams-per-principal", most,
		"--max-streams-per-connection", most, "--max-call-rate", "0", "--max-calls", most, "--max-calls-per-principal", most)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	connection := server.Connect()
	var work sync.WaitGroup
	var snapshots, completes atomic.Int64
	work.Add(owners)
	// So many start at once: more would only wait for each other, and ask again.
	starting := make(chan struct{}, 100)
	began, here, there := time.Now(), used(t, os.Getpid()), used(t, server.PID())
	for i := range owners {
		answer := fermata.NoAnswer()
		if i == 0 {
			answer = fermata.Accept()
		}
		owner := &fermata.Owner{Connection: connection, ProjectID: fermatatest.CoreNetwork, SubscriptionID: fmt.Sprintf("vnfm-%d", i),
			Logger: quiet,
			OnItem: func(item fermata.OwnerItem) {
				if item.Snapshot != nil && snapshots.Add(1) <= int64(owners) {
					<-starting
				}
			},
			OnPlanned: func(context.Context, *fermatav1.Notification) (fermata.Answer, error) { return answer, nil },
			OnDrain:   func(context.Context, *fermatav1.Notification) (fermata.Answer, error) { return answer, nil },
			OnComplete: func(context.Context, *fermatav1.OwnerSessionEvent) error {
				completes.Add(1)
				return nil
			}}
		starting <- struct{}{}
		go func() {
			defer work.Done()
			if err := owner.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
	}
	until := func(what string, count *atomic.Int64) {
		for count.Load() < int64(owners) {
			if time.Sleep(10 * time.Millisecond); time.Since(began) > 20*time.Minute {
				t.Fatalf("%d of %d %s", count.Load(), owners, what)
			}
		}
		runtime.GC()
		t.Logf("%d %s after %v", owners, what, time.Since(began).Round(time.Millisecond))
		for _, side := range []struct {
			name   string
			pid    int
			before usage
		}{{"owners", os.Getpid(), here}, {"server", server.PID(), there}} {
			now := used(t, side.pid)
			t.Logf("%s: %d MiB of memory, %d KiB per owner; %v of CPU, %v per owner", side.name, now.memory>>20,
				(now.memory-side.before.memory)/1024/int64(owners), now.cpu-side.before.cpu, (now.cpu-side.before.cpu)/time.Duration(owners))
		}
		here, there = used(t, os.Getpid()), used(t, server.PID())
	}
	until("are there", &snapshots)
	t.Logf("%d goroutines per owner", runtime.NumGoroutine()/owners)
	began = time.Now()
	if _, err := server.Maintain(ctx, fermatatest.Spec("compute-1")); err != nil {
		t.Fatal(err)
	}
	until("have seen the end of a session", &completes)
	cancel()
	work.Wait()
}

// usage is what a process takes: bytes that are in memory, and its processor time.
type usage struct {
	memory int64
	cpu    time.Duration
}

// used reads it from /proc.
func used(t *testing.T, pid int) usage {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	// After the name, which may have blanks. Times are in hundredths of a second, memory in pages.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	number := func(at int) int64 {
		value, err := strconv.ParseInt(fields[at], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	return usage{memory: number(21) * int64(os.Getpagesize()), cpu: time.Duration(number(11)+number(12)) * 10 * time.Millisecond}
}
