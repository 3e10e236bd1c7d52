from __future__ import annotations

import json
from datetime import datetime, timezone

from fermata import etsi
from fermata.v1 import notification_pb2, types_pb2
from tests.questions import CLOSED, SCALE_IN, question, server


def test_an_alarm() -> None:
    affected = server("srv-1")
    affected.impact = notification_pb2.IMPACT_MOVE
    notification = question("notification-1", servers=[affected])
    notification.create_time.FromDatetime(datetime(2026, 11, 23, 14, 5, tzinfo=timezone.utc))
    notification.actions_start_time.FromDatetime(datetime(2026, 11, 23, 15, tzinfo=timezone.utc))
    notification.reply_deadline_time.FromDatetime(datetime(2026, 11, 23, 14, 15, tzinfo=timezone.utc))
    notification.reason = "new firmware"
    made = etsi.alarm(
        notification,
        "vnf-1",
        vnfc_instance_ids=["vnfc-1"],
        vim_connection_id="vim-1",
        group_ids=["amf"],
        self_href="/alarms/1",
        vnf_href="/vnf_instances/vnf-1",
    )
    assert json.loads(json.dumps(made)) == {
        "id": "notification-1",
        "managedObjectId": "vnf-1",
        "vnfcInstanceIds": ["vnfc-1"],
        "rootCauseFaultyResource": {
            "faultyResource": {
                "vimConnectionId": "vim-1",
                "resourceId": "srv-1",
                "vimLevelResourceType": "OS::Nova::Server",
            },
            "faultyResourceType": "COMPUTE",
        },
        "alarmRaisedTime": "2026-11-23T14:05:00Z",
        "ackState": "UNACKNOWLEDGED",
        "perceivedSeverity": "WARNING",
        "eventTime": "2026-11-23T14:05:00Z",
        "eventType": "EQUIPMENT_ALARM",
        "faultType": "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE",
        "probableCause": "NFVI_COMPONENT_MAINTENANCE",
        "isRootCause": True,
        "faultDetails": [
            "anticipatedTime=2026-11-23T15:00:00Z",
            "affinityOrAntiAffinityGroupId=amf",
            "replyDeadlineTime=2026-11-23T14:15:00Z",
            "reason=new firmware",
            "resourceId=srv-1",
            "impact=srv-1: the resource is moved",
        ],
        "_links": {"self": {"href": "/alarms/1"}, "objectInstance": {"href": "/vnf_instances/vnf-1"}},
    }


def test_it_is_cleared_when_the_question_is_over() -> None:
    assert etsi.alarm(question(state=CLOSED), "vnf")["perceivedSeverity"] == "CLEARED"


def test_causes() -> None:
    retired = question()
    retired.maintenance_kind = types_pb2.MAINTENANCE_KIND_RETIREMENT
    assert etsi.alarm(retired, "vnf")["probableCause"] == "NFVI_COMPONENT_RETIREMENT"
    assert etsi.alarm(question(kind=SCALE_IN, servers=[]), "vnf")["probableCause"] == "NFVI_CAPACITY_SHORTAGE"
