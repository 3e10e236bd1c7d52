package fermata

import (
	"context"
	"fmt"
	"iter"
	"time"

	"google.golang.org/grpc"

	"fermata.dev/clients/go/fermatav1"
)

// Item is what a watch yields. Exactly one of Connected, Snapshot, Event and Interrupted is set.
type Item[Snapshot, Event any] struct {
	// Position is where in the stream it stands; of Connected and Interrupted that of the last message before.
	Position Position
	// Connected says that the server has opened the stream: what is known is current, as soon as what follows has been read. It comes
	// before everything else, and once after each interruption that is over, also where nothing happens then for a long time.
	Connected bool
	// Snapshot is the state as it stands, put together from all its parts. It replaces everything that was known: the watch
	// began, or what happened in between is no longer kept.
	Snapshot *Snapshot
	// Event is what happened. Each event comes once, in order.
	Event *Event
	// Interrupted says that the stream was cut; the watch is mending it.
	Interrupted *Interruption
}

// What the three watches yield.
type (
	// OwnerItem is an item of [Subscribe].
	OwnerItem = Item[fermatav1.OwnerSnapshot, fermatav1.OwnerEvent]
	// SessionItem is an item of [WatchSession].
	SessionItem = Item[fermatav1.SessionSnapshot, fermatav1.SessionEvent]
	// HostsItem is an item of [WatchHosts].
	HostsItem = Item[fermatav1.HostsSnapshot, fermatav1.HostEvent]
)

// Position is where in a stream a message stands.
type Position struct {
	// StoreID is the database that counts Sequence; another one after it was restored from a back-up.
	StoreID string
	// Sequence is the number of the event; of a snapshot that of the last event in it.
	Sequence uint64
	// Time is when it happened.
	Time time.Time
	// ResumeToken, given as the start of a later watch of the same kind and filter, goes on after this message.
	ResumeToken []byte
}

// Interruption is what cut a stream.
type Interruption struct {
	// Cause is the kind of it.
	Cause Cause
	// Err is the error of the stream. nil for [Closed], [Silent] and [GoingAway].
	Err error
	// RetryIn is when it is tried again, from now.
	RetryIn time.Duration
}

// String tells it to people.
func (i *Interruption) String() string {
	if i.Err == nil {
		return fmt.Sprintf("%s; again in %v", i.Cause, i.RetryIn)
	}
	return fmt.Sprintf("%s: %v; again in %v", i.Cause, i.Err, i.RetryIn)
}

// Cause is a kind of interruption.
type Cause string

// The causes of interruptions.
const (
	// Failed: the server or the connection failed.
	Failed Cause = "failed"
	// Closed: the stream ended without an error.
	Closed Cause = "closed"
	// Silent: three heartbeats did not come, or the stream did not open in time.
	Silent Cause = "silent"
	// GoingAway: the server shuts down and asked to come back later.
	GoingAway Cause = "going_away"
	// Missed: what happened since the last message is no longer kept, or the server forgot it. A snapshot follows.
	Missed Cause = "missed"
)

// WatchOption is an option of a watch.
type WatchOption func(*watchSettings)

type watchSettings struct {
	firstWait, longestWait, openTimeout time.Duration
	maxSnapshotBytes                    int
}

var watchDefaults = watchSettings{
	firstWait:        250 * time.Millisecond,
	longestWait:      15 * time.Second,
	openTimeout:      10 * time.Second,
	maxSnapshotBytes: 64 << 20,
}

// WithWaits sets the wait after a first failure and the longest one. Waits double, and half of each is by chance. The server's
// wish for a longer one counts. Without it: 250 ms and 15 s.
func WithWaits(first, longest time.Duration) WatchOption {
	return func(s *watchSettings) { s.firstWait, s.longestWait = first, longest }
}

// WithOpenTimeout sets how long opening a stream may take. Without it: 10 s.
func WithOpenTimeout(timeout time.Duration) WatchOption {
	return func(s *watchSettings) { s.openTimeout = timeout }
}

// WithMaxSnapshotBytes sets how large a snapshot may be, all its parts together. A larger one ends the watch with
// RESOURCE_EXHAUSTED. Without it: 64 MiB.
func WithMaxSnapshotBytes(most int) WatchOption {
	return func(s *watchSettings) { s.maxSnapshotBytes = most }
}

// Subscribe watches what concerns a project, from the start that the request names. It opens the stream again, after the last
// message, when the server goes away, fails or falls silent.
//
// It goes on until the loop over it ends, or until it yields an error, which is its last: that of ctx when ctx is done, else an
// [*Error] that trying again cannot mend, such as a subscription that does not exist. Nothing is left behind then. One loop runs
// over the result; to watch again, call again. No time that the loop's body takes counts as silence of the server, but the server
// cuts a reader that is too slow; the watch resumes then.
func Subscribe(ctx context.Context, c *Connection, request *fermatav1.SubscribeRequest, options ...WatchOption) iter.Seq2[OwnerItem, error] {
	call := watchCall[fermatav1.SubscribeResponse, fermatav1.OwnerSnapshot, fermatav1.OwnerEvent]{
		start: request.GetStart(), heartbeat: request.GetHeartbeatInterval(),
		open: func(ctx context.Context, start *fermatav1.StreamStart) (grpc.ServerStreamingClient[fermatav1.SubscribeResponse], error) {
			return c.Notifications().Subscribe(ctx, &fermatav1.SubscribeRequest{
				ProjectId: request.GetProjectId(), Filter: request.GetFilter(), Start: start,
				HeartbeatInterval: request.GetHeartbeatInterval(), SubscriptionId: request.GetSubscriptionId(),
			})
		},
		read: readOwner, parts: ownerParts,
	}
	return watch(ctx, c, call, options)
}

// WatchSession watches a session, in the way of [Subscribe].
func WatchSession(ctx context.Context, c *Connection, request *fermatav1.WatchSessionRequest, options ...WatchOption) iter.Seq2[SessionItem, error] {
	call := watchCall[fermatav1.WatchSessionResponse, fermatav1.SessionSnapshot, fermatav1.SessionEvent]{
		start: request.GetStart(), heartbeat: request.GetHeartbeatInterval(),
		open: func(ctx context.Context, start *fermatav1.StreamStart) (grpc.ServerStreamingClient[fermatav1.WatchSessionResponse], error) {
			return c.Sessions().WatchSession(ctx, &fermatav1.WatchSessionRequest{
				SessionId: request.GetSessionId(), Start: start, HeartbeatInterval: request.GetHeartbeatInterval(), View: request.GetView(),
			})
		},
		read: readSession, parts: sessionParts,
	}
	return watch(ctx, c, call, options)
}

// WatchHosts watches the states of all hosts, in the way of [Subscribe].
func WatchHosts(ctx context.Context, c *Connection, request *fermatav1.WatchHostsRequest, options ...WatchOption) iter.Seq2[HostsItem, error] {
	call := watchCall[fermatav1.WatchHostsResponse, fermatav1.HostsSnapshot, fermatav1.HostEvent]{
		start: request.GetStart(), heartbeat: request.GetHeartbeatInterval(),
		open: func(ctx context.Context, start *fermatav1.StreamStart) (grpc.ServerStreamingClient[fermatav1.WatchHostsResponse], error) {
			return c.Hosts().WatchHosts(ctx, &fermatav1.WatchHostsRequest{Start: start, HeartbeatInterval: request.GetHeartbeatInterval()})
		},
		read: readHosts, parts: hostsParts,
	}
	return watch(ctx, c, call, options)
}
