package etsi

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"fermata.dev/clients/go/fermatav1"
)

// VNF is what a VNFM knows of the VNF instance that a notification is about.
type VNF struct {
	// InstanceID is the identifier of the VNF instance. Required.
	InstanceID string
	// VNFCInstances has the VNFC instance of each server, by the server's id. Servers that it does not have are left out of
	// vnfcInstanceIds.
	VNFCInstances map[string]string
	// VIMConnectionID is the connection to the cloud, for the resource handle. May be empty.
	VIMConnectionID string
	// AlarmsURL is the address of the alarms resource of the VNFM's interface, for example
	// "https://vnfm.example/vnffm/v1/alarms".
	AlarmsURL string
	// InstanceURL is the address of the VNF instance. Empty: the alarm has no link to it.
	InstanceURL string
}

// Of makes the alarm of a notification at the time `now`. For a notification that came without its servers, the alarm has none;
// the notifications of an Owner's handlers have all.
//
// faultDetails has these, each as key=value: anticipatedTime (RFC 3339), anticipatedChange (what happens to the server: MOVE, DOWN,
// REMOVED_WITH_HOST, OWN_ACTION) with the server's id as anticipatedChange[ID], affinityOrAntiAffinityGroupId for each group of a
// server's policy and the group of SCALE_IN, maintenanceKind, replyDeadlineTime, reason.
func Of(n *fermatav1.Notification, vnf VNF, now time.Time) Alarm {
	a := Alarm{
		ID:                n.GetId(),
		ManagedObjectID:   vnf.InstanceID,
		AlarmRaisedTime:   n.GetCreateTime().AsTime(),
		AckState:          Unacknowledged,
		PerceivedSeverity: severity(n),
		EventTime:         eventTime(n),
		EventType:         EquipmentAlarm,
		FaultType:         FaultType,
		ProbableCause:     "Maintenance of the NFVI: " + n.GetReason(),
		IsRootCause:       true,
		FaultDetails:      details(n),
		Links:             Links{Self: Link{Href: strings.TrimSuffix(vnf.AlarmsURL, "/") + "/" + n.GetId()}},
	}
	if vnf.InstanceURL != "" {
		a.Links.ObjectInstance = &Link{Href: vnf.InstanceURL}
	}
	for _, server := range n.GetServers() {
		if vnfc, known := vnf.VNFCInstances[server.GetServerId()]; known && !slices.Contains(a.VNFCInstanceIDs, vnfc) {
			a.VNFCInstanceIDs = append(a.VNFCInstanceIDs, vnfc)
		}
	}
	if servers := n.GetServers(); len(servers) == 1 {
		a.RootCauseFaultyResource = &FaultyResourceInfo{
			FaultyResource: ResourceHandle{
				VIMConnectionID: vnf.VIMConnectionID, ResourceID: servers[0].GetServerId(), VIMLevelResourceType: "OS::Nova::Server",
			},
			FaultyResourceType: "COMPUTE",
		}
	}
	switch n.GetState() {
	case fermatav1.NotificationState_NOTIFICATION_STATE_PENDING:
	case fermatav1.NotificationState_NOTIFICATION_STATE_EXPIRED:
		// Nobody has answered, and the maintenance goes on all the same.
		a.AlarmChangedTime = &now
	case fermatav1.NotificationState_NOTIFICATION_STATE_CLOSED:
		a.AlarmClearedTime, a.AlarmChangedTime = &now, &now
	default:
		a.AckState, a.AlarmChangedTime = Acknowledged, &now
	}
	return a
}

func severity(n *fermatav1.Notification) PerceivedSeverity {
	if n.GetState() == fermatav1.NotificationState_NOTIFICATION_STATE_CLOSED {
		return Cleared
	}
	switch n.GetKind() {
	case fermatav1.NotificationKind_NOTIFICATION_KIND_DRAIN:
		return Major
	case fermatav1.NotificationKind_NOTIFICATION_KIND_SCALE_IN:
		return Minor
	default:
		return Warning
	}
}

// eventTime is when the first server is expected to be touched.
func eventTime(n *fermatav1.Notification) time.Time {
	if t := n.GetActionsStartTime(); t != nil {
		return t.AsTime()
	}
	return n.GetCreateTime().AsTime()
}

func details(n *fermatav1.Notification) []string {
	list := []string{"anticipatedTime=" + eventTime(n).Format(time.RFC3339)}
	groups := []string{}
	for _, server := range n.GetServers() {
		list = append(list, fmt.Sprintf("anticipatedChange[%s]=%s", server.GetServerId(), strings.TrimPrefix(server.GetImpact().String(), "IMPACT_")))
		for _, source := range server.GetPolicy().GetSources() {
			groups = append(groups, source.GetGroupId())
		}
	}
	groups = append(groups, n.GetScaleIn().GetGroupId())
	slices.Sort(groups)
	for _, group := range slices.Compact(groups) {
		if group != "" {
			list = append(list, "affinityOrAntiAffinityGroupId="+group)
		}
	}
	list = append(list, "maintenanceKind="+strings.TrimPrefix(n.GetMaintenanceKind().String(), "MAINTENANCE_KIND_"))
	list = append(list, timeDetail("replyDeadlineTime", n.GetReplyDeadlineTime())...)
	return append(list, "reason="+n.GetReason())
}

func timeDetail(key string, t *timestamppb.Timestamp) []string {
	if t == nil {
		return nil
	}
	return []string{key + "=" + t.AsTime().Format(time.RFC3339)}
}
