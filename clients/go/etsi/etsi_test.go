package etsi_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"fermata.dev/clients/go/etsi"
	"fermata.dev/clients/go/fermatav1"
)

// TestAlarms goes by the vectors that all SDKs have.
func TestAlarms(t *testing.T) {
	file, err := os.ReadFile("../../etsi/alarms.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name         string
		Notification json.RawMessage
		VNF          etsi.VNF
		Time         time.Time
		Alarms       any
	}
	if err := json.Unmarshal(file, &vectors); err != nil || len(vectors) == 0 {
		t.Fatal(len(vectors), err)
	}
	for _, vector := range vectors {
		t.Run(vector.Name, func(t *testing.T) {
			var notification fermatav1.Notification
			if err := protojson.Unmarshal(vector.Notification, &notification); err != nil {
				t.Fatal(err)
			}
			made, err := json.Marshal(etsi.Alarms(&notification, vector.VNF, vector.Time))
			if err != nil {
				t.Fatal(err)
			}
			var alarms any
			if err := json.Unmarshal(made, &alarms); err != nil || !reflect.DeepEqual(alarms, vector.Alarms) {
				t.Errorf("%s, %v", made, err)
			}
		})
	}
}
