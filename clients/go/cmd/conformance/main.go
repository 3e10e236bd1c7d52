// The conformance program of the Go SDK: it watches or owns as it is told, and writes what happens into a journal. ADR 32
// describes its arguments and the journal; tests/sdks runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// arguments are those of the command line.
type arguments struct {
	server, project, subscription, journal, layer, tokenFile, tlsCA, behaviour string
	heartbeat, slowFor, readDelay, answerMargin                                float64
}

func main() {
	a := arguments{}
	flag.StringVar(&a.server, "server", "", "the server's `URL`")
	flag.StringVar(&a.project, "project", "", "the `ID` of the owner's project")
	flag.StringVar(&a.subscription, "subscription", "", "the `ID` of the subscription")
	flag.StringVar(&a.journal, "journal", "", "the `FILE` to write")
	flag.StringVar(&a.layer, "layer", "owner", "watch or owner")
	flag.StringVar(&a.tokenFile, "token-file", "", "a `FILE` with a bearer token")
	flag.StringVar(&a.tlsCA, "tls-ca", "", "the `FILE` of the server's CA")
	flag.StringVar(&a.behaviour, "behaviour", "accept", "accept, reject, raise, slow, counter_offer or no_answer")
	flag.Float64Var(&a.heartbeat, "heartbeat", 0, "`SECONDS` between heartbeats")
	flag.Float64Var(&a.slowFor, "slow-for", 0, "`SECONDS` that a slow handler takes")
	flag.Float64Var(&a.readDelay, "read-delay", 0, "`SECONDS` to wait after each item of the watch")
	flag.Float64Var(&a.answerMargin, "answer-margin", 0, "`SECONDS` before the deadline at which the fallback answers")
	flag.Parse()
	if err := run(a); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// run returns an error if the program was called wrongly. What the server says is in the journal.
func run(a arguments) error {
	if a.project == "" || a.journal == "" || flag.NArg() > 0 {
		return errors.New("--server, --project and --journal are needed, and nothing but flags")
	}
	journal, err := openJournal(a.journal)
	if err != nil {
		return err
	}
	defer journal.close()
	options := []fermata.Option{}
	if a.tokenFile != "" {
		options = append(options, fermata.WithCredentials(fermata.TokenFile(a.tokenFile)))
	}
	if a.tlsCA != "" {
		options = append(options, fermata.WithTLSCA(a.tlsCA))
	}
	connection, err := fermata.Connect(a.server, options...)
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	switch a.layer {
	case "watch":
		err = watch(ctx, connection, a, journal)
	case "owner":
		var owner *fermata.Owner
		if owner, err = newOwner(connection, a, journal); err != nil {
			return err
		}
		err = owner.Run(ctx)
	default:
		return fmt.Errorf("there is no layer %q", a.layer)
	}
	if ctx.Err() != nil {
		journal.write("ended", fields{"reason": "stopped"})
		return nil
	}
	journal.write("ended", fields{"reason": fermata.ErrorName(err)})
	return err
}

func watch(ctx context.Context, connection *fermata.Connection, a arguments, journal *journal) error {
	request := &fermatav1.SubscribeRequest{ProjectId: a.project, SubscriptionId: a.subscription}
	if a.heartbeat > 0 {
		request.HeartbeatInterval = durationpb.New(seconds(a.heartbeat))
	}
	if a.subscription != "" {
		put := &fermatav1.PutSubscriptionRequest{Subscription: &fermatav1.Subscription{ProjectId: a.project, Id: a.subscription}}
		if _, err := connection.Notifications().PutSubscription(ctx, put); err != nil {
			return err
		}
	}
	for item, err := range fermata.Subscribe(ctx, connection, request) {
		if err != nil {
			return err
		}
		journal.item(item)
		if a.readDelay > 0 {
			wait(ctx, seconds(a.readDelay))
		}
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// wait waits, or until ctx is done.
func wait(ctx context.Context, period time.Duration) error {
	timer := time.NewTimer(period)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
