package fermata_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/timestamppb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// flooding sends events as fast as they are taken.
type flooding struct {
	fermatav1.UnimplementedHostServiceServer
}

func (flooding) WatchHosts(_ *fermatav1.WatchHostsRequest, stream grpc.ServerStreamingServer[fermatav1.WatchHostsResponse]) error {
	now := timestamppb.Now()
	for sequence := uint64(1); ; sequence++ {
		m := &fermatav1.WatchHostsResponse{Sequence: sequence, ResumeToken: make([]byte, 57), Time: now, Message: &fermatav1.WatchHostsResponse_Event{
			Event: &fermatav1.HostEvent{Host: "compute-1", Reason: "verified empty and held", SessionId: "01a22c3c-e82c-7737-a7bd-a8b644434b01"}}}
		if err := stream.Send(m); err != nil {
			return err
		}
	}
}

// BenchmarkEvents compares the time per event of a watch with that of the bare stub. The server's part is in both.
func BenchmarkEvents(b *testing.B) {
	address := serveFake(b, func(s *grpc.Server) { fermatav1.RegisterHostServiceServer(s, flooding{}) })
	connection, err := fermata.Connect("http://" + address)
	if err != nil {
		b.Fatal(err)
	}
	defer connection.Close()
	b.Run("stub", func(b *testing.B) {
		bare, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			b.Fatal(err)
		}
		defer bare.Close()
		stream, err := fermatav1.NewHostServiceClient(bare).WatchHosts(b.Context(), &fermatav1.WatchHostsRequest{})
		if err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		for range b.N {
			if _, err := stream.Recv(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("watch", func(b *testing.B) {
		seen := 0
		for item, err := range fermata.WatchHosts(b.Context(), connection, &fermatav1.WatchHostsRequest{}) {
			if err != nil || item.Event == nil {
				b.Fatal(item, err)
			}
			if seen++; seen == b.N {
				break
			}
		}
	})
}
