"""What the README shows is run as it stands."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import signal
from pathlib import Path

import fermata
from fermata.testing import SimulatedFermata, until
from fermata.v1 import session_pb2, types_pb2
from fermata.v1.notification_service_pb2 import ListSubscriptionsRequest
from tests.asking import FOLDER, PYTHON


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (FOLDER / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def block(text: str) -> str:
    (found,) = [block for block in blocks() if text in block]
    return found


def test_the_owner_has_ten_lines() -> None:
    lines = [line for line in block("fermata.serve").splitlines() if line.strip()]
    assert len(lines) <= 10


def test_all_blocks_are_python() -> None:
    for text in blocks():
        ast.parse(text)


async def test_the_owner_and_the_operator(simulated_fermata: SimulatedFermata, tmp_path: Path) -> None:
    environment = os.environ | {"FERMATA_SERVER": simulated_fermata.target}
    (tmp_path / "owner.py").write_text(block("fermata.serve"))
    owner = await asyncio.create_subprocess_exec(PYTHON, str(tmp_path / "owner.py"), env=environment)
    try:
        async with fermata.connect(simulated_fermata.target) as connection:

            async def connected() -> bool:
                found = await connection.notifications.ListSubscriptions(ListSubscriptionsRequest())
                return any(subscription.connected for subscription in found.subscriptions)

            await until("the owner to be connected", connected)
        report = await simulated_fermata.maintain("compute-a2")
        owner.send_signal(signal.SIGTERM)
        assert await owner.wait() == 0
    finally:
        if owner.returncode is None:
            owner.kill()
            await owner.wait()
    assert report.session.status.state == session_pb2.SESSION_STATE_COMPLETED
    actions = {server.name: (server.action, server.decision_source) for server in report.hosts[0].servers}
    assert actions == {
        "mme-db-1": (fermata.MIGRATE, types_pb2.DECISION_SOURCE_OWNER),
        "smf-1": (fermata.LIVE_MIGRATE, types_pb2.DECISION_SOURCE_OWNER),
    }

    # Its host has no servers, so nobody is asked.
    (tmp_path / "nfvo.py").write_text(block("on_host_ready=flash"))
    operator = await asyncio.create_subprocess_exec(
        PYTHON, str(tmp_path / "nfvo.py"), env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await operator.communicate()
    assert operator.returncode == 0
    assert b"compute-b3 is empty and held" in output
    assert b"SESSION_STATE_COMPLETED" in output
