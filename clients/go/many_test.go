package fermata_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

// TestManyOwners runs FERMATA_OWNERS owners in this process, on one connection, all of one project, and says what they take; one of them answers. It is
// left out without that variable: it says something on a quiet machine only.
func TestManyOwners(t *testing.T) {
	owners, _ := strconv.Atoi(os.Getenv("FERMATA_OWNERS"))
	if owners == 0 {
		t.Skip("FERMATA_OWNERS is not set")
	}
	server := startFast(t, "--max-subscriptions", strconv.Itoa(owners))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	connection := server.Connect()
	var work sync.WaitGroup
	var snapshots, completes atomic.Int64
	work.Add(owners)
	began := time.Now()
	for i := range owners {
		answer := fermata.NoAnswer()
		if i == 0 {
			answer = fermata.Accept()
		}
		owner := &fermata.Owner{Connection: connection, ProjectID: fermatatest.CoreNetwork, SubscriptionID: fmt.Sprintf("vnfm-%d", i),
			OnItem: func(item fermata.OwnerItem) {
				if item.Snapshot != nil {
					snapshots.Add(1)
				}
			},
			OnPlanned: func(context.Context, *fermatav1.Notification) (fermata.Answer, error) { return answer, nil },
			OnDrain:   func(context.Context, *fermatav1.Notification) (fermata.Answer, error) { return answer, nil },
			OnComplete: func(context.Context, *fermatav1.OwnerSessionEvent) error {
				completes.Add(1)
				return nil
			}}
		go func() {
			defer work.Done()
			if err := owner.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
	}
	until := func(what string, count *atomic.Int64) {
		for count.Load() < int64(owners) {
			if time.Sleep(10 * time.Millisecond); time.Since(began) > 5*time.Minute {
				t.Fatalf("%d of %d %s", count.Load(), owners, what)
			}
		}
		t.Logf("%d %s after %v", owners, what, time.Since(began).Round(time.Millisecond))
	}
	until("are there", &snapshots)
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	t.Logf("%d KiB per owner, %d goroutines per owner", memory.Sys/1024/uint64(owners), runtime.NumGoroutine()/owners)
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	if _, err := server.Maintain(ctx, fermatatest.Spec("compute-1")); err != nil {
		t.Fatal(err)
	}
	until("have seen the end", &completes)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	t.Logf("%v of CPU per owner for a session", time.Duration((after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano())/int64(owners)))
	cancel()
	work.Wait()
}
