"""Whole sessions by the command line, against the real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import fermata
import pytest
from fermata.testing import CORE_NETWORK, SimulatedFermata, until
from fermata.v1 import host_pb2
from fermata.v1.host_service_pb2 import GetHostRequest
from fermata.v1.notification_service_pb2 import ListNotificationsRequest

from tests.command import Openstack

QUICK = ["--for", "1h", "--reason", "new firmware", "--announce-reply-period", "1s", "--drain-reply-period", "1s"]


@pytest.fixture
def server() -> Iterator[SimulatedFermata]:
    with SimulatedFermata() as server:
        yield server


@pytest.fixture
def openstack(server: SimulatedFermata) -> Openstack:
    return Openstack("--os-auth-type", "none", "--os-endpoint", server.target)


async def held(server: SimulatedFermata, host: str) -> None:
    """Waits until a host is empty and held."""
    async with fermata.connect(server.target) as connection:

        async def is_held() -> bool:
            found = (await connection.hosts.GetHost(GetHostRequest(host=host))).host
            return found.state == host_pb2.HOST_STATE_IN_MAINTENANCE

        await until(f"{host} to be held", is_held)


async def asked(connection: fermata.Connection) -> bool:
    request = ListNotificationsRequest(project_id=CORE_NETWORK)
    return bool((await connection.notifications.ListNotifications(request)).notifications)


async def test_a_session_from_preview_to_report(openstack: Openstack, server: SimulatedFermata) -> None:
    plan = await openstack.json("session", "preview", "--host", "compute-a2", "--for", "1h")
    assert [(row["Host"], row["Moves"]) for row in plan] == [("compute-a2", 2)]
    moves = await openstack.json("session", "preview", "--host", "compute-a2", "--for", "1h", "--moves")
    assert sorted(row["Name"] for row in moves) == ["mme-db-1", "smf-1"]

    created = await openstack.json("session", "create", "--host", "compute-a2", *QUICK, "--request-id", "mine")
    session = created["id"]
    watching = asyncio.create_task(openstack.text("session", "watch", session))
    as_json = asyncio.create_task(openstack.text("session", "watch", session, "--json"))
    await held(server, "compute-a2")
    assert (await openstack.json("host", "show", "compute-a2"))["state"] == "IN_MAINTENANCE"
    (host,) = await openstack.json("host", "list", "--session", session)
    assert (host["Host"], host["State"], host["Servers Done"]) == ("compute-a2", "IN_MAINTENANCE", "2/2")
    (listed,) = await openstack.json("host", "list", "--state", "in-maintenance")
    assert listed["Session"] == session
    shown = await openstack.json("host", "complete", "compute-a2", "--reason", "done", "--wait")
    assert shown["hosts_done"] == "1/1"
    assert "host compute-a2 MAINTAINED" in await watching
    assert all(json.loads(line) for line in (await as_json).splitlines())

    report = await openstack.json("session", "report", session)
    assert {(row["Server"], row["Result"]) for row in report} == {("mme-db-1", "MOVED"), ("smf-1", "MOVED")}
    (hosts,) = await openstack.json("session", "report", session, "--hosts")
    assert (hosts["Host"], hosts["Result"], hosts["Servers"]) == ("compute-a2", "MAINTAINED", 2)
    said = await openstack.json("session", "report", session, "--owners")
    assert {(row["Question"], row["Host"], row["What"]) for row in said} >= {("DRAIN", "compute-a2", "SILENT")}
    assert (
        await openstack.text("session", "list", "--state", "completed", "-f", "value", "-c", "ID")
    ).strip() == session
    assert (await openstack.json("session", "show", session))["state"] == "COMPLETED"
    await openstack.text("session", "delete", session)
    assert "SESSION_NOT_FOUND" in await openstack.refused("session", "show", session)
    assert session in await openstack.refused("session", "delete", session)


async def test_a_session_is_paused_resumed_and_cancelled(openstack: Openstack, server: SimulatedFermata) -> None:
    arguments = [
        "--host",
        "compute-b3",
        *QUICK,
        "--start-mode",
        "manual",
        "--max-parallel-hosts",
        "1",
        "--property",
        "release=2026.2",
    ]
    session = (await openstack.json("session", "create", *arguments))["id"]
    assert (await openstack.json("session", "show", session))["state"] == "SCHEDULED"
    assert (await openstack.json("session", "start", session, "--reason", "go", "--wait"))["state"] == "RUNNING"
    assert (await openstack.json("session", "pause", session, "--wait"))["state"] == "PAUSED"
    assert (await openstack.json("session", "resume", session, "--wait"))["state"] == "RUNNING"
    assert "ETAG_MISMATCH" in await openstack.refused("session", "cancel", session, "--etag", "r0")
    # A host in maintenance stays held until somebody says that it is done.
    await held(server, "compute-b3")
    assert (await openstack.json("session", "cancel", session))["state"] == "CANCELLING"
    await openstack.text("host", "complete", "compute-b3", "--session", session)
    assert (await openstack.json("session", "cancel", session, "--wait"))["state"] == "CANCELLED"
    assert "CANCELLED" in await openstack.refused("session", "watch", session)


async def test_hosts_fail_are_retried_and_skipped(openstack: Openstack, server: SimulatedFermata) -> None:
    created = asyncio.create_task(openstack.refused("session", "create", "--host", "compute-b3", *QUICK, "--wait"))
    await held(server, "compute-b3")
    await openstack.text("host", "fail", "compute-b3", "--reason", "a broken fan", "--wait")
    assert "FAILED" in await created
    await openstack.text("host", "retry", "compute-b3", "--wait")
    await openstack.text("host", "fail", "compute-b3", "--reason", "again")
    shown = await openstack.json("host", "skip", "compute-b3", "--wait")
    assert (shown["hosts_done"], shown["hosts_skipped"]) == ("0/1", 1)

    async def is_completed() -> bool:
        return bool((await openstack.json("session", "show", shown["id"]))["state"] == "COMPLETED")

    # The host is given back first.
    await until("the session's end", is_completed)
    assert "no active session" in await openstack.refused("host", "retry", "compute-b3")


async def test_an_owner_replies(openstack: Openstack, server: SimulatedFermata) -> None:
    project = ["--project", CORE_NETWORK]
    spec = ["--host", "compute-a2", "--for", "4h", "--reason", "new firmware"]
    session = (await openstack.json("session", "create", *spec))["id"]

    async with fermata.connect(server.target) as connection:
        await until("the question", lambda: asked(connection))
    listed = await openstack.text("notification", "list", *project, "--state", "pending", "-f", "value", "-c", "ID")
    notification = listed.strip()
    assert "which project" in await openstack.refused("notification", "show", notification)
    shown = await openstack.json("notification", "show", notification, *project)
    assert (shown["session_id"], shown["server_count"], len(shown["servers"])) == (session, 2, 2)
    reply = ["notification", "reply", notification, *project]
    assert "--decision needs --accept" in await openstack.refused(*reply, "--reject", "no", "--decision", "smf-1=keep")
    assert "none of live-migrate" in await openstack.refused(*reply, "--accept", "jump")
    assert (await openstack.json(*reply, "--reject", "not tonight"))["state"] == "REJECTED"
    offer = ["--not-before", "+1h", "--server", "smf-1", "--comment", "busy"]
    assert (await openstack.json(*reply, *offer))["counter_offer"]
    answered = await openstack.json(
        *reply, "--accept", "live-migrate", "--decision", "mme-db-1=migrate", "--comment", "fine"
    )
    assert (answered["state"], answered["comment"]) == ("ANSWERED", "fine")
    decided = sorted(line.split(" ", 1)[1] for line in answered["servers"])
    assert decided[0].startswith("mme-db-1: MIGRATE")
    assert decided[1].startswith("smf-1: LIVE_MIGRATE")
    assert "plan_revision" in await openstack.refused(*reply, "--accept", "--plan-revision", "99")


async def test_item_16_a_skipped_host_is_not_done(openstack: Openstack, server: SimulatedFermata) -> None:
    hosts = ["--host", "compute-b3", "--host", "compute-a2", "--max-parallel-hosts", "1"]
    session = (await openstack.json("session", "create", *hosts, *QUICK, "--start-mode", "manual"))["id"]
    await openstack.text("host", "skip", "compute-a2", "--session", session)
    shown = await openstack.json("session", "show", session)
    assert (shown["hosts_done"], shown["hosts_skipped"]) == ("0/2", 1)
    await openstack.text("session", "start", session)
    await held(server, "compute-b3")
    shown = await openstack.json("host", "complete", "compute-b3", "--wait")
    assert (shown["hosts_done"], shown["hosts_skipped"]) == ("1/2", 1)
    (listed,) = await openstack.json("session", "list")
    assert (listed["Hosts Done"], listed["Hosts Skipped"]) == ("1/2", 1)


async def test_item_10_names_of_projects_stand_beside_their_ids(openstack: Openstack, server: SimulatedFermata) -> None:
    named = f"core-network ({CORE_NETWORK})"
    moves = await openstack.json("session", "preview", "--host", "compute-a2", "--for", "1h", "--moves")
    assert {(row["Project"], row["Project Name"]) for row in moves} == {(CORE_NETWORK, "core-network")}

    project = ["--project", CORE_NETWORK]
    stored = await openstack.json("policy", "set", "one", *project, "--lead-time", "1m")
    assert stored["project_name"] == "core-network"
    (policy,) = await openstack.json("policy", "list")
    assert (policy["Project"], policy["Project Name"]) == (CORE_NETWORK, "core-network")
    await openstack.text("policy", "group", "set", "amf", *project, "--member", "one", "--max-impacted", "1")
    (group,) = await openstack.json("policy", "group", "list", *project)
    assert group["Project Name"] == "core-network"
    # A project that there is not has no name.
    unnamed = await openstack.json("policy", "set", "one", "--project", "nobody", "--lead-time", "1m")
    assert (unnamed["project_id"], unnamed["project_name"]) == ("nobody", "")

    patient = ["--for", "4h", "--reason", "new firmware", "--announce-reply-period", "1h", "--drain-reply-period", "1s"]
    session = (await openstack.json("session", "create", "--host", "compute-a2", *patient))["id"]
    watching = asyncio.create_task(openstack.run("session", "watch", session))
    async with fermata.connect(server.target) as connection:
        await until("the question", lambda: asked(connection))
    waits = (await openstack.json("session", "show", session))["waits_for"]
    assert any(wait.startswith(f"OWNER {named}: ") for wait in waits), waits
    notification = (await openstack.text("notification", "list", *project, "-f", "value", "-c", "ID")).strip()
    assert (await openstack.json("notification", "show", notification, *project))["project_name"] == "core-network"
    await openstack.text("notification", "reply", notification, *project, "--accept", "--comment", "fine")
    await held(server, "compute-a2")
    await openstack.text("host", "complete", "compute-a2", "--wait")
    _, lines, _ = await watching
    assert f"owner {named} replied fine" in lines
    report = await openstack.json("session", "report", session)
    assert {row["Project Name"] for row in report} == {"core-network"}


async def test_policies(openstack: Openstack) -> None:
    project = ["--project", CORE_NETWORK]
    assert "POLICY_NOT_FOUND" in await openstack.refused("policy", "show", "server-1", *project)
    arguments = [
        "--controlled-temporary",
        "keep",
        "--lead-time",
        "10m",
        "--migration-type",
        "live",
        "--migration-type",
        "none",
    ]
    stored = await openstack.json("policy", "set", "server-1", *project, *arguments, "--mitigation-requested")
    assert (stored["controlled_temporary"], stored["lead_time_seconds"]) == ("KEEP", 600)
    assert (stored["migration_types"], stored["mitigation_requested"]) == (["LIVE", "NONE"], True)
    shown = await openstack.json("policy", "show", "server-1", *project)
    assert "lead_time: SERVER" in shown["sources"]
    (listed,) = await openstack.json("policy", "list", *project)
    assert listed["Server"] == "server-1"
    assert "ETAG_MISMATCH" in await openstack.refused("policy", "set", "server-1", *project, "--etag", "r99")
    await openstack.text("policy", "delete", "server-1", *project)
    assert await openstack.json("policy", "list") == []


async def test_policies_of_groups(openstack: Openstack) -> None:
    project = ["--project", CORE_NETWORK]
    members = [
        "--member",
        "one",
        "--member",
        "two",
        "--max-impacted",
        "1",
        "--max-impacted",
        "2:5",
        "--min-preserved",
        "1",
    ]
    rest = [
        "--recovery-time",
        "5m",
        "--max-per-host",
        "1",
        "--min-size-for-scale-in",
        "2",
        "--member-lead-time",
        "1m",
        "--name",
        "AMF",
    ]
    stored = await openstack.json("policy", "group", "set", "amf", *project, *members, *rest)
    assert stored["members"] == ["one", "two"]
    assert stored["max_impacted"] == ["1 from size 0", "2 from size 5"]
    assert (stored["recovery_time_seconds"], stored["member_policy"]) == (300, ["lead_time_seconds: 60.0"])
    assert await openstack.json("policy", "group", "show", "amf", *project) == stored
    (listed,) = await openstack.json("policy", "group", "list", *project)
    assert (listed["ID"], listed["Name"]) == ("amf", "AMF")
    await openstack.text("policy", "group", "delete", "amf", *project)
    assert "SERVER_GROUP_NOT_FOUND" in await openstack.refused("policy", "group", "show", "amf", *project)


async def test_what_is_stored_and_may_not_be_meant_is_told_beside_the_output(openstack: Openstack) -> None:
    project = ["--project", CORE_NETWORK]
    code, output, errors = await openstack.run("policy", "set", "nobody", *project, "--lead-time", "1m", "-f", "json")
    assert (code, json.loads(output)["server_id"]) == (0, "nobody")
    assert "warning: server_policy.server_id: project" in errors
    members = ["--member", "nobody", "--max-impacted", "1"]
    code, output, errors = await openstack.run("policy", "group", "set", "amf", *project, *members, "-f", "json")
    assert (code, json.loads(output)["members"]) == (0, ["nobody"])
    assert "warning: server_group.member_ids: project" in errors


async def test_what_stands_in_the_way(openstack: Openstack) -> None:
    conflict = await openstack.refused("session", "preview", "--all-hosts", "--for", "1h", "--kind", "retirement")
    assert "there is no plan" in conflict
    unknown = await openstack.refused("session", "create", "--host", "nowhere", *QUICK)
    assert "UNKNOWN_HOST" in unknown
    assert "spec.hosts.names" in unknown
    assert "is not a span" in await openstack.refused(
        "session", "create", "--host", "a", "--for", "long", "--reason", "x"
    )


async def test_help_names_every_command() -> None:
    text = await Openstack().text("--help")
    for command in ("session create", "session report", "host retry", "notification reply", "policy group set"):
        assert command in text
