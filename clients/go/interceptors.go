package fermata

import (
	"context"
	"crypto/rand"
	"io"

	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"fermata.dev/clients/go/fermatav1"
)

// unary gives a call its token, trace context and request_id, and makes its error an [*Error].
func (c *Connection) unary(ctx context.Context, method string, request, response any, cc *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if !harmless[method] {
		request = withRequestID(request)
	}
	for first := true; ; first = false {
		with, token, err := c.outgoing(ctx)
		if err == nil {
			err = invoke(with, method, request, response, cc, options...)
		}
		if err == nil {
			return nil
		}
		e := c.told(err, token)
		// The token may have expired since it was given. A second one that has is not for this call to mend.
		if !e.renewable || !first {
			return e
		}
	}
}

// stream does the same for a stream, which is not opened again: that is for watches.
func (c *Connection) stream(ctx context.Context, description *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, token, err := c.outgoing(ctx)
	if err != nil {
		return nil, newError(err)
	}
	stream, err := open(ctx, description, cc, method, options...)
	if err != nil {
		return nil, c.told(err, token)
	}
	return &typedStream{ClientStream: stream, connection: c, token: token}, nil
}

// typedStream is a stream whose errors are [*Error]s.
type typedStream struct {
	grpc.ClientStream
	connection *Connection
	token      string
}

func (s *typedStream) RecvMsg(message any) error {
	err := s.ClientStream.RecvMsg(message)
	if err == nil || err == io.EOF {
		return err
	}
	return s.connection.told(err, s.token)
}

// told makes an error typed, and tells the source of tokens when a token has expired.
func (c *Connection) told(err error, token string) *Error {
	e := newError(err)
	if e.Reason == fermatav1.ErrorReason_ERROR_REASON_CREDENTIALS_EXPIRED && c.tokens != nil {
		e.renewable = c.tokens.Expired(token)
	}
	return e
}

// outgoing is the context of a call, and the token in it.
func (c *Connection) outgoing(ctx context.Context) (context.Context, string, error) {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	token := ""
	if c.tokens != nil {
		given, err := c.tokens.Token(ctx)
		if err != nil {
			return nil, "", tokenError(ctx, err)
		}
		token = given
		carrier["authorization"] = "Bearer " + token
	}
	for key, value := range carrier {
		ctx = metadata.AppendToOutgoingContext(ctx, key, value)
	}
	return ctx, token, nil
}

func tokenError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	return errorf(codes.Unavailable, "there is no token: %v", err)
}

// harmless are writes that may be repeated without a request_id. They get none: an owner acknowledges every second, and the
// server keeps each request_id for days.
var harmless = map[string]bool{
	fermatav1.NotificationService_AcknowledgePosition_FullMethodName: true,
	fermatav1.NotificationService_PutSubscription_FullMethodName:     true,
}

// withRequestID returns the request with a request_id, if it has that field and the field is empty. The caller's own message
// stays as it is.
func withRequestID(request any) any {
	message, ok := request.(proto.Message)
	if !ok {
		return request
	}
	field := requestIDField(message.ProtoReflect().Descriptor())
	if field == nil || message.ProtoReflect().Get(field).String() != "" {
		return request
	}
	message = proto.Clone(message)
	message.ProtoReflect().Set(field, protoreflect.ValueOfString(rand.Text()))
	return message
}

func requestIDField(message protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	field := message.Fields().ByName("request_id")
	if field == nil || field.Kind() != protoreflect.StringKind || field.IsList() {
		return nil
	}
	return field
}
