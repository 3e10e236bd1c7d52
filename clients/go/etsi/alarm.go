// Package etsi says what Fermata says in the words of ETSI NFV: it makes alarms of the VNF fault management interface (VnfFm) of
// SOL002 and SOL003 of the notifications of an owner, so that a VNFM can hand them on to its EM and NFVO.
package etsi

import "time"

// FaultType is the faultType of alarms about changes of virtualised resources by operation and maintenance of the NFVI (SOL002
// and SOL003, clause 7.5.2.4).
const FaultType = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE"

// Alarm is the data type Alarm of SOL002 and SOL003 (clause 7.5.2.4), for one server. Its JSON is that of the interface. What each
// field says, and why, is in docs/etsi.md; all SDKs make the same alarms.
type Alarm struct {
	// ID is that of the notification and the server: an alarm that changes keeps it.
	ID string `json:"id"`
	// ManagedObjectID is the VNF instance.
	ManagedObjectID string `json:"managedObjectId"`
	// VNFCInstanceIDs has the VNFC instance that the server is, if it is known.
	VNFCInstanceIDs []string `json:"vnfcInstanceIds,omitempty"`
	// RootCauseFaultyResource is the server.
	RootCauseFaultyResource FaultyResourceInfo `json:"rootCauseFaultyResource"`
	// AlarmRaisedTime is when the notification was first sent.
	AlarmRaisedTime time.Time `json:"alarmRaisedTime"`
	// AlarmChangedTime is when it last changed, if it has.
	AlarmChangedTime *time.Time `json:"alarmChangedTime,omitempty"`
	// AlarmClearedTime is when it was closed, if it is.
	AlarmClearedTime *time.Time `json:"alarmClearedTime,omitempty"`
	// AckState is UNACKNOWLEDGED: it is for those who read the alarm to acknowledge it.
	AckState AckState `json:"ackState"`
	// PerceivedSeverity is WARNING, then CLEARED.
	PerceivedSeverity PerceivedSeverity `json:"perceivedSeverity"`
	// EventTime is when the notification was first sent.
	EventTime     time.Time `json:"eventTime"`
	EventType     EventType `json:"eventType"`
	FaultType     string    `json:"faultType"`
	ProbableCause string    `json:"probableCause"`
	// IsRootCause is false: no other alarm is known to come of it.
	IsRootCause bool `json:"isRootCause"`
	// FaultDetails has what is expected to happen, as key=value.
	FaultDetails []string `json:"faultDetails"`
	Links        Links    `json:"_links"`
}

// FaultyResourceInfo is the data type of that name.
type FaultyResourceInfo struct {
	FaultyResource ResourceHandle `json:"faultyResource"`
	// FaultyResourceType is COMPUTE.
	FaultyResourceType string `json:"faultyResourceType"`
}

// ResourceHandle is the data type of that name.
type ResourceHandle struct {
	VIMConnectionID      string `json:"vimConnectionId,omitempty"`
	ResourceID           string `json:"resourceId"`
	VIMLevelResourceType string `json:"vimLevelResourceType,omitempty"`
}

// Links are the links of an alarm.
type Links struct {
	Self           Link  `json:"self"`
	ObjectInstance *Link `json:"objectInstance,omitempty"`
}

// Link is the data type of that name.
type Link struct {
	Href string `json:"href"`
}

// AckState is whether somebody has taken note of an alarm.
type AckState string

// The value of AckState that is used here.
const Unacknowledged AckState = "UNACKNOWLEDGED"

// PerceivedSeverity is how severe an alarm is.
type PerceivedSeverity string

// The values of PerceivedSeverity that are used here.
const (
	Warning PerceivedSeverity = "WARNING"
	Cleared PerceivedSeverity = "CLEARED"
)

// EventType is the kind of event behind an alarm.
type EventType string

// The value of EventType that is used here.
const EquipmentAlarm EventType = "EQUIPMENT_ALARM"

// The probable causes.
const (
	ComponentMaintenance = "NFVI_COMPONENT_MAINTENANCE"
	ComponentRetirement  = "NFVI_COMPONENT_RETIREMENT"
)
