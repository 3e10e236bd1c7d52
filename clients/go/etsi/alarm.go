// Package etsi says what Fermata says in the words of ETSI NFV: it makes alarms of the VNF fault management interface (VnfFm) of
// SOL002 and SOL003 of the notifications of an owner, so that a VNFM can hand them on to its EM and NFVO.
package etsi

import "time"

// FaultType is the faultType of alarms about changes of virtualised resources by operation and maintenance of the NFVI (SOL002
// and SOL003, clause 7.5.2.4).
const FaultType = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE"

// Alarm is the data type Alarm of SOL003 (V3.5.1 and later, clause 7.5.2.4), with vnfcInstanceIds, which SOL002 has as well. Its
// JSON is that of the interface.
type Alarm struct {
	// ID is that of the notification: an alarm that changes keeps it.
	ID string `json:"id"`
	// ManagedObjectID is the VNF instance.
	ManagedObjectID string `json:"managedObjectId"`
	// VNFCInstanceIDs are the affected VNFC instances.
	VNFCInstanceIDs []string `json:"vnfcInstanceIds,omitempty"`
	// RootCauseFaultyResource is the affected server, where there is exactly one.
	RootCauseFaultyResource *FaultyResourceInfo `json:"rootCauseFaultyResource,omitempty"`
	AlarmRaisedTime         time.Time           `json:"alarmRaisedTime"`
	AlarmChangedTime        *time.Time          `json:"alarmChangedTime,omitempty"`
	AlarmClearedTime        *time.Time          `json:"alarmClearedTime,omitempty"`
	// AckState is UNACKNOWLEDGED while the owner has not answered, then ACKNOWLEDGED.
	AckState          AckState          `json:"ackState"`
	PerceivedSeverity PerceivedSeverity `json:"perceivedSeverity"`
	// EventTime is when the virtualised resources are expected to change.
	EventTime     time.Time `json:"eventTime"`
	EventType     EventType `json:"eventType"`
	FaultType     string    `json:"faultType"`
	ProbableCause string    `json:"probableCause"`
	IsRootCause   bool      `json:"isRootCause"`
	// FaultDetails has what is expected to happen, as key=value; see [Of].
	FaultDetails []string `json:"faultDetails,omitempty"`
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
	ResourceProviderID   string `json:"resourceProviderId,omitempty"`
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

// The values of AckState.
const (
	Unacknowledged AckState = "UNACKNOWLEDGED"
	Acknowledged   AckState = "ACKNOWLEDGED"
)

// PerceivedSeverity is how severe an alarm is.
type PerceivedSeverity string

// The values of PerceivedSeverity.
const (
	Critical      PerceivedSeverity = "CRITICAL"
	Major         PerceivedSeverity = "MAJOR"
	Minor         PerceivedSeverity = "MINOR"
	Warning       PerceivedSeverity = "WARNING"
	Indeterminate PerceivedSeverity = "INDETERMINATE"
	Cleared       PerceivedSeverity = "CLEARED"
)

// EventType is the kind of event behind an alarm.
type EventType string

// The value of EventType that is used here.
const (
	EquipmentAlarm EventType = "EQUIPMENT_ALARM"
)
