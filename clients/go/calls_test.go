package fermata_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// recorded is a server that records calls, and answers them with the errors it is given, then well.
type recorded struct {
	fermatav1.UnimplementedSessionServiceServer
	fermatav1.UnimplementedNotificationServiceServer
	address string

	mutex      sync.Mutex
	errors     []error
	requestIDs []string
	metadata   []metadata.MD
}

func startRecorded(t *testing.T, errors ...error) *recorded {
	t.Helper()
	r := &recorded{errors: errors}
	r.address = "http://" + serveFake(t, func(server *grpc.Server) {
		fermatav1.RegisterSessionServiceServer(server, r)
		fermatav1.RegisterNotificationServiceServer(server, r)
	})
	return r
}

func (r *recorded) connect(t *testing.T, options ...fermata.Option) *fermata.Connection {
	t.Helper()
	connection, err := fermata.Connect(r.address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func (r *recorded) called(ctx context.Context, requestID string) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	m, _ := metadata.FromIncomingContext(ctx)
	r.metadata, r.requestIDs = append(r.metadata, m), append(r.requestIDs, requestID)
	if len(r.errors) == 0 {
		return nil
	}
	err := r.errors[0]
	r.errors = r.errors[1:]
	return err
}

func (r *recorded) CreateSession(ctx context.Context, q *fermatav1.CreateSessionRequest) (*fermatav1.CreateSessionResponse, error) {
	return &fermatav1.CreateSessionResponse{}, r.called(ctx, q.GetRequestId())
}

func (r *recorded) GetSession(ctx context.Context, _ *fermatav1.GetSessionRequest) (*fermatav1.GetSessionResponse, error) {
	return &fermatav1.GetSessionResponse{}, r.called(ctx, "")
}

func (r *recorded) AcknowledgePosition(ctx context.Context, q *fermatav1.AcknowledgePositionRequest) (*fermatav1.AcknowledgePositionResponse, error) {
	return &fermatav1.AcknowledgePositionResponse{}, r.called(ctx, q.GetRequestId())
}

func TestCallsAreRepeatedWhileTheServerIsAway(t *testing.T) {
	away := status.Error(codes.Unavailable, "")
	server := startRecorded(t, away, away)
	request := &fermatav1.CreateSessionRequest{}
	if _, err := server.connect(t).Sessions().CreateSession(limited(t), request); err != nil {
		t.Fatal(err)
	}
	ids := server.requestIDs
	if len(ids) != 3 || ids[0] == "" || ids[0] != ids[1] || ids[0] != ids[2] {
		t.Errorf("request ids %q", ids)
	}
	if request.GetRequestId() != "" {
		t.Error("the caller's request was changed")
	}
}

func TestACallThatWasRefusedIsNotRepeated(t *testing.T) {
	server := startRecorded(t, refused(codes.FailedPrecondition, "HOST_IN_SESSION", time.Second))
	_, err := server.connect(t).Sessions().CreateSession(limited(t), &fermatav1.CreateSessionRequest{RequestId: "mine"})
	var e *fermata.Error
	if !errors.As(err, &e) || e.Reason != fermatav1.ErrorReason_ERROR_REASON_HOST_IN_SESSION || e.RetryAfter != time.Second || e.Message != "refused" {
		t.Errorf("%#v", err)
	}
	if status.Code(err) != codes.FailedPrecondition || fermata.ErrorName(err) != "HOST_IN_SESSION" {
		t.Error(err)
	}
	if !slices.Equal(server.requestIDs, []string{"mine"}) {
		t.Errorf("request ids %q", server.requestIDs)
	}
}

func TestAnAcknowledgementHasNoRequestID(t *testing.T) {
	server := startRecorded(t, status.Error(codes.Unavailable, ""))
	if _, err := server.connect(t).Notifications().AcknowledgePosition(limited(t), &fermatav1.AcknowledgePositionRequest{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(server.requestIDs, []string{"", ""}) {
		t.Errorf("request ids %q", server.requestIDs)
	}
}

func TestCallsSayWhoCallsAndWhatTheyBelongTo(t *testing.T) {
	server := startRecorded(t)
	connection := server.connect(t, fermata.WithCredentials(fermata.StaticToken("s3cret\n")))
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	ctx := trace.ContextWithSpanContext(limited(t), span)
	if _, err := connection.Sessions().GetSession(ctx, &fermatav1.GetSessionRequest{}); err != nil {
		t.Fatal(err)
	}
	m := server.metadata[0]
	if got := m.Get("authorization"); !slices.Equal(got, []string{"Bearer s3cret"}) {
		t.Error("authorization", got)
	}
	if got := m.Get("traceparent"); !slices.Equal(got, []string{"00-01000000000000000000000000000000-0200000000000000-01"}) {
		t.Error("traceparent", got)
	}
	if agent := m.Get("user-agent"); len(agent) != 1 || agent[0][:len("fermata-go/")] != "fermata-go/" {
		t.Error("user agent", agent)
	}
}

func TestATokenFileIsReadForEachCall(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := startRecorded(t, nil, refused(codes.Unauthenticated, "CREDENTIALS_EXPIRED", 0))
	connection := server.connect(t, fermata.WithCredentials(fermata.TokenFile(file)))
	_, err := connection.Sessions().GetSession(limited(t), &fermatav1.GetSessionRequest{})
	if status.Code(err) != codes.Unauthenticated || len(server.metadata) != 0 {
		t.Error("a call without its token gave", err)
	}
	for _, token := range []string{"first", "second"} {
		write(token)
		if _, err := connection.Sessions().GetSession(limited(t), &fermatav1.GetSessionRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	// The second call was made again because its token had expired.
	var tokens []string
	for _, m := range server.metadata {
		tokens = append(tokens, m.Get("authorization")...)
	}
	if !slices.Equal(tokens, []string{"Bearer first", "Bearer second", "Bearer second"}) {
		t.Errorf("%q", tokens)
	}
}

func TestAnAddressIsAURL(t *testing.T) {
	for _, wrong := range []string{"", "127.0.0.1:7400", "fermata", "ftp://fermata:7400", "http://"} {
		if _, err := fermata.Connect(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
	if _, err := fermata.Connect("https://fermata", fermata.WithTLSCA("/nowhere")); err == nil {
		t.Error("a CA that is not there was taken")
	}
	if _, err := fermata.Connect("https://fermata", fermata.WithTLSIdentity("/nowhere", "/nowhere")); err == nil {
		t.Error("a certificate that is not there was taken")
	}
}
