package fermata_test

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"testing"
	"time"
)

// startProgram starts a program that ends with the test, and returns what it says, line by line.
func startProgram(t *testing.T, command *exec.Cmd) <-chan string {
	t.Helper()
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 10_000)
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		_ = writer.Close()
	}()
	go func() {
		defer close(ended)
		defer close(said)
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended
	})
	return said
}

// waitABit is between two looks at a condition.
func waitABit(ctx context.Context) error {
	timer := time.NewTimer(20 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
