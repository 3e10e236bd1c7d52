// Package fermatatest starts a Fermata server on a simulated cloud, so that the tests of a VNFM or an NFVO are a few lines:
//
//	server := fermatatest.Start(t)
//	owner := &fermata.Owner{Connection: server.Connect(), ProjectID: fermatatest.CoreNetwork, SubscriptionID: "vnfm", OnPlanned: …}
//	go owner.Run(t.Context())
//	report := server.MustMaintain("compute-a1")
//
// The program is the one that the variable FERMATA_BIN names, else fermata on the PATH.
package fermatatest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	fermata "fermata.dev/clients/go"
)

// The projects of the site that comes with Fermata, and of [FastTopology].
const (
	// CoreNetwork has servers on all hosts but the spare one.
	CoreNetwork = "3f6c1c52a0f44d0c9a4be1d0c6f7a101"
	// IMS has servers on some of the same hosts.
	IMS = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202"
)

// patience is how long the server may take to start or to stop.
const patience = 60 * time.Second

// SimulatedFermata is a server with a simulated cloud. Its methods are for one goroutine at a time.
type SimulatedFermata struct {
	settings
	folder      string
	address     string
	process     *process
	connections []*fermata.Connection
	tb          testing.TB
}

type settings struct {
	program   string
	topology  string
	arguments []string
}

// Option is an option of [Start] and [New].
type Option func(*settings)

// WithProgram names the server's program. Without it: that of FERMATA_BIN, else fermata on the PATH.
func WithProgram(path string) Option { return func(s *settings) { s.program = path } }

// WithTopology is the site of the simulated cloud, as the text of a topology file. Without it: the small telco site that comes
// with Fermata.
func WithTopology(toml string) Option { return func(s *settings) { s.topology = toml } }

// WithArguments adds arguments of "fermata serve", for example "--heartbeat-interval", "1s".
func WithArguments(arguments ...string) Option {
	return func(s *settings) { s.arguments = append(s.arguments, arguments...) }
}

// Start starts a server for a test and stops it at the test's end. The test fails if that is not possible.
func Start(tb testing.TB, options ...Option) *SimulatedFermata {
	tb.Helper()
	f, err := New(tb.TempDir(), options...)
	if err != nil {
		tb.Fatal(err)
	}
	f.tb = tb
	tb.Cleanup(f.Close)
	return f
}

// New starts a server whose database and cloud are kept in the folder. Close it at the end. It returns when the server is ready.
func New(folder string, options ...Option) (*SimulatedFermata, error) {
	f := &SimulatedFermata{folder: folder, address: "127.0.0.1:0"}
	for _, option := range options {
		option(&f.settings)
	}
	if f.program == "" {
		f.program = os.Getenv("FERMATA_BIN")
	}
	if f.program == "" {
		f.program = "fermata"
	}
	if f.topology != "" {
		if err := os.WriteFile(filepath.Join(folder, "topology.toml"), []byte(f.topology), 0o600); err != nil {
			return nil, err
		}
	}
	return f, f.Restart()
}

// Address is the server's address, for [fermata.Connect]. It stays the same over restarts.
func (f *SimulatedFermata) Address() string { return "http://" + f.address }

// PID is the server's process; 0 if it does not run.
func (f *SimulatedFermata) PID() int {
	if f.process == nil {
		return 0
	}
	return f.process.command.Process.Pid
}

// Connect makes a connection that is closed with the server.
func (f *SimulatedFermata) Connect(options ...fermata.Option) *fermata.Connection {
	connection, err := fermata.Connect(f.Address(), options...)
	if err != nil {
		f.fatal(err)
	}
	f.connections = append(f.connections, connection)
	return connection
}

// Restart starts the server again on the same port, database and cloud, stopping it first if it runs. It returns when the server
// is ready.
func (f *SimulatedFermata) Restart() error {
	if err := f.Stop(); err != nil {
		return err
	}
	arguments := []string{"serve", "--cloud", "simulated", "--listen", f.address, "--http-listen", "off", "--log-format", "json",
		"--database-url", "sqlite://" + filepath.Join(f.folder, "fermata.db") + "?mode=rwc",
		"--simulated-state", filepath.Join(f.folder, "cloud.json"), "--reconnect-spread", "0s", "--poll-interval", "50ms"}
	if f.topology != "" {
		arguments = append(arguments, "--topology", filepath.Join(f.folder, "topology.toml"))
	}
	p, err := startProcess(f.program, append(arguments, f.arguments...))
	if err != nil {
		return err
	}
	f.process, f.address = p, p.address
	return nil
}

// MustRestart is [SimulatedFermata.Restart] whose failure fails the test.
func (f *SimulatedFermata) MustRestart() {
	if err := f.Restart(); err != nil {
		f.fatal(err)
	}
}

// Stop stops the server in good order. It does nothing if the server does not run.
func (f *SimulatedFermata) Stop() error { return f.end(syscall.SIGTERM) }

// Kill ends the server at once (kill -9). It does nothing if the server does not run.
func (f *SimulatedFermata) Kill() error { return f.end(syscall.SIGKILL) }

func (f *SimulatedFermata) end(signal syscall.Signal) error {
	p := f.process
	if p == nil {
		return nil
	}
	f.process = nil
	return p.end(signal)
}

// Log is what the server has logged since it was last started, one JSON object per line.
func (f *SimulatedFermata) Log() string {
	if f.process == nil {
		return ""
	}
	return f.process.log()
}

// Close closes the connections and stops the server.
func (f *SimulatedFermata) Close() {
	if f.tb != nil && f.tb.Failed() {
		f.tb.Logf("log of the server:\n%s", f.Log())
	}
	for _, connection := range f.connections {
		_ = connection.Close()
	}
	f.connections = nil
	// Nobody needs an end in good order any more.
	_ = f.Kill()
}

func (f *SimulatedFermata) fatal(err error) {
	if f.tb == nil {
		panic(err)
	}
	f.tb.Helper()
	f.tb.Fatal(err)
}

// process is a running server.
type process struct {
	command *exec.Cmd
	address string
	exited  chan struct{}

	mutex sync.Mutex
	lines strings.Builder
}

func startProcess(program string, arguments []string) (*process, error) {
	p := &process{command: exec.Command(program, arguments...), exited: make(chan struct{})}
	output, input := io.Pipe()
	p.command.Stdout, p.command.Stderr = input, input
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the server; FERMATA_BIN names its program: %w", err)
	}
	ready := make(chan struct{})
	go func() {
		_ = p.command.Wait()
		_ = input.Close()
	}()
	go func() {
		defer close(p.exited)
		p.read(output, ready)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-ready:
		return p, nil
	case <-p.exited:
		return nil, fmt.Errorf("the server did not start:\n%s", p.log())
	case <-ctx.Done():
		_ = p.end(syscall.SIGKILL)
		return nil, fmt.Errorf("the server was not ready within %v:\n%s", patience, p.log())
	}
}

// read keeps what the server logs, and closes ready when it says so.
func (p *process) read(output io.Reader, ready chan struct{}) {
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Message string `json:"message"`
			Grpc    string `json:"grpc"`
			Fields  struct {
				Message string `json:"message"`
				Grpc    string `json:"grpc"`
			} `json:"fields"`
		}
		p.mutex.Lock()
		p.lines.Write(append(lines.Bytes(), '\n'))
		p.mutex.Unlock()
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch line.Message + line.Fields.Message {
		case "listening":
			p.address = line.Grpc + line.Fields.Grpc
		case "ready":
			if ready != nil {
				close(ready)
				ready = nil
			}
		}
	}
	_, _ = io.Copy(io.Discard, output)
}

func (p *process) log() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.lines.String()
}

func (p *process) end(signal syscall.Signal) error {
	err := p.command.Process.Signal(signal)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.exited:
		return nil
	case <-timer.C:
		_ = p.command.Process.Kill()
		return fmt.Errorf("the server did not end within %v", patience)
	}
}
