package fermata

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"fermata.dev/clients/go/fermatav1"
)

// watchCall is what the three streams have in common: a start, and messages M of the same four kinds.
type watchCall[M, S, E any] struct {
	start     *fermatav1.StreamStart
	heartbeat *durationpb.Duration
	open      func(context.Context, *fermatav1.StreamStart) (grpc.ServerStreamingClient[M], error)
	read      func(*M) received[S, E]
	parts     parts[S]
}

// received is a message of a stream, and where it stands. At most one of the pointers is set; none for a kind that this version
// does not know.
type received[S, E any] struct {
	position  Position
	snapshot  *S
	event     *E
	heartbeat *fermatav1.Heartbeat
	goingAway *fermatav1.GoingAway
}

// parts is how the parts of a snapshot S become a whole one.
type parts[S any] struct {
	number func(*S) uint32
	last   func(*S) bool
	size   func(*S) int
	append func(whole, next *S)
}

// message is what the messages of all three streams have.
type message interface {
	GetResumeToken() []byte
	GetSequence() uint64
	GetTime() *timestamppb.Timestamp
	GetHeartbeat() *fermatav1.Heartbeat
	GetGoingAway() *fermatav1.GoingAway
	GetStoreId() string
}

func common[S, E any](m message) received[S, E] {
	return received[S, E]{
		position:  Position{StoreID: m.GetStoreId(), Sequence: m.GetSequence(), Time: m.GetTime().AsTime(), ResumeToken: m.GetResumeToken()},
		heartbeat: m.GetHeartbeat(),
		goingAway: m.GetGoingAway(),
	}
}

func readOwner(m *fermatav1.SubscribeResponse) received[fermatav1.OwnerSnapshot, fermatav1.OwnerEvent] {
	r := common[fermatav1.OwnerSnapshot, fermatav1.OwnerEvent](m)
	r.snapshot, r.event = m.GetSnapshot(), m.GetEvent()
	return r
}

func readSession(m *fermatav1.WatchSessionResponse) received[fermatav1.SessionSnapshot, fermatav1.SessionEvent] {
	r := common[fermatav1.SessionSnapshot, fermatav1.SessionEvent](m)
	r.snapshot, r.event = m.GetSnapshot(), m.GetEvent()
	return r
}

func readHosts(m *fermatav1.WatchHostsResponse) received[fermatav1.HostsSnapshot, fermatav1.HostEvent] {
	r := common[fermatav1.HostsSnapshot, fermatav1.HostEvent](m)
	r.snapshot, r.event = m.GetSnapshot(), m.GetEvent()
	return r
}

var ownerParts = parts[fermatav1.OwnerSnapshot]{
	number: (*fermatav1.OwnerSnapshot).GetPart,
	last:   (*fermatav1.OwnerSnapshot).GetLast,
	size:   func(s *fermatav1.OwnerSnapshot) int { return proto.Size(s) },
	append: func(whole, next *fermatav1.OwnerSnapshot) {
		whole.Part, whole.Last = next.Part, next.Last
		whole.Servers = append(whole.Servers, next.Servers...)
		whole.Notifications = append(whole.Notifications, next.Notifications...)
	},
}

var sessionParts = parts[fermatav1.SessionSnapshot]{
	number: (*fermatav1.SessionSnapshot).GetPart,
	last:   (*fermatav1.SessionSnapshot).GetLast,
	size:   func(s *fermatav1.SessionSnapshot) int { return proto.Size(s) },
	append: func(whole, next *fermatav1.SessionSnapshot) {
		whole.Part, whole.Last = next.Part, next.Last
		whole.Hosts = append(whole.Hosts, next.Hosts...)
	},
}

var hostsParts = parts[fermatav1.HostsSnapshot]{
	number: (*fermatav1.HostsSnapshot).GetPart,
	last:   (*fermatav1.HostsSnapshot).GetLast,
	size:   func(s *fermatav1.HostsSnapshot) int { return proto.Size(s) },
	append: func(whole, next *fermatav1.HostsSnapshot) {
		whole.Part, whole.Last = next.Part, next.Last
		whole.Hosts = append(whole.Hosts, next.Hosts...)
	},
}
