package etsi

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"fermata.dev/clients/go/fermatav1"
)

// VNF is what a VNFM knows of a VNF instance.
type VNF struct {
	// InstanceID is the identifier of the VNF instance.
	InstanceID string
	// VNFCs are its servers, by the cloud's id. Only they have alarms.
	VNFCs map[string]VNFC
	// AlarmsURL is the address of the alarms of the VNFM's interface, for example "https://vnfm.example/vnffm/v1/alarms".
	AlarmsURL string
	// InstanceURL is the address of the VNF instance at the VNFM. Empty: alarms have no link to it.
	InstanceURL string
	// VIMConnectionID is the connection to the VIM of the servers. May be empty.
	VIMConnectionID string
}

// VNFC is what a VNFM knows of a server.
type VNFC struct {
	// InstanceID is the VNFC instance that the server is. May be empty.
	InstanceID string
	// AffinityGroupIDs are the affinity and anti-affinity groups of the VNFD that it is in.
	AffinityGroupIDs []string
}

// Alarms makes the alarms of a notification: one for each of its servers that belongs to the VNF instance. The time is when the
// notification became what it is: that of the position of its event. An alarm keeps its id when the notification changes; it is
// CLEARED once that is CLOSED. SCALE_IN gives no alarm. For a notification that came without its servers there are none; the
// notifications of an Owner's handlers have all.
func Alarms(n *fermatav1.Notification, vnf VNF, at time.Time) []Alarm {
	alarms := []Alarm{}
	for _, server := range n.GetServers() {
		if vnfc, ours := vnf.VNFCs[server.GetServerId()]; ours {
			alarms = append(alarms, alarm(n, server, vnf, vnfc, seconds(at)))
		}
	}
	return alarms
}

func alarm(n *fermatav1.Notification, server *fermatav1.AffectedServer, vnf VNF, vnfc VNFC, told time.Time) Alarm {
	id, raised := n.GetId()+"."+server.GetServerId(), seconds(n.GetCreateTime().AsTime())
	a := Alarm{
		ID:              id,
		ManagedObjectID: vnf.InstanceID,
		RootCauseFaultyResource: FaultyResourceInfo{
			FaultyResource: ResourceHandle{
				VIMConnectionID: vnf.VIMConnectionID, ResourceID: server.GetServerId(), VIMLevelResourceType: "OS::Nova::Server",
			},
			FaultyResourceType: "COMPUTE",
		},
		AlarmRaisedTime:   raised,
		AckState:          Unacknowledged,
		PerceivedSeverity: Warning,
		EventTime:         raised,
		EventType:         EquipmentAlarm,
		FaultType:         FaultType,
		ProbableCause:     ComponentMaintenance,
		FaultDetails:      details(n, server, vnfc),
		Links:             Links{Self: Link{Href: strings.TrimSuffix(vnf.AlarmsURL, "/") + "/" + id}},
	}
	if vnfc.InstanceID != "" {
		a.VNFCInstanceIDs = []string{vnfc.InstanceID}
	}
	if vnf.InstanceURL != "" {
		a.Links.ObjectInstance = &Link{Href: vnf.InstanceURL}
	}
	if n.GetMaintenanceKind() == fermatav1.MaintenanceKind_MAINTENANCE_KIND_RETIREMENT {
		a.ProbableCause = ComponentRetirement
	}
	if told.After(raised) {
		a.AlarmChangedTime = &told
	}
	if n.GetState() == fermatav1.NotificationState_NOTIFICATION_STATE_CLOSED {
		a.PerceivedSeverity, a.AlarmChangedTime, a.AlarmClearedTime = Cleared, &told, &told
	}
	return a
}

// details are `key=value`, those first that the standard names.
func details(n *fermatav1.Notification, server *fermatav1.AffectedServer, vnfc VNFC) []string {
	list := []string{}
	add := func(key, value string) {
		if value != "" {
			list = append(list, key+"="+value)
		}
	}
	anticipated := server.GetExpectedStartTime()
	if anticipated == nil {
		anticipated = n.GetActionsStartTime()
	}
	add("anticipatedTime", format(anticipated))
	for _, group := range vnfc.AffinityGroupIDs {
		add("affinityOrAntiAffinityGroupId", group)
	}
	add("impact", word(fermatav1.Impact_name, int32(server.GetImpact()), "IMPACT_"))
	action := server.GetDecision()
	if action == fermatav1.Action_ACTION_UNSPECIFIED {
		action = server.GetDefaultAction()
	}
	add("action", word(fermatav1.Action_name, int32(action), "ACTION_"))
	add("replyDeadlineTime", format(n.GetReplyDeadlineTime()))
	add("windowEndTime", format(n.GetWindow().GetEndTime()))
	add("maintenanceSessionId", n.GetSessionId())
	add("reason", n.GetReason())
	return list
}

// word is the name of a value without its prefix; empty if it is not set or not known.
func word(names map[int32]string, value int32, prefix string) string {
	if value == 0 {
		return ""
	}
	return strings.TrimPrefix(names[value], prefix)
}

func format(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return seconds(t.AsTime()).Format(time.RFC3339)
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
