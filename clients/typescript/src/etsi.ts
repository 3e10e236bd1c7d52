/**
 * Notifications as ETSI's fault management knows them, for a VNFM that hands them on to its NFVO (SOL003) or element manager (SOL002).
 * What each field says, and why, is in `docs/etsi.md`; all SDKs make the same alarms.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type AffectedServer, Impact, type Notification, NotificationState } from "./gen/fermata/v1/notification_pb.js";
import { Action, MaintenanceKind } from "./gen/fermata/v1/types_pb.js";
import { date } from "./time.js";

/** The fault type of alarms about operation and maintenance of the infrastructure (SOL002 and SOL003, clause 7.5.2.4). */
export const FAULT_TYPE = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE";

/** A resource of the infrastructure (SOL002 and SOL003, ResourceHandle). */
export interface ResourceHandle {
  readonly vimConnectionId?: string;
  /** The cloud's server id. */
  readonly resourceId: string;
  readonly vimLevelResourceType: "OS::Nova::Server";
}

/** An alarm of a VNF about one server (SOL002 and SOL003, Alarm). Times are in RFC 3339. */
export interface Alarm {
  /** That of the notification and the server: an alarm that changes keeps it. */
  readonly id: string;
  /** The VNF instance. */
  readonly managedObjectId: string;
  /** The VNFC instance that the server is, if it is known. */
  readonly vnfcInstanceIds?: readonly string[];
  readonly rootCauseFaultyResource: { readonly faultyResource: ResourceHandle; readonly faultyResourceType: "COMPUTE" };
  /** When the notification was first sent. */
  readonly alarmRaisedTime: string;
  /** When it last changed, if it has. */
  readonly alarmChangedTime?: string;
  /** When it was closed, if it is. */
  readonly alarmClearedTime?: string;
  /** It is for those who read the alarm to acknowledge it. */
  readonly ackState: "UNACKNOWLEDGED";
  readonly perceivedSeverity: "WARNING" | "CLEARED";
  /** When the notification was first sent. */
  readonly eventTime: string;
  readonly eventType: "EQUIPMENT_ALARM";
  readonly faultType: typeof FAULT_TYPE;
  readonly probableCause: "NFVI_COMPONENT_MAINTENANCE" | "NFVI_COMPONENT_RETIREMENT";
  /** No other alarm is known to come of it. */
  readonly isRootCause: false;
  /** What is expected to happen, each as `key=value`. */
  readonly faultDetails: readonly string[];
  readonly _links: { readonly self: { readonly href: string }; readonly objectInstance?: { readonly href: string } };
}

/** What a VNFM knows of a server. */
export interface Vnfc {
  /** The VNFC instance that the server is. */
  readonly instanceId?: string;
  /** The affinity and anti-affinity groups of the VNFD that it is in. */
  readonly affinityGroupIds?: readonly string[];
}

/** What a VNFM knows of a VNF instance. */
export interface Vnf {
  readonly instanceId: string;
  /** Its servers, by the cloud's id. Only they have alarms. */
  readonly vnfcs: Readonly<Record<string, Vnfc>>;
  /** The alarms of the VNFM's interface, for example `https://vnfm.example/vnffm/v1/alarms`. */
  readonly alarmsUrl: string;
  /** The VNF instance at the VNFM. */
  readonly instanceUrl?: string;
  /** The connection to the VIM of the servers. */
  readonly vimConnectionId?: string;
}

/**
 * The alarms of a notification: one for each of its servers that belongs to the VNF instance. An alarm keeps its id when the
 * notification changes; it is CLEARED once that is CLOSED. SCALE_IN gives no alarm.
 *
 * @param notification - with its servers; one that comes without them (`serversOmitted`) gives no alarm
 * @param vnf - what the VNFM knows
 * @param time - when the notification became what it is: the time of the position of its event
 */
export function alarms(notification: Notification, vnf: Vnf, time: Date): Alarm[] {
  return notification.servers.flatMap((server) => {
    const vnfc = Object.hasOwn(vnf.vnfcs, server.serverId) ? vnf.vnfcs[server.serverId] : undefined;
    return vnfc ? [alarmOf(notification, server, vnf, vnfc, format(time))] : [];
  });
}

function alarmOf(notification: Notification, server: AffectedServer, vnf: Vnf, vnfc: Vnfc, told: string): Alarm {
  const { instanceId, alarmsUrl, instanceUrl, vimConnectionId } = vnf;
  const id = `${notification.id}.${server.serverId}`;
  const raised = format(date(notification.createTime) ?? new Date(0));
  const cleared = notification.state === NotificationState.CLOSED;
  return {
    id,
    managedObjectId: instanceId,
    ...(vnfc.instanceId && { vnfcInstanceIds: [vnfc.instanceId] }),
    rootCauseFaultyResource: {
      faultyResource: {
        ...(vimConnectionId && { vimConnectionId }),
        resourceId: server.serverId,
        vimLevelResourceType: "OS::Nova::Server",
      },
      faultyResourceType: "COMPUTE",
    },
    alarmRaisedTime: raised,
    ...((cleared || told > raised) && { alarmChangedTime: told }),
    ...(cleared && { alarmClearedTime: told }),
    ackState: "UNACKNOWLEDGED",
    perceivedSeverity: cleared ? "CLEARED" : "WARNING",
    eventTime: raised,
    eventType: "EQUIPMENT_ALARM",
    faultType: FAULT_TYPE,
    probableCause:
      notification.maintenanceKind === MaintenanceKind.RETIREMENT ? "NFVI_COMPONENT_RETIREMENT" : "NFVI_COMPONENT_MAINTENANCE",
    isRootCause: false,
    faultDetails: detailsOf(notification, server, vnfc),
    _links: {
      self: { href: `${alarmsUrl.replace(/\/$/, "")}/${id}` },
      ...(instanceUrl && { objectInstance: { href: instanceUrl } }),
    },
  };
}

/** `key=value`, those first that the standard names. */
function detailsOf(notification: Notification, server: AffectedServer, vnfc: Vnfc): string[] {
  const details: readonly (readonly [string, string | undefined])[] = [
    ["anticipatedTime", time(server.expectedStartTime ?? notification.actionsStartTime)],
    ...(vnfc.affinityGroupIds ?? []).map((group) => ["affinityOrAntiAffinityGroupId", group] as const),
    ["impact", server.impact ? Impact[server.impact] : undefined],
    ["action", actionOf(server)],
    ["replyDeadlineTime", time(notification.replyDeadlineTime)],
    ["windowEndTime", time(notification.window?.endTime)],
    ["maintenanceSessionId", notification.sessionId],
    ["reason", notification.reason],
  ];
  return details.filter(([, value]) => value).map(([key, value]) => `${key}=${value}`);
}

function actionOf(server: AffectedServer): string | undefined {
  const action = server.decision || server.defaultAction;
  return action ? Action[action] : undefined;
}

function time(of: Timestamp | undefined): string | undefined {
  const moment = date(of);
  return moment && format(moment);
}

function format(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}
