package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

// TestMain makes this program the conformance program, where a test starts it so.
func TestMain(m *testing.M) {
	if os.Getenv("CONFORMANCE") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const limit = time.Minute

type entry map[string]any

// program is the conformance program, with its journal.
type program struct {
	t       *testing.T
	command *exec.Cmd
	journal string
}

func start(t *testing.T, server *fermatatest.SimulatedFermata, arguments ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, journal: filepath.Join(t.TempDir(), "journal")}
	p.command = exec.Command(self, append([]string{"--server", server.Address(), "--project", fermatatest.CoreNetwork,
		"--subscription", "conformance", "--journal", p.journal, "--heartbeat", "1"}, arguments...)...)
	p.command.Env = append(os.Environ(), "CONFORMANCE=1")
	p.command.Stderr = os.Stderr
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	return p
}

func (p *program) entries() []entry {
	file, err := os.Open(p.journal)
	if err != nil {
		return nil
	}
	defer file.Close()
	var entries []entry
	for lines := bufio.NewScanner(file); lines.Scan(); {
		e := entry{}
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			entries = append(entries, e)
		}
	}
	return entries
}

// until waits for an entry whose fields are these.
func (p *program) until(wanted entry) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), limit)
	defer cancel()
	for !slices.ContainsFunc(p.entries(), wanted.in) {
		if wait(ctx, 20*time.Millisecond) != nil {
			p.t.Fatalf("no %v in %v", wanted, p.entries())
		}
	}
}

func (e entry) in(other entry) bool {
	for key, value := range e {
		if fmt.Sprint(other[key]) != fmt.Sprint(value) {
			return false
		}
	}
	return other["at"].(float64) > 0
}

// end ends the program with SIGTERM.
func (p *program) end() {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		p.t.Error(err)
	}
	if entries := p.entries(); !(entry{"kind": "ended", "reason": "stopped"}).in(entries[len(entries)-1]) {
		p.t.Error("the last entry is", entries[len(entries)-1])
	}
}

func serve(t *testing.T) *fermatatest.SimulatedFermata {
	t.Helper()
	return fermatatest.Start(t, fermatatest.WithTopology(fermatatest.FastTopology))
}

func TestTheJournalOfAWatch(t *testing.T) {
	t.Parallel()
	server := serve(t)
	p := start(t, server, "--layer", "watch")
	p.until(entry{"kind": "snapshot", "sequence": 0, "servers": "[]", "notifications": "[]"})
	spec := fermatatest.Spec("compute-1")
	spec.AnnounceReplyPeriod, spec.DrainReplyPeriod = durationpb.New(time.Second), durationpb.New(time.Second)
	if _, err := server.Maintain(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	p.until(entry{"kind": "event", "what": "notification", "change": "PENDING", "plan_revision": 1, "sequence": 1})
	p.until(entry{"kind": "event", "what": "server", "change": "ACTION_DONE"})
	p.until(entry{"kind": "event", "what": "session", "change": "COMPLETED"})
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	p.until(entry{"kind": "interrupted", "cause": "failed", "code": "UNAVAILABLE"})
	p.end()
}

func TestTheJournalOfAnOwner(t *testing.T) {
	t.Parallel()
	for behaviour, wanted := range map[string][]entry{
		"accept": {
			{"kind": "handler", "handler": "planned", "plan_revision": 1, "attempt": 1, "phase": "begin"},
			{"kind": "handler", "handler": "planned", "plan_revision": 1, "attempt": 1, "phase": "end"},
			{"kind": "reply", "answer": "accept", "fallback": false, "outcome": "accepted"},
			{"kind": "handler", "handler": "server", "phase": "end"},
			{"kind": "handler", "handler": "session", "phase": "end"},
			{"kind": "handler", "handler": "complete", "attempt": 1, "phase": "end"},
			{"kind": "acknowledged"},
		},
		"raise": {
			{"kind": "handler", "handler": "planned", "attempt": 2, "phase": "failed"},
			{"kind": "handler", "handler": "planned", "attempt": 3, "phase": "end"},
			{"kind": "handler", "handler": "complete", "attempt": 3, "phase": "end"},
		},
		"slow": {
			{"kind": "handler", "handler": "planned", "phase": "cancelled"},
			{"kind": "reply", "answer": "accept", "fallback": true, "outcome": "accepted"},
		},
		"counter_offer": {
			{"kind": "reply", "answer": "counter_offer", "outcome": "accepted"},
			{"kind": "reply", "answer": "accept", "outcome": "accepted"},
		},
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			server := serve(t)
			p := start(t, server, "--layer", "owner", "--behaviour", behaviour, "--slow-for", "60", "--answer-margin", "5")
			p.until(entry{"kind": "snapshot"})
			spec := fermatatest.Spec("compute-1")
			if behaviour == "slow" {
				spec.AnnounceReplyPeriod = durationpb.New(8 * time.Second)
			}
			if _, err := server.Maintain(t.Context(), spec); err != nil {
				t.Fatal(err)
			}
			for _, e := range wanted {
				p.until(e)
			}
			p.end()
		})
	}
}

func TestWhatRejectsAndWhatIsSilent(t *testing.T) {
	t.Parallel()
	for behaviour, wanted := range map[string]entry{
		"reject":    {"kind": "reply", "answer": "reject", "outcome": "accepted"},
		"no_answer": {"kind": "handler", "handler": "planned", "phase": "end"},
	} {
		server := serve(t)
		p := start(t, server, "--layer", "owner", "--behaviour", behaviour)
		p.until(entry{"kind": "snapshot"})
		spec := fermatatest.Spec("compute-1")
		spec.OnObjection = fermatav1.OnObjection_ON_OBJECTION_FAIL_HOST
		if _, err := server.Connect().Sessions().CreateSession(t.Context(), &fermatav1.CreateSessionRequest{Spec: spec}); err != nil {
			t.Fatal(err)
		}
		p.until(wanted)
		p.end()
		if behaviour == "no_answer" && slices.ContainsFunc(p.entries(), entry{"kind": "reply"}.in) {
			t.Error("a reply was sent")
		}
	}
}
