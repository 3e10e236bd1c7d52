package fermata

import (
	"encoding/json"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// maxAttempts and the waits in retryPolicy together are about 15 seconds: longer than a server takes to start again.
const maxAttempts = 8

var retryPolicy = map[string]any{
	"maxAttempts":          maxAttempts,
	"initialBackoff":       "0.25s",
	"maxBackoff":           "4s",
	"backoffMultiplier":    2,
	"retryableStatusCodes": []string{"UNAVAILABLE"},
}

// retries is the service configuration of gRPC: which calls are made again.
var retries = retryConfiguration()

func retryConfiguration() string {
	var names []map[string]string
	protoregistry.GlobalFiles.RangeFilesByPackage("fermata.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				if method := service.Methods().Get(j); repeatable(method) {
					names = append(names, map[string]string{"service": string(service.FullName()), "method": string(method.Name())})
				}
			}
		}
		return true
	})
	configuration, err := json.Marshal(map[string]any{
		"methodConfig": []any{map[string]any{"name": names, "retryPolicy": retryPolicy}},
	})
	if err != nil {
		panic(err) // Strings and numbers always become JSON.
	}
	return string(configuration)
}

// repeatable returns whether a method may be called again: it reads, or it carries a request_id. Streams that do not end are
// for watches.
func repeatable(method protoreflect.MethodDescriptor) bool {
	name := string(method.Name())
	reads := strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Preview")
	return reads || requestIDField(method.Input()) != nil
}
