// Benchserver streams events as fast as they are read, for the benchmarks of all SDKs (clients/bench).
//
// usage: benchserver EVENTS        prints its port, and goes on until it is ended
package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/types/known/timestamppb"

	"fermata.dev/clients/go/fermatav1"
)

type server struct {
	fermatav1.UnimplementedHostServiceServer
	events uint64
}

func (s server) WatchHosts(_ *fermatav1.WatchHostsRequest, stream grpc.ServerStreamingServer[fermatav1.WatchHostsResponse]) error {
	now := timestamppb.Now()
	for sequence := uint64(1); sequence <= s.events; sequence++ {
		event := &fermatav1.HostEvent{
			Host: fmt.Sprintf("compute-%d", sequence%100), State: fermatav1.HostState_HOST_STATE_GOING_TO_MAINTENANCE,
			Reason: "scheduling is disabled, the servers leave", SessionId: "01a22c3c-e82c-7737-a7bd-a8b644434b01",
		}
		response := &fermatav1.WatchHostsResponse{
			Sequence: sequence, ResumeToken: make([]byte, 57), Time: now, Message: &fermatav1.WatchHostsResponse_Event{Event: event},
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	events, err := strconv.ParseUint(os.Args[1], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	// As Fermata does: clients may ping as often as they like.
	s := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}))
	fermatav1.RegisterHostServiceServer(s, server{events: events})
	log.Fatal(s.Serve(listener))
}
