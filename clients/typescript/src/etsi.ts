/** Notifications as ETSI's fault management knows them, for a VNFM that hands them on to its NFVO. */
import { type AffectedServer, Impact, type Notification, NotificationKind, NotificationState } from "./gen/fermata/v1/notification_pb.js";
import { Action, MaintenanceKind } from "./gen/fermata/v1/types_pb.js";
import { date } from "./time.js";

/** The fault type that stands for operation and maintenance of the infrastructure (SOL002 and SOL003, clause VnfFm). */
export const FAULT_TYPE = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE";

/** A resource of the infrastructure (SOL002 and SOL003, ResourceHandle). */
export interface ResourceHandle {
  readonly vimConnectionId?: string;
  /** The cloud's server id. */
  readonly resourceId: string;
  readonly vimLevelResourceType?: string;
}

/** An alarm of a VNF's fault management (SOL002 and SOL003, clause Alarm). Times are in RFC 3339. */
export interface Alarm {
  readonly id: string;
  /** The VNF instance. */
  readonly managedObjectId: string;
  /** SOL002: the VNFC instances that are affected. */
  readonly vnfcInstanceIds?: readonly string[];
  readonly rootCauseFaultyResource: { readonly faultyResource: ResourceHandle; readonly faultyResourceType: "COMPUTE" };
  readonly alarmRaisedTime: string;
  readonly alarmClearedTime?: string;
  readonly ackState: "UNACKNOWLEDGED" | "ACKNOWLEDGED";
  readonly perceivedSeverity: "CRITICAL" | "MAJOR" | "MINOR" | "WARNING" | "INDETERMINATE" | "CLEARED";
  readonly eventTime: string;
  readonly eventType: "EQUIPMENT_ALARM";
  readonly faultType: string;
  readonly probableCause: string;
  readonly isRootCause: boolean;
  /** Further facts, each as `name=value`. */
  readonly faultDetails: readonly string[];
  readonly _links: { readonly self: { readonly href: string }; readonly objectInstance?: { readonly href: string } };
}

/** What a notification does not know, but an alarm has. */
export interface AlarmContext {
  /** The VNF instance to which the servers belong. */
  readonly vnfInstanceId: string;
  /** The VNFC instance of a server id, for SOL002. */
  readonly vnfcInstanceId?: (serverId: string) => string | undefined;
  /** The connection to the VIM that the servers belong to. */
  readonly vimConnectionId?: string;
  /** The root of the VNFM's fault management, for example `https://vnfm.example/vnffm/v1`. Unset: `/vnffm/v1`. */
  readonly apiRoot?: string;
  /** When the alarm changed. Unset: now. */
  readonly eventTime?: Date;
}

/**
 * One alarm for each server of a notification. The id of an alarm follows from notification and server, so that a notification
 * that is sent again changes its alarms. When the question does not matter any more, they are CLEARED.
 *
 * @param notification - with its servers; one that comes without them (`serversOmitted`) gives no alarm
 * @param context - what the VNFM knows
 */
export function alarms(notification: Notification, context: AlarmContext): Alarm[] {
  return notification.servers.map((server) => alarmOf(notification, server, context));
}

function alarmOf(notification: Notification, server: AffectedServer, context: AlarmContext): Alarm {
  const { vnfInstanceId, vimConnectionId, apiRoot = "/vnffm/v1", eventTime = new Date() } = context;
  const id = `${notification.id}.${server.serverId}`;
  const vnfc = context.vnfcInstanceId?.(server.serverId);
  const cleared = notification.state === NotificationState.CLOSED;
  return {
    id,
    managedObjectId: vnfInstanceId,
    ...(vnfc !== undefined && { vnfcInstanceIds: [vnfc] }),
    rootCauseFaultyResource: {
      faultyResource: {
        ...(vimConnectionId !== undefined && { vimConnectionId }),
        resourceId: server.serverId,
        vimLevelResourceType: "OS::Nova::Server",
      },
      faultyResourceType: "COMPUTE",
    },
    alarmRaisedTime: (date(notification.createTime) ?? eventTime).toISOString(),
    ...(cleared && { alarmClearedTime: eventTime.toISOString() }),
    ackState: notification.state === NotificationState.PENDING ? "UNACKNOWLEDGED" : "ACKNOWLEDGED",
    perceivedSeverity: cleared ? "CLEARED" : severityOf(server),
    eventTime: eventTime.toISOString(),
    eventType: "EQUIPMENT_ALARM",
    faultType: FAULT_TYPE,
    probableCause: notification.reason || "maintenance",
    isRootCause: true,
    faultDetails: detailsOf(notification, server),
    _links: { self: { href: `${apiRoot}/alarms/${encodeURIComponent(id)}` } },
  };
}

/** A server that loses its host has to go; one that is down is out of service for a while; one that moves hardly notices. */
function severityOf(server: AffectedServer): Alarm["perceivedSeverity"] {
  switch (server.impact) {
    case Impact.REMOVED_WITH_HOST:
      return "MAJOR";
    case Impact.DOWN:
      return "MINOR";
    default:
      return "WARNING";
  }
}

function detailsOf(notification: Notification, server: AffectedServer): string[] {
  const details: readonly (readonly [string, string | undefined])[] = [
    ["maintenanceSessionId", notification.sessionId],
    ["notificationId", notification.id],
    ["notificationKind", NotificationKind[notification.kind]],
    ["planRevision", String(notification.planRevision)],
    ["maintenanceKind", MaintenanceKind[notification.maintenanceKind]],
    ["virtualisedResourceName", server.name],
    ["virtualisedResourceHostId", server.hostId],
    ["impact", Impact[server.impact]],
    ["allowedActions", server.allowedActions.map((action) => Action[action]).join(",")],
    ["decision", server.decision ? Action[server.decision] : undefined],
    ["defaultAction", server.defaultAction ? Action[server.defaultAction] : undefined],
    ["replyDeadlineTime", date(notification.replyDeadlineTime)?.toISOString()],
    ["actionsStartTime", date(notification.actionsStartTime)?.toISOString()],
    ["windowStartTime", date(notification.window?.startTime)?.toISOString()],
    ["windowEndTime", date(notification.window?.endTime)?.toISOString()],
  ];
  return details.filter(([, value]) => value).map(([name, value]) => `${name}=${value}`);
}
