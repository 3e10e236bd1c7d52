package etsi_test

import (
	"encoding/json"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"fermata.dev/clients/go/etsi"
	"fermata.dev/clients/go/fermatav1"
)

var (
	noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	vnf  = etsi.VNF{
		InstanceID: "vnf-1", VNFCInstances: map[string]string{"server-1": "vnfc-1"}, VIMConnectionID: "vim-1",
		AlarmsURL: "https://vnfm.example/vnffm/v1/alarms/", InstanceURL: "https://vnfm.example/vnflcm/v1/vnf_instances/vnf-1",
	}
)

func drain() *fermatav1.Notification {
	return &fermatav1.Notification{
		Id: "n-1", Kind: fermatav1.NotificationKind_NOTIFICATION_KIND_DRAIN, State: fermatav1.NotificationState_NOTIFICATION_STATE_PENDING,
		MaintenanceKind: fermatav1.MaintenanceKind_MAINTENANCE_KIND_TEMPORARY, Reason: "new firmware",
		CreateTime: timestamppb.New(noon), ActionsStartTime: timestamppb.New(noon.Add(time.Hour)), ReplyDeadlineTime: timestamppb.New(noon.Add(time.Minute)),
		Servers: []*fermatav1.AffectedServer{{ServerId: "server-1", Impact: fermatav1.Impact_IMPACT_MOVE,
			Policy: &fermatav1.EffectivePolicy{Sources: []*fermatav1.PolicyFieldSource{{GroupId: "group-1"}, {GroupId: "group-1"}, {}}}}},
	}
}

func TestAnAlarmInTheWordsOfTheInterface(t *testing.T) {
	got, err := json.MarshalIndent(etsi.Of(drain(), vnf, noon), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const wanted = `{
  "id": "n-1",
  "managedObjectId": "vnf-1",
  "vnfcInstanceIds": [
    "vnfc-1"
  ],
  "rootCauseFaultyResource": {
    "faultyResource": {
      "vimConnectionId": "vim-1",
      "resourceId": "server-1",
      "vimLevelResourceType": "OS::Nova::Server"
    },
    "faultyResourceType": "COMPUTE"
  },
  "alarmRaisedTime": "2026-11-30T12:00:00Z",
  "ackState": "UNACKNOWLEDGED",
  "perceivedSeverity": "MAJOR",
  "eventTime": "2026-11-30T13:00:00Z",
  "eventType": "EQUIPMENT_ALARM",
  "faultType": "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE",
  "probableCause": "Maintenance of the NFVI: new firmware",
  "isRootCause": true,
  "faultDetails": [
    "anticipatedTime=2026-11-30T13:00:00Z",
    "anticipatedChange[server-1]=MOVE",
    "affinityOrAntiAffinityGroupId=group-1",
    "maintenanceKind=TEMPORARY",
    "replyDeadlineTime=2026-11-30T12:01:00Z",
    "reason=new firmware"
  ],
  "_links": {
    "self": {
      "href": "https://vnfm.example/vnffm/v1/alarms/n-1"
    },
    "objectInstance": {
      "href": "https://vnfm.example/vnflcm/v1/vnf_instances/vnf-1"
    }
  }
}`
	if string(got) != wanted {
		t.Errorf("%s", got)
	}
}

func TestAnAlarmFollowsItsNotification(t *testing.T) {
	n := drain()
	for state, wanted := range map[fermatav1.NotificationState]struct {
		ack      etsi.AckState
		severity etsi.PerceivedSeverity
		cleared  bool
	}{
		fermatav1.NotificationState_NOTIFICATION_STATE_PENDING:         {etsi.Unacknowledged, etsi.Major, false},
		fermatav1.NotificationState_NOTIFICATION_STATE_ANSWERED:        {etsi.Acknowledged, etsi.Major, false},
		fermatav1.NotificationState_NOTIFICATION_STATE_REJECTED:        {etsi.Acknowledged, etsi.Major, false},
		fermatav1.NotificationState_NOTIFICATION_STATE_COUNTER_OFFERED: {etsi.Acknowledged, etsi.Major, false},
		fermatav1.NotificationState_NOTIFICATION_STATE_EXPIRED:         {etsi.Unacknowledged, etsi.Major, false},
		fermatav1.NotificationState_NOTIFICATION_STATE_CLOSED:          {etsi.Unacknowledged, etsi.Cleared, true},
	} {
		n.State = state
		a := etsi.Of(n, vnf, noon.Add(time.Minute))
		if a.AckState != wanted.ack || a.PerceivedSeverity != wanted.severity || (a.AlarmClearedTime != nil) != wanted.cleared {
			t.Errorf("%s: %+v", state, a)
		}
	}
}

func TestAnAlarmAboutSeveralServersHasNoSingleCause(t *testing.T) {
	n := drain()
	n.Kind = fermatav1.NotificationKind_NOTIFICATION_KIND_SCALE_IN
	n.Servers = append(n.Servers, &fermatav1.AffectedServer{ServerId: "server-2", Impact: fermatav1.Impact_IMPACT_DOWN})
	n.ScaleIn = &fermatav1.ScaleIn{GroupId: "group-0"}
	a := etsi.Of(n, etsi.VNF{InstanceID: "vnf-1"}, noon)
	if a.RootCauseFaultyResource != nil || a.PerceivedSeverity != etsi.Minor || a.FaultDetails[3] != "affinityOrAntiAffinityGroupId=group-0" || a.VNFCInstanceIDs != nil {
		t.Errorf("%+v", a)
	}
}
