package fermata_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

func refused(code codes.Code, reason string, retry time.Duration) error {
	s, err := status.New(code, "refused").WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "fermata.dev"},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(retry)})
	if err != nil {
		panic(err)
	}
	return s.Err()
}

// shown are the items of a watch until there are so many, and the error that ended it.
func shown(ctx context.Context, connection *fermata.Connection, request *fermatav1.WatchHostsRequest, most int, options ...fermata.WatchOption) ([]string, error) {
	options = append([]fermata.WatchOption{fermata.WithWaits(time.Millisecond, 5*time.Millisecond)}, options...)
	var items []string
	for item, err := range fermata.WatchHosts(ctx, connection, request, options...) {
		switch {
		case err != nil:
			return items, err
		case item.Connected:
			continue
		case item.Snapshot != nil:
			items = append(items, fmt.Sprintf("snapshot %d of %d", item.Position.Sequence, len(item.Snapshot.GetHosts())))
		case item.Event != nil:
			items = append(items, fmt.Sprintf("event %d", item.Position.Sequence))
		default:
			items = append(items, string(item.Interrupted.Cause)+" "+fermata.ErrorName(item.Interrupted.Err))
		}
		if len(items) == most {
			return items, nil
		}
	}
	return items, errors.New("the watch ended without an error")
}

func TestWatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script  []part
		request *fermatav1.WatchHostsRequest
		options []fermata.WatchOption
		items   []string
		opened  []string
		ends    string
	}{
		"goes on after the last message when a stream ends or fails": {
			script: []part{
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true, "a"), event(2)}},
				{messages: []*fermatav1.WatchHostsResponse{event(3)}, then: refused(codes.ResourceExhausted, "SLOW_READER", 0)},
				{messages: []*fermatav1.WatchHostsResponse{event(4)}, silent: true},
			},
			items:  []string{"snapshot 1 of 1", "event 2", "closed ", "event 3", "failed SLOW_READER", "event 4"},
			opened: []string{"STREAM_POINT_SNAPSHOT", "t2", "t3"},
		},
		"gives each event once, and counts the token of what it does not know": {
			script: []part{
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(3, 1, true, "a"), event(2), event(3), event(4), event(4), event(6), event(5), unknown(7)}},
				{messages: []*fermatav1.WatchHostsResponse{event(8)}, silent: true},
			},
			items:  []string{"snapshot 3 of 1", "event 4", "event 6", "closed ", "event 8"},
			opened: []string{"STREAM_POINT_SNAPSHOT", "t7"},
		},
		"puts the parts of a snapshot together": {
			script: []part{{messages: []*fermatav1.WatchHostsResponse{snapshotPart(5, 1, false, "a", "b"), snapshotPart(5, 2, false, "c"), snapshotPart(5, 3, true, "d")}, silent: true}},
			items:  []string{"snapshot 5 of 4"},
			opened: []string{"STREAM_POINT_SNAPSHOT"},
		},
		"drops the parts of a snapshot that was cut": {
			script: []part{
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(5, 1, false, "a"), snapshotPart(5, 2, false, "b")}, then: status.Error(codes.Unavailable, "")},
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(6, 1, false, "a"), snapshotPart(6, 2, true, "b")}, silent: true},
			},
			items:  []string{"failed UNAVAILABLE", "snapshot 6 of 2"},
			opened: []string{"STREAM_POINT_SNAPSHOT", "STREAM_POINT_SNAPSHOT"},
		},
		"opens the stream again when parts are out of order": {
			script: []part{
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(5, 1, false, "a"), snapshotPart(5, 3, true, "c")}, silent: true},
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(5, 1, true, "a")}, silent: true},
			},
			items:  []string{"failed UNKNOWN", "snapshot 5 of 1"},
			opened: []string{"STREAM_POINT_SNAPSHOT", "STREAM_POINT_SNAPSHOT"},
		},
		"ends with a snapshot that is too large": {
			script:  []part{{messages: []*fermatav1.WatchHostsResponse{snapshotPart(5, 1, false, "a"), snapshotPart(5, 2, true, "b")}, silent: true}},
			options: []fermata.WatchOption{fermata.WithMaxSnapshotBytes(10)},
			opened:  []string{"STREAM_POINT_SNAPSHOT"},
			ends:    "RESOURCE_EXHAUSTED",
		},
		"waits as long as a server that goes away says": {
			script: []part{
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true), goingAway(2, 30*time.Millisecond)}, silent: true},
				{messages: []*fermatav1.WatchHostsResponse{event(3)}, silent: true},
			},
			items:  []string{"snapshot 1 of 0", "going_away ", "event 3"},
			opened: []string{"STREAM_POINT_SNAPSHOT", "t2"},
		},
		"begins again when its place is gone, also with lower numbers": {
			script: []part{
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(9, 1, true)}},
				{then: refused(codes.OutOfRange, "RESUME_TOKEN_EXPIRED", 0)},
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(4, 1, true), event(5)}},
				{then: refused(codes.InvalidArgument, "RESUME_TOKEN_INVALID", 0)},
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true), event(2)}, silent: true},
			},
			items: []string{"snapshot 9 of 0", "closed ", "missed RESUME_TOKEN_EXPIRED", "snapshot 4 of 0", "event 5", "closed ",
				"missed RESUME_TOKEN_INVALID", "snapshot 1 of 0", "event 2"},
			opened: []string{"STREAM_POINT_SNAPSHOT", "t9", "STREAM_POINT_SNAPSHOT", "t5", "STREAM_POINT_SNAPSHOT"},
		},
		"ends with a token of the caller's that is not valid": {
			script:  []part{{then: refused(codes.InvalidArgument, "RESUME_TOKEN_INVALID", 0)}},
			request: &fermatav1.WatchHostsRequest{Start: &fermatav1.StreamStart{Start: &fermatav1.StreamStart_ResumeToken{ResumeToken: []byte("mine")}}},
			opened:  []string{"mine"},
			ends:    "RESUME_TOKEN_INVALID",
		},
		"ends with what trying again cannot mend": {
			script: []part{{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true)}, then: refused(codes.PermissionDenied, "ROLE_REQUIRED", 0)}},
			items:  []string{"snapshot 1 of 0"},
			opened: []string{"STREAM_POINT_SNAPSHOT"},
			ends:   "ROLE_REQUIRED",
		},
		"ends with a quota": {
			script: []part{{then: refused(codes.ResourceExhausted, "QUOTA_EXCEEDED", 0)}},
			opened: []string{"STREAM_POINT_SNAPSHOT"},
			ends:   "QUOTA_EXCEEDED",
		},
		"does not wait for a server that says nothing": {
			script: []part{
				{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true), heartbeat(1, 500*time.Millisecond)}, silent: true},
				{messages: []*fermatav1.WatchHostsResponse{event(2)}, silent: true},
			},
			items:  []string{"snapshot 1 of 0", "silent ", "event 2"},
			opened: []string{"STREAM_POINT_SNAPSHOT", "t1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := startScripted(t, test.script...)
			most := len(test.items)
			if test.ends != "" {
				most = -1
			}
			items, err := shown(limited(t), server.connect(t), test.request, most, test.options...)
			if !slices.Equal(items, test.items) {
				t.Errorf("items:\n%q, expected\n%q", items, test.items)
			}
			if !slices.Equal(server.opened(), test.opened) {
				t.Errorf("opened %q, expected %q", server.opened(), test.opened)
			}
			if fermata.ErrorName(err) != test.ends {
				t.Errorf("ended with %v, expected %s", err, test.ends)
			}
		})
	}
}

func TestAWatchThatIsLeftEndsItsStream(t *testing.T) {
	t.Parallel()
	server := startScripted(t, part{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true)}, silent: true})
	connection := server.connect(t)
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	var last error
	for _, err := range fermata.WatchHosts(ctx, connection, nil) {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Fatalf("ended with %v", last)
	}
	for range fermata.WatchHosts(limited(t), connection, nil, fermata.WithOpenTimeout(time.Millisecond)) {
		break
	}
	// goleak sees to it that nothing is left.
}

func TestAnOpenThatTakesTooLongIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := startScripted(t, part{silent: true}, part{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true)}, silent: true})
	items, err := shown(limited(t), server.connect(t), nil, 2, fermata.WithOpenTimeout(50*time.Millisecond))
	// A busy machine may need more than one try.
	if err != nil || items[0] != "silent " {
		t.Fatal(items, err)
	}
}

func TestItTellsOnceForEachStreamThatItIsOpen(t *testing.T) {
	t.Parallel()
	server := startScripted(t, part{then: refused(codes.Unavailable, "STARTING", 0)},
		part{messages: []*fermatav1.WatchHostsResponse{snapshotPart(3, 1, true)}},
		// Nothing has happened.
		part{opens: true, silent: true})
	var items []string
	for item, err := range fermata.WatchHosts(limited(t), server.connect(t), nil, fermata.WithWaits(time.Millisecond, time.Millisecond)) {
		switch {
		case err != nil:
			t.Fatal(err)
		case item.Connected:
			items = append(items, fmt.Sprintf("connected after %d", item.Position.Sequence))
		case item.Snapshot != nil:
			items = append(items, "snapshot")
		default:
			items = append(items, string(item.Interrupted.Cause))
		}
		if len(items) == 5 {
			break
		}
	}
	if !slices.Equal(items, []string{"failed", "connected after 0", "snapshot", "closed", "connected after 3"}) {
		t.Error(items)
	}
}

func TestTheTimeThatTheReaderTakesIsNotSilence(t *testing.T) {
	t.Parallel()
	server := startScripted(t, part{messages: []*fermatav1.WatchHostsResponse{snapshotPart(1, 1, true), heartbeat(1, time.Second), event(2), event(3)}, silent: true})
	sequences := []uint64{}
	for item, err := range fermata.WatchHosts(limited(t), server.connect(t), nil) {
		if err != nil || item.Interrupted != nil {
			t.Fatal(item, err)
		}
		if item.Connected {
			continue
		}
		sequences = append(sequences, item.Position.Sequence)
		if item.Position.StoreID != "store" {
			t.Error("no store at", item.Position.Sequence)
		}
		if len(sequences) == 3 {
			break
		}
		if item.Event != nil {
			time.Sleep(4 * time.Second) // This is the reader that takes its time.
		}
	}
}

func TestTheServersWishToWaitIsKept(t *testing.T) {
	t.Parallel()
	server := startScripted(t, part{then: refused(codes.Unavailable, "SHUTTING_DOWN", time.Hour)})
	for item, err := range fermata.WatchHosts(limited(t), server.connect(t), nil) {
		if err != nil || item.Interrupted == nil || item.Interrupted.RetryIn != time.Hour {
			t.Fatal(item, err)
		}
		break
	}
}
