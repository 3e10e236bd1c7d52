package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

func testJob(t *testing.T, hosts ...string) (context.Context, job) {
	t.Helper()
	server := fermatatest.Start(t, fermatatest.WithTopology(fermatatest.FastTopology))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx, job{server: server.Address(), reason: "a test", hosts: hosts, report: filepath.Join(t.TempDir(), "report.json"),
		window: time.Hour, replyPeriod: time.Second, work: "true"}
}

func TestItMaintainsHostsAndWritesTheReport(t *testing.T) {
	t.Parallel()
	ctx, j := testJob(t, "compute-1", "compute-4")
	var out bytes.Buffer
	if err := run(ctx, j, &out); err != nil {
		t.Fatal(err, out.String())
	}
	for _, line := range []string{"plan: 1 moves", "compute-1 is IN_MAINTENANCE", "the session is COMPLETED"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is not in\n%s", line, out.String())
		}
	}
	text, err := os.ReadFile(j.report)
	if err != nil {
		t.Fatal(err)
	}
	var report fermatav1.SessionReport
	if err := protojson.Unmarshal(text, &report); err != nil || len(report.GetHosts()) != 2 {
		t.Error(err, string(text))
	}
}

func TestItSaysWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	ctx, j := testJob(t, "compute-1")
	// Nothing can be moved within a window that is this short.
	j.window = 2 * time.Second
	j.replyPeriod = time.Minute
	var out bytes.Buffer
	if err := run(ctx, j, &out); !errors.Is(err, errNoPlan) || !strings.Contains(out.String(), "in the way: ") {
		t.Error(err, out.String())
	}
}
