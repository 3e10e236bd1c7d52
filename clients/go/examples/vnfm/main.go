// An example of a VNFM for a pair of servers, of which one is active and the other stands by.
//
// It moves the traffic to the other member before it lets Fermata touch the active one, decides for each server, asks for another
// time in its busy hours, makes room when it is asked to scale in, and scales out again afterwards. It may be killed at any time.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	fermata "fermata.dev/clients/go"
)

func main() {
	server := flag.String("server", "http://127.0.0.1:7400", "the `URL` of Fermata")
	project := flag.String("project", "", "the `ID` of the project")
	pair := flag.String("pair", "", "the `NAMES` of the two servers, separated by a comma")
	state := flag.String("state", "vnfm.json", "the `FILE` that keeps what the VNFM must know after a restart")
	busy := flag.String("busy", "", "the busy hours of the day in UTC, for example `18:00-22:00`")
	flag.Parse()
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, log, *server, *project, *pair, *state, *busy); err != nil {
		fmt.Fprintln(os.Stderr, "vnfm:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, server, project, pair, state, busy string) error {
	names := strings.Split(pair, ",")
	if len(names) != 2 {
		return fmt.Errorf("--pair names two servers, not %q", pair)
	}
	hours, err := parseHours(busy)
	if err != nil {
		return err
	}
	vnf, err := openVNF(state, [2]string{names[0], names[1]})
	if err != nil {
		return err
	}
	connection, err := fermata.Connect(server)
	if err != nil {
		return err
	}
	defer connection.Close()
	v := &vnfm{log: log, vnf: vnf, busy: hours}
	owner := &fermata.Owner{
		Connection: connection, ProjectID: project, SubscriptionID: "example-vnfm", DisplayName: "VNFM of an active/standby pair",
		OnPlanned: v.onPlanned, OnDrain: v.onDrain, OnScaleIn: v.onScaleIn, OnServerEvent: v.onServerEvent, OnComplete: v.onComplete,
		OnReply: func(r fermata.Reply) {
			log.Info("replied", "notification", r.Notification.GetId(), "answer", r.Answer.String(), "refused", fermata.ErrorName(r.Err))
		},
		Fallback: fermata.FallbackReject, Logger: log,
	}
	return owner.Run(ctx)
}
