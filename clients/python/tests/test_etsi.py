"""Alarms of ETSI, by the vectors that all SDKs have."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from fermata import etsi
from fermata.v1.notification_pb2 import Notification

VECTORS = json.loads((Path(__file__).parents[2] / "etsi/alarms.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_alarms(vector: dict[str, Any]) -> None:
    vnf = vector["vnf"]
    vnfcs = {
        server: etsi.Vnfc(known.get("instanceId"), known.get("affinityGroupIds", ()))
        for server, known in vnf["vnfcs"].items()
    }
    made = etsi.alarms(
        json_format.ParseDict(vector["notification"], Notification()),
        etsi.Vnf(vnf["instanceId"], vnfcs, vnf["alarmsUrl"], vnf.get("instanceUrl"), vnf.get("vimConnectionId")),
        datetime.fromisoformat(vector["time"].removesuffix("Z")).replace(tzinfo=timezone.utc),
    )
    assert json.loads(json.dumps(made)) == vector["alarms"]
