#!/usr/bin/env python3
"""Debugs a server with grpcurl alone: it knows nothing but reflection, lists and describes every method of the contract
and calls each one for real, through two sessions on the simulated cloud.   usage: grpcurl.py FERMATA GRPCURL
"""

import datetime
import json
import sys
import tempfile
import time

from debugger import LIMIT, Grpcurl, Server

FERMATA, GRPCURL = sys.argv[1:3]
PROJECT = "3f6c1c52a0f44d0c9a4be1d0c6f7a101"  # core-network of the small telco site


class Debugger(Grpcurl):
    """Waits for what takes its time."""

    def judged(self, notification):
        """Waits until a counter-offer is accepted, which it must be."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            found = self.call("NotificationService/GetNotification", notification)["notification"]
            state = found["counterOffer"]["state"]
            if state == "COUNTER_OFFER_STATE_ACCEPTED":
                return found
            if state != "COUNTER_OFFER_STATE_PLANNING":
                break
            time.sleep(0.2)
        sys.exit(f"the offer was not accepted: {json.dumps(found, indent=1)}")

    def until(self, session, wanted):
        """Waits until a session is as wanted."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            found = self.call("SessionService/GetSession", {"session_id": session})["session"]
            hosts = self.call("SessionService/ListSessionHosts", {"session_id": session}).get("hosts", [])
            if wanted(found["status"], hosts):
                found["hosts"] = hosts
                return found
            time.sleep(0.2)
        sys.exit(f"session {session} did not get there: {json.dumps(found, indent=1)}")


def host_is(state):
    return lambda status, hosts: any(h.get("state") == f"SESSION_HOST_STATE_{state}" for h in hosts)


def session_is(state):
    return lambda status, hosts: status["state"] == f"SESSION_STATE_{state}"


def spec(*hosts, **more):
    window = {"end_time": "2099-01-01T00:00:00Z"}
    return {"spec": {"hosts": {"names": hosts}, "window": window, "reason": "new firmware", **more}}


def first_session(curl):
    """One host, kept servers, from announcement to deletion."""
    owner = {"project_id": PROJECT}
    put = {"subscription": {**owner, "id": "vnfm", "display_name": "a VNFM"}, "mode": "PUT_MODE_CREATE_ONLY"}
    curl.call("NotificationService/PutSubscription", put)
    curl.refused("NotificationService/PutSubscription", put, "RESOURCE_EXISTS")
    subscription = {**owner, "subscription_id": "vnfm"}
    curl.call("NotificationService/GetSubscription", subscription)
    curl.call("NotificationService/ListSubscriptions")
    previewed = curl.call("SessionService/PreviewSession", spec("compute-a1"))  # so small that it is one part
    if not previewed["plan"]["waves"]:
        sys.exit(f"no waves: {json.dumps(previewed, indent=1)}")
    made = curl.call("SessionService/CreateSession", spec("compute-a1", drain_reply_period="1s", start_mode="START_MODE_MANUAL"))
    session = {"session_id": made["session"]["id"]}
    curl.refused("SessionService/CreateSession", spec("compute-a1"), "HOST_IN_SESSION")
    curl.call("SessionService/ListSessions")
    curl.call("SessionService/UpdateSession", {**session, "spec": {"reason": "newer firmware"}, "update_mask": {"paths": ["reason"]}})
    curl.snapshot("NotificationService/Subscribe", owner)
    curl.snapshot("NotificationService/Subscribe", {**subscription, "start": {"point": "STREAM_POINT_ACKNOWLEDGED"}})
    policies(curl, owner)
    notification = curl.call("NotificationService/ListNotifications", owner)["notifications"][0]
    named = {**owner, "notification_id": notification["id"]}
    curl.call("NotificationService/GetNotification", named)
    servers = curl.call("NotificationService/ListNotificationServers", {**named, "page_size": 500})["servers"]
    if servers != notification["servers"]:
        sys.exit(f"other servers: {json.dumps(servers, indent=1)}")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    offer = {"counter_offer": {"not_before_time": soon.isoformat()}, "plan_revision": notification["planRevision"]}
    curl.call("NotificationService/Reply", {**named, **offer})
    notification = curl.judged(named)
    answer = {"accept": {"action": "ACTION_KEEP"}, "plan_revision": notification["planRevision"]}
    curl.call("NotificationService/Reply", {**named, **answer})
    curl.call("NotificationService/AcknowledgePosition", {**subscription, "sequence": "1"})
    curl.call("SessionService/StartSession", session)
    curl.until(session["session_id"], host_is("IN_MAINTENANCE"))
    curl.call("SessionService/CompleteHost", {**session, "host": "compute-a1"})
    curl.until(session["session_id"], session_is("COMPLETED"))
    curl.snapshot("SessionService/WatchSession", session)
    curl.call("SessionService/ListSessionServers", {**session, "filter": {"host": "compute-a1"}})
    curl.call("SessionService/ListSessionNotifications", {**session, "filter": {"states": ["NOTIFICATION_STATE_CLOSED"]}})
    curl.call("SessionService/GetSessionReport", session)
    curl.call("SessionService/DeleteSession", session)
    of_session = {"filter": {"resource_name": session["session_id"], "actions": ["AUDIT_ACTION_DELETE_SESSION"]}}
    records = curl.call("AuditService/ListAuditRecords", of_session)["records"]
    if len(records) != 1 or not records[0]["hash"]:
        sys.exit(f"other records: {json.dumps(records, indent=1)}")
    curl.call("NotificationService/DeleteSubscription", subscription)


def policies(curl, owner):
    """What an owner stores for a server and for a group."""
    server = {**owner, "server_id": "a-server"}
    put = {"server_policy": {**server, "policy": {"lead_time": "60s"}}}
    etag = curl.call("PolicyService/PutServerPolicy", put)["serverPolicy"]["etag"]
    curl.call("PolicyService/GetServerPolicy", server)
    curl.call("PolicyService/ListServerPolicies", owner)
    curl.call("PolicyService/DeleteServerPolicy", {**server, "etag": etag})
    curl.refused("PolicyService/GetServerPolicy", server, "POLICY_NOT_FOUND")
    group = {**owner, "server_group_id": "db"}
    curl.call("PolicyService/PutServerGroup", {"server_group": {**owner, "id": "db", "member_ids": ["a-server"]}})
    curl.call("PolicyService/GetServerGroup", group)
    curl.call("PolicyService/ListServerGroups", owner)
    curl.call("PolicyService/DeleteServerGroup", group)


def second_session(curl):
    """Everything that goes another way."""
    hosts = ("compute-a2", "compute-b1")
    made = curl.call("SessionService/CreateSession", spec(*hosts, announce_reply_period="0s", on_failure="ON_FAILURE_CONTINUE"))
    session = {"session_id": made["session"]["id"]}
    found = curl.until(session["session_id"], host_is("DRAINING"))  # once there is a plan
    draining = next(h["host"] for h in found["hosts"] if h["state"] == "SESSION_HOST_STATE_DRAINING")
    waiting = next(h for h in hosts if h != draining)
    curl.call("SessionService/SkipHost", {**session, "host": waiting})
    curl.call("SessionService/PauseSession", session)
    curl.call("SessionService/ResumeSession", session)
    curl.call("SessionService/FailHost", {**session, "host": draining, "reason": "no time today"})
    curl.until(session["session_id"], session_is("FAILED"))
    curl.call("SessionService/RetryHost", {**session, "host": draining})
    curl.call("SessionService/CancelSession", session)
    curl.until(session["session_id"], session_is("CANCELLED"))


def single_host(curl):
    """Doctor's state change request for an empty host."""
    information = curl.call("ServerService/GetServerInfo")["serverInfo"]
    if information["cloudKind"] != "CLOUD_KIND_SIMULATED":
        sys.exit(f"another cloud: {json.dumps(information, indent=1)}")
    named = curl.call("ServerService/ListProjects", {"names": ["ims"]})["projects"]
    if [project["name"] for project in named] != ["ims"]:
        sys.exit(f"other projects: {json.dumps(named, indent=1)}")
    curl.call("HostService/ListHosts")
    curl.call("HostService/GetHost", {"host": "compute-b3"})
    curl.call("HostService/ListHostServers", {"host": "compute-a1"})
    made = curl.call("HostService/RequestHostMaintenance", {"host": "compute-b3", "reason": "a broken fan"})
    curl.until(made["session"]["id"], host_is("IN_MAINTENANCE"))
    curl.snapshot("HostService/WatchHosts")
    curl.call("HostService/ReleaseHost", {"host": "compute-b3"})
    curl.until(made["session"]["id"], session_is("COMPLETED"))
    disabled = curl.call(
        "HostService/SetHostScheduling",
        {"host": "compute-b3", "scheduling": "HOST_SCHEDULING_DISABLED", "reason": "smells of smoke"},
    )
    if disabled["host"]["disabledBy"] != "DISABLED_BY_OPERATOR":
        sys.exit(f"not disabled: {json.dumps(disabled, indent=1)}")
    curl.call("HostService/SetHostScheduling", {"host": "compute-b3", "scheduling": "HOST_SCHEDULING_ENABLED"})


def main():
    with tempfile.TemporaryDirectory() as directory:
        server = Server(FERMATA, directory)
        try:
            curl = Debugger(GRPCURL, server.address)
            curl.ready(server)
            services = [s for s in curl.lines("list") if s.startswith("fermata.")]
            methods = {m for service in services for m in curl.lines("list", service)}
            for method in methods:
                curl.lines("describe", method)
            single_host(curl)
            first_session(curl)
            second_session(curl)
        finally:
            server.stop()
    missing = sorted(methods - curl.called)
    for method in missing:
        print(f"{method} was not called")
    print(f"grpcurl: {len(curl.called)} passed, {len(missing)} failed")
    return 1 if missing or not methods else 0


if __name__ == "__main__":
    sys.exit(main())
