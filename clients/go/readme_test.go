package fermata_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

// TestTheOwnerOfTheReadme runs the program of the README as it stands there, in a module of its own.
func TestTheOwnerOfTheReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	program := regexp.MustCompile("(?s)```go\n(package main.*?)```").FindSubmatch(readme)
	if program == nil {
		t.Fatal("the README has no program")
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.go"), program[1], 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	goTool(t, folder, "mod", "init", "example.com/vnfm")
	goTool(t, folder, "mod", "edit", "-replace", "fermata.dev/clients/go="+here)
	goTool(t, folder, "get", "fermata.dev/clients/go@v"+fermata.Version)
	goTool(t, folder, "build", "-o", "vnfm", ".")

	server := fermatatest.Start(t)
	owner := exec.Command(filepath.Join(folder, "vnfm"))
	owner.Env = append(os.Environ(), "FERMATA_SERVER="+server.Address(), "OS_PROJECT_ID="+fermatatest.CoreNetwork)
	said := startProgram(t, owner)
	waitForSubscription(t, server, "my-vnfm")
	report := server.MustMaintain("compute-a2")
	for _, s := range report.GetHosts()[0].GetServers() {
		if s.GetDecisionSource() != fermatav1.DecisionSource_DECISION_SOURCE_OWNER || s.GetAction() != fermatav1.Action_ACTION_LIVE_MIGRATE {
			t.Error("the owner did not decide:", s)
		}
	}
	// Among what it logs.
	for !strings.Contains(eventually(t, said, "line about the servers"), `"a test" affects 2 servers`) {
	}
}

// goTool runs go, the one that FERMATA_GO names.
func goTool(t *testing.T, folder string, arguments ...string) {
	t.Helper()
	program := os.Getenv("FERMATA_GO")
	if program == "" {
		program = "go"
	}
	command := exec.Command(program, arguments...)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

// waitForSubscription returns when a stream of the subscription is open.
func waitForSubscription(t *testing.T, server *fermatatest.SimulatedFermata, id string) {
	t.Helper()
	ctx := limited(t)
	connection := server.Connect()
	for {
		response, err := connection.Notifications().GetSubscription(ctx,
			&fermatav1.GetSubscriptionRequest{ProjectId: fermatatest.CoreNetwork, SubscriptionId: id})
		if err == nil && response.GetSubscription().GetConnected() {
			return
		}
		if waitABit(ctx) != nil {
			t.Fatal("the owner does not come:", err)
		}
	}
}
