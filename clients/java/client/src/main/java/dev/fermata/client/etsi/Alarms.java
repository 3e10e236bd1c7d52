package dev.fermata.client.etsi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Timestamp;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.Action;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.Impact;
import dev.fermata.v1.MaintenanceKind;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Alarms of the interface VnfFm of ETSI SOL002 and SOL003. A VNFM that gets a notification tells its NFVO (SOL003) or element manager
 * (SOL002) of the maintenance by alarms with the fault type {@value #FAULT_TYPE}. What each field says, and why, is in {@code
 * docs/etsi.md}; all SDKs make the same alarms.
 */
public final class Alarms {
  /** The fault type of resources whose state changes because the infrastructure is maintained. */
  public static final String FAULT_TYPE = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE";

  private Alarms() {}

  /**
   * The alarms of a notification: one for each of its servers that belongs to the VNF instance. An alarm keeps its id when the
   * notification changes; it is CLEARED once that is CLOSED. SCALE_IN gives no alarm.
   *
   * @param notification with its servers
   * @param vnf what the VNFM knows
   * @param time when the notification became what it is: the time of the position of its event
   * @return each the data type {@code Alarm} as JSON
   */
  public static List<JsonObject> of(Notification notification, Vnf vnf, Instant time) {
    var alarms = new ArrayList<JsonObject>();
    for (var server : notification.getServersList()) {
      var vnfc = vnf.vnfcs().get(server.getServerId());
      if (vnfc != null) {
        alarms.add(alarm(notification, server, vnf, vnfc, time));
      }
    }
    return alarms;
  }

  private static JsonObject alarm(Notification notification, AffectedServer server, Vnf vnf, Vnfc vnfc, Instant time) {
    var id = notification.getId() + "." + server.getServerId();
    var raised = time(notification.getCreateTime());
    var told = format(time);
    var cleared = notification.getState() == NotificationState.NOTIFICATION_STATE_CLOSED;
    var retired = notification.getMaintenanceKind() == MaintenanceKind.MAINTENANCE_KIND_RETIREMENT;
    var alarm = new JsonObject();
    alarm.addProperty("id", id);
    alarm.addProperty("managedObjectId", vnf.instanceId());
    vnfc.instanceId().ifPresent(instance -> alarm.add("vnfcInstanceIds", array(List.of(instance))));
    var root = new JsonObject();
    root.add("faultyResource", resource(server, vnf));
    root.addProperty("faultyResourceType", "COMPUTE");
    alarm.add("rootCauseFaultyResource", root);
    alarm.addProperty("alarmRaisedTime", raised);
    if (cleared || told.compareTo(raised) > 0) {
      alarm.addProperty("alarmChangedTime", told);
    }
    if (cleared) {
      alarm.addProperty("alarmClearedTime", told);
    }
    alarm.addProperty("ackState", "UNACKNOWLEDGED");
    alarm.addProperty("perceivedSeverity", cleared ? "CLEARED" : "WARNING");
    alarm.addProperty("eventTime", raised);
    alarm.addProperty("eventType", "EQUIPMENT_ALARM");
    alarm.addProperty("faultType", FAULT_TYPE);
    alarm.addProperty("probableCause", retired ? "NFVI_COMPONENT_RETIREMENT" : "NFVI_COMPONENT_MAINTENANCE");
    alarm.addProperty("isRootCause", false);
    alarm.add("faultDetails", array(details(notification, server, vnfc)));
    var links = new JsonObject();
    links.add("self", link(vnf.alarmsUrl().replaceFirst("/$", "") + "/" + id));
    vnf.instanceUrl().ifPresent(href -> links.add("objectInstance", link(href)));
    alarm.add("_links", links);
    return alarm;
  }

  /** Each as {@code key=value}, those first that the standard names. */
  private static List<String> details(Notification notification, AffectedServer server, Vnfc vnfc) {
    var details = new ArrayList<String>();
    if (server.hasExpectedStartTime()) {
      details.add("anticipatedTime=" + time(server.getExpectedStartTime()));
    } else if (notification.hasActionsStartTime()) {
      details.add("anticipatedTime=" + time(notification.getActionsStartTime()));
    }
    vnfc.affinityGroupIds().forEach(id -> details.add("affinityOrAntiAffinityGroupId=" + id));
    var impact = server.getImpact();
    if (impact != Impact.IMPACT_UNSPECIFIED && impact != Impact.UNRECOGNIZED) {
      details.add("impact=" + impact.name().substring("IMPACT_".length()));
    }
    var undecided = server.getDecision() == Action.ACTION_UNSPECIFIED;
    var action = undecided ? server.getDefaultAction() : server.getDecision();
    if (action != Action.ACTION_UNSPECIFIED && action != Action.UNRECOGNIZED) {
      details.add("action=" + action.name().substring("ACTION_".length()));
    }
    if (notification.hasReplyDeadlineTime()) {
      details.add("replyDeadlineTime=" + time(notification.getReplyDeadlineTime()));
    }
    if (notification.getWindow().hasEndTime()) {
      details.add("windowEndTime=" + time(notification.getWindow().getEndTime()));
    }
    details.add("maintenanceSessionId=" + notification.getSessionId());
    if (!notification.getReason().isEmpty()) {
      details.add("reason=" + notification.getReason());
    }
    return details;
  }

  /** The data type {@code ResourceHandle}. */
  private static JsonObject resource(AffectedServer server, Vnf vnf) {
    var handle = new JsonObject();
    vnf.vimConnectionId().ifPresent(id -> handle.addProperty("vimConnectionId", id));
    handle.addProperty("resourceId", server.getServerId());
    handle.addProperty("vimLevelResourceType", "OS::Nova::Server");
    return handle;
  }

  private static JsonObject link(String href) {
    var link = new JsonObject();
    link.addProperty("href", href);
    return link;
  }

  private static JsonArray array(List<String> texts) {
    var array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }

  private static String time(Timestamp time) {
    return format(Times.instant(time));
  }

  private static String format(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
