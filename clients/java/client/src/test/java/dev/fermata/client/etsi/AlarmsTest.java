package dev.fermata.client.etsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonParser;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.Impact;
import dev.fermata.v1.MaintenanceKind;
import dev.fermata.v1.MaintenanceWindow;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationKind;
import dev.fermata.v1.NotificationState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlarmsTest {
  private static Notification.Builder notification() {
    return Notification.newBuilder()
        .setId("n-1")
        .setReason("new firmware")
        .setCreateTime(Times.timestamp(Instant.parse("2026-11-23T14:00:00.5Z")))
        .setReplyDeadlineTime(Times.timestamp(Instant.parse("2026-11-23T14:10:00Z")))
        .setActionsStartTime(Times.timestamp(Instant.parse("2026-11-23T15:00:00Z")))
        .setWindow(MaintenanceWindow.newBuilder().setEndTime(Times.timestamp(Instant.parse("2026-11-23T18:00:00Z"))))
        .addServers(AffectedServer.newBuilder().setServerId("s-1").setImpact(Impact.IMPACT_DOWN));
  }

  @Test
  void aNotificationBecomesAnAlarm() {
    var context =
        new AlarmContext(
            "vnf-1",
            List.of("vnfc-1"),
            Optional.of("vim-1"),
            List.of("group-1"),
            Optional.of("https://vnfm.example/vnffm/v1/alarms/n-1"),
            Optional.empty());
    var expected =
        """
        {"id": "n-1", "managedObjectId": "vnf-1", "vnfcInstanceIds": ["vnfc-1"],
         "rootCauseFaultyResource": {
           "faultyResource": {"vimConnectionId": "vim-1", "resourceId": "s-1", "vimLevelResourceType": "OS::Nova::Server"},
           "faultyResourceType": "COMPUTE"},
         "alarmRaisedTime": "2026-11-23T14:00:00Z", "ackState": "UNACKNOWLEDGED", "perceivedSeverity": "WARNING",
         "eventTime": "2026-11-23T14:00:00Z", "eventType": "EQUIPMENT_ALARM",
         "faultType": "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE", "probableCause": "NFVI_COMPONENT_MAINTENANCE",
         "isRootCause": true,
         "faultDetails": ["anticipatedTime=2026-11-23T15:00:00Z", "affinityOrAntiAffinityGroupId=group-1",
           "windowEndTime=2026-11-23T18:00:00Z", "replyDeadlineTime=2026-11-23T14:10:00Z", "reason=new firmware",
           "resourceId=s-1", "impact=s-1: the resource is down during the work on its host"],
         "_links": {"self": {"href": "https://vnfm.example/vnffm/v1/alarms/n-1"}}}
        """;
    assertEquals(JsonParser.parseString(expected), Alarms.of(notification().build(), context));
  }

  @Test
  void anAlarmIsClearedWhenNothingIsAskedAnyMore() {
    var closed = notification().setState(NotificationState.NOTIFICATION_STATE_CLOSED).build();
    assertEquals("CLEARED", Alarms.of(closed, AlarmContext.of("vnf-1")).get("perceivedSeverity").getAsString());
  }

  @Test
  void theProbableCauseSaysWhatComes() {
    var retired = notification().setMaintenanceKind(MaintenanceKind.MAINTENANCE_KIND_RETIREMENT).clearServers().build();
    var alarm = Alarms.of(retired, AlarmContext.of("vnf-1"));
    assertEquals("NFVI_COMPONENT_RETIREMENT", alarm.get("probableCause").getAsString());
    assertFalse(alarm.has("rootCauseFaultyResource"));
    var full = notification().setKind(NotificationKind.NOTIFICATION_KIND_SCALE_IN).build();
    assertEquals(
        "NFVI_CAPACITY_SHORTAGE", Alarms.of(full, AlarmContext.of("vnf-1")).get("probableCause").getAsString());
  }
}
