// Bench measures what the watch costs beside the bare stub: processor time per event, in turns against one server (clients/bench).
//
// usage: bench ADDRESS EVENTS ROUNDS
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"strconv"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

func main() {
	address := os.Args[1]
	events, err := strconv.ParseUint(os.Args[2], 10, 64)
	check(err)
	rounds, err := strconv.Atoi(os.Args[3])
	check(err)
	channel, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	connection, err := fermata.Connect("http://" + address)
	check(err)
	bare, watch := math.Inf(1), math.Inf(1)
	for range rounds {
		bare = min(bare, measured(events, func() uint64 { return readBare(channel) }))
		watch = min(watch, measured(events, func() uint64 { return readWatch(connection, events) }))
	}
	fmt.Printf(`{"bare": %.3f, "watch": %.3f}`+"\n", bare, watch)
}

func readBare(channel *grpc.ClientConn) (last uint64) {
	stream, err := fermatav1.NewHostServiceClient(channel).WatchHosts(context.Background(), &fermatav1.WatchHostsRequest{})
	check(err)
	for {
		response, err := stream.Recv()
		if err == io.EOF {
			return last
		}
		check(err)
		last = response.GetSequence()
	}
}

func readWatch(connection *fermata.Connection, events uint64) uint64 {
	for item, err := range fermata.WatchHosts(context.Background(), connection, &fermatav1.WatchHostsRequest{}) {
		check(err)
		if item.Position.Sequence == events {
			return events
		}
	}
	return 0
}

// measured gives microseconds of processor time per event.
func measured(events uint64, read func() uint64) float64 {
	before := processorTime()
	if last := read(); last != events {
		log.Fatalf("the last event was %d, not %d", last, events)
	}
	return (processorTime() - before) / float64(events)
}

func processorTime() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1000
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
