package fermata_test

import (
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// scripted is a server whose watch of hosts follows a script: one part for each time that it is opened.
type scripted struct {
	fermatav1.UnimplementedHostServiceServer
	address string

	mutex  sync.Mutex
	script []part
	starts []*fermatav1.StreamStart
}

// part is what the server does when it is opened once more.
type part struct {
	// opens: it says so before it has a message, as Fermata does.
	opens    bool
	messages []*fermatav1.WatchHostsResponse
	// then is how the stream ends; nil: with OK.
	then error
	// silent: it does not end.
	silent bool
}

func startScripted(t *testing.T, script ...part) *scripted {
	t.Helper()
	s := &scripted{script: script}
	s.address = "http://" + serveFake(t, func(server *grpc.Server) {
		fermatav1.RegisterHostServiceServer(server, s)
	})
	return s
}

func (s *scripted) connect(t *testing.T, options ...fermata.Option) *fermata.Connection {
	t.Helper()
	connection, err := fermata.Connect(s.address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func (s *scripted) WatchHosts(request *fermatav1.WatchHostsRequest, stream grpc.ServerStreamingServer[fermatav1.WatchHostsResponse]) error {
	s.mutex.Lock()
	s.starts = append(s.starts, request.GetStart())
	next := part{silent: true}
	if len(s.script) > 0 {
		next, s.script = s.script[0], s.script[1:]
	}
	s.mutex.Unlock()
	if next.opens {
		if err := stream.SendHeader(nil); err != nil {
			return err
		}
	}
	for _, message := range next.messages {
		if err := stream.Send(message); err != nil {
			return err
		}
	}
	if next.silent {
		<-stream.Context().Done()
	}
	return next.then
}

// opened is where each stream was asked to begin: the token, or the point.
func (s *scripted) opened() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var opened []string
	for _, start := range s.starts {
		if token := start.GetResumeToken(); token != nil {
			opened = append(opened, string(token))
		} else {
			opened = append(opened, start.GetPoint().String())
		}
	}
	return opened
}

func snapshotPart(sequence uint64, number uint32, last bool, names ...string) *fermatav1.WatchHostsResponse {
	snapshot := &fermatav1.HostsSnapshot{Part: number, Last: last}
	for _, name := range names {
		snapshot.Hosts = append(snapshot.Hosts, &fermatav1.Host{Name: name})
	}
	m := &fermatav1.WatchHostsResponse{Sequence: sequence, StoreId: "store", Message: &fermatav1.WatchHostsResponse_Snapshot{Snapshot: snapshot}}
	if last {
		m.ResumeToken = token(sequence)
	}
	return m
}

func event(sequence uint64) *fermatav1.WatchHostsResponse {
	return &fermatav1.WatchHostsResponse{Sequence: sequence, ResumeToken: token(sequence),
		Message: &fermatav1.WatchHostsResponse_Event{Event: &fermatav1.HostEvent{Host: "compute-1"}}}
}

func heartbeat(sequence uint64, interval time.Duration) *fermatav1.WatchHostsResponse {
	return &fermatav1.WatchHostsResponse{Sequence: sequence, ResumeToken: token(sequence), StoreId: "store",
		Message: &fermatav1.WatchHostsResponse_Heartbeat{Heartbeat: &fermatav1.Heartbeat{Interval: durationpb.New(interval)}}}
}

func goingAway(sequence uint64, after time.Duration) *fermatav1.WatchHostsResponse {
	return &fermatav1.WatchHostsResponse{Sequence: sequence, ResumeToken: token(sequence), StoreId: "store",
		Message: &fermatav1.WatchHostsResponse_GoingAway{GoingAway: &fermatav1.GoingAway{ReconnectAfter: durationpb.New(after)}}}
}

// unknown is a message of a kind that this version does not know.
func unknown(sequence uint64) *fermatav1.WatchHostsResponse {
	return &fermatav1.WatchHostsResponse{Sequence: sequence, ResumeToken: token(sequence)}
}

func token(sequence uint64) []byte { return []byte{'t', byte('0' + sequence)} }
