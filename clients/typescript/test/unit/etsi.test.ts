/** Notifications as alarms of ETSI. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Action, alarms, create, FAULT_TYPE, Impact, type Notification, NotificationSchema, NotificationKind, NotificationState, timestamp } from "@fermata/client";

const at = (time: string) => timestamp(new Date(time));

function notification(state: NotificationState): Notification {
  return create(NotificationSchema, {
    id: "n",
    sessionId: "s",
    kind: NotificationKind.DRAIN,
    state,
    planRevision: 3n,
    reason: "new firmware",
    createTime: at("2026-11-30T10:00:00Z"),
    replyDeadlineTime: at("2026-11-30T10:05:00Z"),
    servers: [
      { serverId: "a", name: "amf", impact: Impact.MOVE, allowedActions: [Action.MIGRATE, Action.KEEP] },
      { serverId: "b", name: "smf", impact: Impact.REMOVED_WITH_HOST, decision: Action.MIGRATE },
    ],
  });
}

test("each server has an alarm, whose id stays the same", () => {
  const eventTime = new Date("2026-11-30T10:01:00Z");
  const vnfcInstanceId = (server: string) => (server === "a" ? "vnfc-a" : undefined);
  const [first, second] = alarms(notification(NotificationState.PENDING), { vnfInstanceId: "vnf", vimConnectionId: "vim", vnfcInstanceId, eventTime });
  assert.deepEqual(first, {
    id: "n.a",
    managedObjectId: "vnf",
    vnfcInstanceIds: ["vnfc-a"],
    rootCauseFaultyResource: {
      faultyResource: { vimConnectionId: "vim", resourceId: "a", vimLevelResourceType: "OS::Nova::Server" },
      faultyResourceType: "COMPUTE",
    },
    alarmRaisedTime: "2026-11-30T10:00:00.000Z",
    ackState: "UNACKNOWLEDGED",
    perceivedSeverity: "WARNING",
    eventTime: "2026-11-30T10:01:00.000Z",
    eventType: "EQUIPMENT_ALARM",
    faultType: FAULT_TYPE,
    probableCause: "new firmware",
    isRootCause: true,
    faultDetails: [
      "maintenanceSessionId=s",
      "notificationId=n",
      "notificationKind=DRAIN",
      "planRevision=3",
      "maintenanceKind=UNSPECIFIED",
      "virtualisedResourceName=amf",
      "impact=MOVE",
      "allowedActions=MIGRATE,KEEP",
      "replyDeadlineTime=2026-11-30T10:05:00.000Z",
    ],
    _links: { self: { href: "/vnffm/v1/alarms/n.a" } },
  });
  assert.deepEqual([second?.id, second?.perceivedSeverity, second?.vnfcInstanceIds], ["n.b", "MAJOR", undefined]);
  assert.ok(second?.faultDetails.includes("decision=MIGRATE"));
});

test("what is answered is acknowledged, what is closed is cleared", () => {
  const context = { vnfInstanceId: "vnf" };
  const [answered] = alarms(notification(NotificationState.ANSWERED), context);
  assert.deepEqual([answered?.ackState, answered?.alarmClearedTime], ["ACKNOWLEDGED", undefined]);
  const [closed] = alarms(notification(NotificationState.CLOSED), context);
  assert.deepEqual([closed?.perceivedSeverity, closed?.alarmClearedTime], ["CLEARED", closed?.eventTime]);
});
