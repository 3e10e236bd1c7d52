package fermata

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"fermata.dev/clients/go/fermatav1"
)

const (
	// maxAttempts and the waits in retryPolicy together are about 15 seconds: longer than a server takes to start again.
	maxAttempts      = 8
	firstRetryWait   = 250 * time.Millisecond
	longestRetryWait = 4 * time.Second
)

var retryPolicy = map[string]any{
	"maxAttempts":          maxAttempts,
	"initialBackoff":       fmt.Sprintf("%.3fs", firstRetryWait.Seconds()),
	"maxBackoff":           fmt.Sprintf("%.3fs", longestRetryWait.Seconds()),
	"backoffMultiplier":    2,
	"retryableStatusCodes": []string{"UNAVAILABLE"},
}

// retries is the service configuration of gRPC: which calls are made again.
var retries = retryConfiguration()

func retryConfiguration() string {
	var names []map[string]string
	for method := range repeatableMethods {
		service, name, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
		names = append(names, map[string]string{"service": service, "method": name})
	}
	configuration, err := json.Marshal(map[string]any{
		"methodConfig": []any{map[string]any{"name": names, "retryPolicy": retryPolicy}},
	})
	if err != nil {
		panic(err) // Strings and numbers always become JSON.
	}
	return string(configuration)
}

// repeatableMethods are the full names of the methods that are made again.
var repeatableMethods = findRepeatable()

func findRepeatable() map[string]bool {
	methods := map[string]bool{}
	protoregistry.GlobalFiles.RangeFilesByPackage("fermata.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				if method := service.Methods().Get(j); repeatable(method) {
					methods[fmt.Sprintf("/%s/%s", service.FullName(), method.Name())] = true
				}
			}
		}
		return true
	})
	return methods
}

// tooBusy returns whether the server has done nothing, as it has too much to do. gRPC's own retries cannot tell this from what
// does not pass, for example a quota, and do not read RetryInfo.
func tooBusy(e *Error) bool {
	return e.Reason == fermatav1.ErrorReason_ERROR_REASON_TOO_MANY_CALLS || e.Reason == fermatav1.ErrorReason_ERROR_REASON_CALL_RATE_EXCEEDED
}

// pauseBefore waits before a call is made once more. It returns an error if the call has no time for that: e, or that of a context
// that is done meanwhile.
func pauseBefore(ctx context.Context, wait time.Duration, e *Error) error {
	if deadline, limited := ctx.Deadline(); limited && time.Until(deadline) < wait {
		return e
	}
	if !pause(ctx, wait) {
		return newError(status.FromContextError(ctx.Err()).Err())
	}
	return nil
}

// repeatable returns whether a method may be called again: it reads, or it carries a request_id. Streams that do not end are
// for watches.
func repeatable(method protoreflect.MethodDescriptor) bool {
	name := string(method.Name())
	reads := strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Preview")
	return reads || requestIDField(method.Input()) != nil
}
