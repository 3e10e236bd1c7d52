#!/usr/bin/env python3
"""Check a lab that is up: what an operator and a tenant may see, one live migration, one cold migration.

usage: smoke.py        (LAB names the lab's directory)

Moves two servers of tenant-a; the last line tells whether all went well.
"""

import os
import sys
import time
from pathlib import Path

LAB = Path(os.environ.get("LAB", Path.home() / ".cache/fermata/openstack-lab"))

try:
    import openstack
except ImportError:
    python = LAB / "venv/bin/python"
    if not python.exists():
        sys.exit(f"no lab at {LAB}: run up.sh first")
    os.execv(python, [str(python), *sys.argv])

os.environ["OS_CLIENT_CONFIG_FILE"] = str(LAB / "clouds.yaml")


def cloud(name):
    connection = openstack.connect(cloud=name)
    connection.compute.default_microversion = "2.96"
    return connection


def timed(what, work):
    began = time.monotonic()
    result = work()
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)
    return result


def settle(compute, server_id, status, moved_from=None):
    end = time.monotonic() + 60
    while True:
        server = compute.get_server(server_id)
        if server.status == "ERROR":
            sys.exit(f"{server.name} is in ERROR: {server.fault}")
        if server.status == status and server.task_state is None and server.compute_host != moved_from:
            return server
        if time.monotonic() > end:
            sys.exit(f"{server.name} stays {server.status}, {server.task_state}, on {server.compute_host}")
        time.sleep(0.1)


def main():
    operator = timed("app-admin signs in", lambda: cloud("app-admin"))
    tenant = cloud("app-a")
    compute = operator.compute

    services = timed("os-services", lambda: list(compute.services(binary="nova-compute")))
    print("          ", ", ".join(f"{s.host} {s.status} {s.state}" for s in services))
    everyone = timed("servers of all projects", lambda: list(compute.servers(all_projects=True)))
    own = list(tenant.compute.servers())
    print("          ", ", ".join(f"{s.name} on {s.compute_host}" for s in everyone))
    assert len({s.project_id for s in everyone}) > 1, "app-admin sees the servers of one project only"
    assert len({s.project_id for s in own}) == 1, "app-a sees servers of other projects"
    try:
        list(tenant.compute.services())
        sys.exit("a tenant may list the compute services")
    except openstack.exceptions.ForbiddenException:
        pass

    def live_migrate(server):
        compute.live_migrate_server(server, host=None, block_migration="auto")
        return settle(compute, server.id, "ACTIVE", moved_from=server.compute_host)

    def migrate(server):
        compute.migrate_server(server)
        return settle(compute, server.id, "VERIFY_RESIZE", moved_from=server.compute_host)

    def confirm(server):
        compute.confirm_server_resize(server)
        return settle(compute, server.id, "ACTIVE")

    first, second = sorted((s for s in everyone if s.project_id == own[0].project_id), key=lambda s: s.name)[:2]
    moved = timed(f"live migration of {first.name}", lambda: live_migrate(first))
    print(f"            {first.compute_host} -> {moved.compute_host}")
    moved = timed(f"cold migration of {second.name} to VERIFY_RESIZE", lambda: migrate(second))
    print(f"            {second.compute_host} -> {moved.compute_host}")
    timed("confirmation", lambda: confirm(moved))
    print("all well")


if __name__ == "__main__":
    main()
