package dev.fermata.client.etsi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Timestamp;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.MaintenanceKind;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationKind;
import dev.fermata.v1.NotificationState;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Alarms of the interface VnfFm of ETSI SOL002 and SOL003. A VNFM that gets a notification tells its NFVO (SOL003) or element manager
 * (SOL002) of the maintenance by an alarm with the fault type {@value #FAULT_TYPE}.
 */
public final class Alarms {
  /** The fault type of resources whose state changes because the infrastructure is maintained. */
  public static final String FAULT_TYPE = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE";

  private static final Map<dev.fermata.v1.Impact, String> IMPACTS =
      Map.of(
          dev.fermata.v1.Impact.IMPACT_MOVE, "the resource is moved",
          dev.fermata.v1.Impact.IMPACT_DOWN, "the resource is down during the work on its host",
          dev.fermata.v1.Impact.IMPACT_REMOVED_WITH_HOST, "the host of the resource is removed for good",
          dev.fermata.v1.Impact.IMPACT_OWN_ACTION, "the consumer acts itself");

  private Alarms() {}

  /**
   * The alarm of a notification. It keeps its id when the notification changes, and is CLEARED once that is CLOSED or EXPIRED.
   *
   * @param notification with those of its servers that belong to the VNF instance
   * @param context what the VNFM knows
   * @return the data type {@code Alarm} as JSON
   */
  public static JsonObject of(Notification notification, AlarmContext context) {
    var raised = time(notification.getCreateTime());
    var alarm = new JsonObject();
    alarm.addProperty("id", notification.getId());
    alarm.addProperty("managedObjectId", context.vnfInstanceId());
    if (!context.vnfcInstanceIds().isEmpty()) {
      alarm.add("vnfcInstanceIds", array(context.vnfcInstanceIds()));
    }
    if (notification.getServersCount() > 0) {
      var root = new JsonObject();
      root.add("faultyResource", resource(notification.getServers(0), context));
      root.addProperty("faultyResourceType", "COMPUTE");
      alarm.add("rootCauseFaultyResource", root);
    }
    alarm.addProperty("alarmRaisedTime", raised);
    alarm.addProperty("ackState", "UNACKNOWLEDGED");
    alarm.addProperty("perceivedSeverity", isOver(notification) ? "CLEARED" : "WARNING");
    alarm.addProperty("eventTime", raised);
    alarm.addProperty("eventType", "EQUIPMENT_ALARM");
    alarm.addProperty("faultType", FAULT_TYPE);
    alarm.addProperty("probableCause", probableCause(notification));
    alarm.addProperty("isRootCause", true);
    alarm.add("faultDetails", array(details(notification, context)));
    var links = new JsonObject();
    context.selfHref().ifPresent(href -> links.add("self", link(href)));
    context.vnfHref().ifPresent(href -> links.add("objectInstance", link(href)));
    if (!links.isEmpty()) {
      alarm.add("_links", links);
    }
    return alarm;
  }

  private static boolean isOver(Notification notification) {
    return notification.getState() == NotificationState.NOTIFICATION_STATE_CLOSED
        || notification.getState() == NotificationState.NOTIFICATION_STATE_EXPIRED;
  }

  private static String probableCause(Notification notification) {
    if (notification.getKind() == NotificationKind.NOTIFICATION_KIND_SCALE_IN) {
      return "NFVI_CAPACITY_SHORTAGE";
    }
    return notification.getMaintenanceKind() == MaintenanceKind.MAINTENANCE_KIND_RETIREMENT
        ? "NFVI_COMPONENT_RETIREMENT"
        : "NFVI_COMPONENT_MAINTENANCE";
  }

  /** Each as {@code name=value}; those that the standard names come first. */
  private static List<String> details(Notification notification, AlarmContext context) {
    var details = new ArrayList<String>();
    if (notification.hasActionsStartTime()) {
      details.add("anticipatedTime=" + time(notification.getActionsStartTime()));
    }
    context.groupIds().forEach(id -> details.add("affinityOrAntiAffinityGroupId=" + id));
    if (notification.hasWindow()) {
      details.add("windowEndTime=" + time(notification.getWindow().getEndTime()));
    }
    if (notification.hasReplyDeadlineTime()) {
      details.add("replyDeadlineTime=" + time(notification.getReplyDeadlineTime()));
    }
    details.add("reason=" + notification.getReason());
    for (var server : notification.getServersList()) {
      details.add("resourceId=" + server.getServerId());
      var impact = IMPACTS.get(server.getImpact());
      if (impact != null) {
        details.add("impact=" + server.getServerId() + ": " + impact);
      }
    }
    return details;
  }

  /** The data type {@code ResourceHandle}. */
  private static JsonObject resource(AffectedServer server, AlarmContext context) {
    var handle = new JsonObject();
    context.vimConnectionId().ifPresent(id -> handle.addProperty("vimConnectionId", id));
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
    return Times.instant(time).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
