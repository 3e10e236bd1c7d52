package fermata_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// asking is a server that asks an owner what it is told to ask.
type asking struct {
	fermatav1.UnimplementedNotificationServiceServer
	t       *testing.T
	address string
	// events come to the one stream that is open.
	events  chan *fermatav1.OwnerEvent
	replies chan *fermatav1.ReplyRequest
	acks    chan uint64
	servers []*fermatav1.AffectedServer
	// warnings answer the subscription.
	warnings []*fermatav1.Warning

	// cuts end the stream that is open. The next one begins with the snapshot.
	cuts chan error

	mutex    sync.Mutex
	sequence uint64
	store    string
	snapshot []*fermatav1.Notification
	// answers are the errors of the next replies; then they are accepted.
	answers []error
}

func startAsking(t *testing.T) *asking {
	t.Helper()
	a := &asking{t: t, store: "store", cuts: make(chan error, 1), events: make(chan *fermatav1.OwnerEvent, 10_000),
		replies: make(chan *fermatav1.ReplyRequest, 10_000), acks: make(chan uint64, 10_000)}
	a.address = "http://" + serveFake(t, func(server *grpc.Server) {
		fermatav1.RegisterNotificationServiceServer(server, a)
	})
	return a
}

// own runs an owner until the test ends, or until it is stopped. The error of its run comes from the channel.
func (a *asking) own(owner *fermata.Owner) (stop context.CancelFunc, ended <-chan error) {
	a.t.Helper()
	connection, err := fermata.Connect(a.address)
	if err != nil {
		a.t.Fatal(err)
	}
	owner.Connection, owner.ProjectID, owner.SubscriptionID = connection, "core", "vnfm"
	ctx, cancel := context.WithCancel(context.WithoutCancel(a.t.Context()))
	end, over := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(over)
		end <- owner.Run(ctx)
	}()
	a.t.Cleanup(func() {
		cancel()
		<-over
		_ = connection.Close()
	})
	return cancel, end
}

// ask sends a notification in a state.
func (a *asking) ask(id string, revision uint64, state fermatav1.NotificationState, change ...func(*fermatav1.Notification)) {
	n := notification(id, revision, state)
	for _, c := range change {
		c(n)
	}
	a.events <- &fermatav1.OwnerEvent{Event: &fermatav1.OwnerEvent_Notification{Notification: n}}
}

func notification(id string, revision uint64, state fermatav1.NotificationState) *fermatav1.Notification {
	return &fermatav1.Notification{Id: id, ProjectId: "core", SessionId: "session-of-" + id, PlanRevision: revision, State: state,
		Kind: fermatav1.NotificationKind_NOTIFICATION_KIND_PLANNED, ReplyDeadlineTime: timestamppb.New(time.Now().Add(time.Hour)),
		Servers: []*fermatav1.AffectedServer{{ServerId: "server", AllowedActions: []fermatav1.Action{fermatav1.Action_ACTION_MIGRATE}}}}
}

// lose makes the place of the stream unknown: it begins again, with a snapshot of these notifications in a store.
func (a *asking) lose(store string, sequence uint64, notifications ...*fermatav1.Notification) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.store, a.sequence, a.snapshot = store, sequence, notifications
	a.cuts <- refused(codes.OutOfRange, "RESUME_TOKEN_EXPIRED", 0)
}

func (a *asking) tell(session string, change fermatav1.ServerChange) {
	a.events <- &fermatav1.OwnerEvent{Event: &fermatav1.OwnerEvent_Server{Server: &fermatav1.ServerEvent{SessionId: session, Change: change}}}
}

// refuse makes the next replies fail.
func (a *asking) refuse(errors ...error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.answers = errors
}

// acknowledged waits until a position is acknowledged, and fails if one behind it is.
func (a *asking) acknowledged(sequence uint64) {
	a.t.Helper()
	for {
		switch got := eventually(a.t, a.acks, "acknowledgement"); {
		case got == sequence:
			return
		case got > sequence:
			a.t.Fatalf("%d is acknowledged, not %d", got, sequence)
		}
	}
}

func (a *asking) PutSubscription(context.Context, *fermatav1.PutSubscriptionRequest) (*fermatav1.PutSubscriptionResponse, error) {
	return &fermatav1.PutSubscriptionResponse{Warnings: a.warnings}, nil
}

func (a *asking) AcknowledgePosition(_ context.Context, r *fermatav1.AcknowledgePositionRequest) (*fermatav1.AcknowledgePositionResponse, error) {
	a.acks <- r.GetSequence()
	return &fermatav1.AcknowledgePositionResponse{}, nil
}

func (a *asking) Reply(_ context.Context, r *fermatav1.ReplyRequest) (*fermatav1.ReplyResponse, error) {
	a.replies <- proto.Clone(r).(*fermatav1.ReplyRequest)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if len(a.answers) == 0 {
		return &fermatav1.ReplyResponse{}, nil
	}
	err := a.answers[0]
	a.answers = a.answers[1:]
	return &fermatav1.ReplyResponse{}, err
}

func (a *asking) ListNotificationServers(_ context.Context, r *fermatav1.ListNotificationServersRequest) (*fermatav1.ListNotificationServersResponse, error) {
	// One on each page.
	page := len(r.GetPageToken())
	response := &fermatav1.ListNotificationServersResponse{Servers: a.servers[page : page+1]}
	if page+1 < len(a.servers) {
		response.NextPageToken = r.GetPageToken() + "x"
	}
	return response, nil
}

func (a *asking) Subscribe(_ *fermatav1.SubscribeRequest, stream grpc.ServerStreamingServer[fermatav1.SubscribeResponse]) error {
	send := func(m *fermatav1.SubscribeResponse, events uint64) error {
		a.mutex.Lock()
		a.sequence += events
		m.Sequence, m.ResumeToken, m.StoreId = a.sequence, []byte{1}, a.store
		a.mutex.Unlock()
		return stream.Send(m)
	}
	a.mutex.Lock()
	snapshot := &fermatav1.OwnerSnapshot{Part: 1, Last: true, Notifications: a.snapshot}
	a.mutex.Unlock()
	if err := send(&fermatav1.SubscribeResponse{Message: &fermatav1.SubscribeResponse_Snapshot{Snapshot: snapshot}}, 0); err != nil {
		return err
	}
	for {
		select {
		case event := <-a.events:
			if err := send(&fermatav1.SubscribeResponse{Message: &fermatav1.SubscribeResponse_Event{Event: event}}, 1); err != nil {
				return err
			}
		case err := <-a.cuts:
			return err
		case <-stream.Context().Done():
			return nil
		}
	}
}
