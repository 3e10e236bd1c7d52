#!/usr/bin/env python3
"""A site of 1,000 hosts and 20,000 servers, read with grpcurl at a limit of 1 MiB for a message, a quarter of what stock clients
have: every list, every stream, a preview and a session over 900 hosts.   usage: large.py FERMATA GRPCURL
"""

import sys
import tempfile
import time
from pathlib import Path

from debugger import Grpcurl, Server

FERMATA, GRPCURL = sys.argv[1:3]
HOSTS, SERVERS, SPARE = 1000, 20_000, 100
# The first has ninety per cent of all servers.
PROJECTS = {"core": "3f6c1c52a0f44d0c9a4be1d0c6f7a101", "edge": "3f6c1c52a0f44d0c9a4be1d0c6f7a102"}
CORE = {"project_id": PROJECTS["core"]}


def topology():
    """Servers on all hosts but the spare ones, as many on each."""
    text = ["seed = 1"]
    text += [f'[[projects]]\nname = "{name}"\nid = "{number}"' for name, number in PROJECTS.items()]
    size = "vcpus = 64\nmemory_mib = 262144\ndisk_gib = 4000"
    text += [f'[[hosts]]\nname = "host-{i:04}"\nzone = "nova"\n{size}' for i in range(HOSTS)]
    text += ['[[flavors]]\nname = "small"\nvcpus = 1\nmemory_mib = 1024\ndisk_gib = 10']
    for i in range(SERVERS):
        project = "edge" if i % 10 == 9 else "core"
        host = i % (HOSTS - SPARE)
        text.append(f'[[servers]]\nname = "vdu-{i:05}"\nproject = "{project}"\nhost = "host-{host:04}"\nflavor = "small"')
    return "\n".join(text) + "\n"


def pages(curl, method, request, name):
    """All entries of a list, page by page."""
    found, token = [], ""
    while True:
        answer = curl.call(method, {**request, "page_size": 1000, "page_token": token})
        found += answer.get(name, [])
        token = answer.get("nextPageToken", "")
        if not token:
            return found


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found}, not {wanted}")
    print(f"{what}: {found}")


def whole(curl, what, method, request=None, **wanted):
    """A snapshot in parts that count from 1, with as many entries as there are."""
    parts = curl.snapshot(method, request)
    same(f"parts of {what} in order", [part["part"] for part in parts], list(range(1, len(parts) + 1)))
    for name, count in wanted.items():
        same(f"{name} in the snapshot of {what}", sum(len(part.get(name, [])) for part in parts), count)


def until(curl, session, what, wanted):
    """Waits until a session is as wanted; without its hosts, it is small."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        status = curl.call("SessionService/GetSession", {"session_id": session, "view": "SESSION_VIEW_BASIC"})["session"]["status"]
        if wanted(status):
            return status
        time.sleep(0.2)
    sys.exit(f"{what} was waited for in vain: {status}")


def main():
    with tempfile.TemporaryDirectory() as directory:
        site = Path(directory, "site.toml")
        site.write_text(topology())
        server = Server(FERMATA, directory, "--topology", site)
        try:
            curl = Grpcurl(GRPCURL, server.address, "-max-msg-sz", str(1 << 20))
            curl.ready(server)
            look(curl)
        finally:
            server.stop()


def look(curl):
    names = [f"host-{i:04}" for i in range(HOSTS - SPARE)]
    spec = {"spec": {"hosts": {"names": names}, "window": {"end_time": "2099-01-01T00:00:00Z"}, "reason": "new firmware"}}
    same("hosts", len(pages(curl, "HostService/ListHosts", {}, "hosts")), HOSTS)
    whole(curl, "hosts", "HostService/WatchHosts", hosts=HOSTS)
    pieces = list(curl.messages("SessionService/PreviewSession", spec))
    print(f"pieces of the preview: {len(pieces)}")
    spec["spec"]["start_mode"] = "START_MODE_MANUAL"
    of_owner, _ = now(curl, "NotificationService/Subscribe", CORE)
    made = curl.call("SessionService/CreateSession", spec)["session"]
    session = {"session_id": made["id"]}
    of_session, _ = now(curl, "SessionService/WatchSession", session)
    until(curl, made["id"], "what is announced to the owners", lambda status: status["stateCause"] == "SESSION_STATE_CAUSE_ANNOUNCED")
    same("hosts of the session", len(pages(curl, "SessionService/ListSessionHosts", session, "hosts")), HOSTS - SPARE)
    same("servers of the session", len(pages(curl, "SessionService/ListSessionServers", session, "servers")), SERVERS)
    whole(curl, "the session", "SessionService/WatchSession", session, hosts=HOSTS - SPARE)
    whole(curl, "the owner's affairs", "NotificationService/Subscribe", CORE, servers=SERVERS * 9 // 10, notifications=1)
    notification = curl.call("NotificationService/ListNotifications", CORE)["notifications"][0]
    named = {**CORE, "notification_id": notification["id"]}
    servers = pages(curl, "NotificationService/ListNotificationServers", named, "servers")
    same("servers of the notification", len(servers), SERVERS * 9 // 10)
    curl.call("SessionService/ListSessions", {"view": "SESSION_VIEW_FULL"})
    curl.call("SessionService/GetSession", session)
    report(curl, session)
    for project in PROJECTS.values():
        accept(curl, {"project_id": project})
    curl.call("SessionService/StartSession", session)
    begun = {**session, "filter": {"states": ["SESSION_HOST_STATE_IN_MAINTENANCE"]}}
    until(curl, made["id"], "the first host", lambda _: curl.call("SessionService/ListSessionHosts", begun).get("hosts"))
    events(curl, "the owner", "NotificationService/Subscribe", CORE, of_owner)
    events(curl, "the session", "SessionService/WatchSession", session, of_session)


def accept(curl, owner):
    """Its servers stay where they are."""
    notification = curl.call("NotificationService/ListNotifications", owner)["notifications"][0]
    answer = {"accept": {"action": "ACTION_KEEP"}, "plan_revision": notification["planRevision"]}
    curl.call("NotificationService/Reply", {**owner, "notification_id": notification["id"], **answer})


def report(curl, session):
    """A page may end inside a host, which then goes on in the next one."""
    hosts, servers, token = set(), 0, ""
    while True:
        answer = curl.call("SessionService/GetSessionReport", {**session, "page_size": 500, "page_token": token})
        for host in answer["report"]["hosts"]:
            hosts.add(host["host"]["host"])
            servers += len(host.get("servers", []))
        token = answer.get("nextPageToken", "")
        if not token:
            break
    same("hosts of the report", len(hosts), HOSTS - SPARE)
    same("servers of the report", servers, SERVERS)


def now(curl, method, request):
    """Where a stream stands: the token of its first heartbeat, and the number of the last event."""
    first = next(curl.messages(method, {**request, "start": {"point": "STREAM_POINT_NOW"}}))
    return first["resumeToken"], int(first.get("sequence", 0))


def events(curl, what, method, request, token):
    """Every event since a token; each has to fit as well."""
    _, last = now(curl, method, request)
    numbers = []
    for message in curl.messages(method, {**request, "start": {"resume_token": token}}):
        numbers.append(int(message["sequence"]))
        if numbers[-1] >= last:
            break
    same(f"events of {what}", len(numbers), last - numbers[0] + 1)


if __name__ == "__main__":
    main()
