package fermata

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func TestAllCallsAreRepeatedButThoseThatStream(t *testing.T) {
	var not []string
	protoregistry.GlobalFiles.RangeFilesByPackage("fermata.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			for j := range file.Services().Get(i).Methods().Len() {
				method := file.Services().Get(i).Methods().Get(j)
				if !repeatable(method) {
					not = append(not, string(method.Name()))
				} else if !strings.Contains(retries, `"`+string(method.Name())+`"`) {
					t.Error(method.Name(), "is not in the configuration")
				}
			}
		}
		return true
	})
	slices.Sort(not)
	if !slices.Equal(not, []string{"Subscribe", "WatchHosts", "WatchSession"}) {
		t.Error("not repeated:", not)
	}
}
