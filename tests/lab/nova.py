"""The lab as its administrator sees it: servers, hosts and migrations by Nova's own API, and faults.

Nothing here goes through Fermata: it is what Fermata's doings are checked against.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import openstack
from openstack.compute.v2.migration import Migration
from openstack.compute.v2.server import Server
from openstack.compute.v2.service import Service

from waiting import until

LAB = Path(os.environ["LAB"])
CLOUDS_FILE = LAB / "clouds.yaml"
SEED = Path(__file__).resolve().parents[2] / "deploy/openstack-lab/seed.py"

# The name of a server tells whose it is: alpha-1 belongs to tenant-a. The names are such that none of them
# turns up in an identifier by chance.
TENANTS = {"alpha": ("tenant-a", "admin-a", "net-a"), "bravo": ("tenant-b", "admin-b", "net-b")}


def connect(cloud: str) -> openstack.connection.Connection:
    config = openstack.config.OpenStackConfig(config_files=[str(CLOUDS_FILE)], load_envvars=False)
    connection = openstack.connection.Connection(config=config.get_one(cloud=cloud))
    # "host" of a new server needs 2.74.
    connection.compute.default_microversion = "2.96"
    return connection


def reset() -> None:
    """No servers, no faults, all hosts enabled and up."""
    # With the lab's own Python: the script needs packages that only the lab has.
    subprocess.run([LAB / "venv/bin/python", SEED, "reset"], check=True, timeout=90)


class Done(NamedTuple):
    """What Nova did with a server, and when, by its own records. They are cut to whole seconds: the time between two
    of them is less than a second off."""

    what: str
    began: datetime
    ended: datetime


class Nova:
    """The lab's Nova."""

    def __init__(self) -> None:
        self.admin = connect("admin")
        self.compute = self.admin.compute
        self.inside = {name: connect(cloud) for name, (_, cloud, _) in TENANTS.items()}
        projects = {p.name: p.id for p in self.admin.identity.projects()}
        self.project = {name: projects[project] for name, (project, _, _) in TENANTS.items()}
        self.flavor = self.compute.find_flavor("m1.tiny", ignore_missing=False).id
        self.image = next(self.admin.image.images(name="tiny")).id
        self.network = {
            name: self.inside[name].network.find_network(network, ignore_missing=False).id
            for name, (_, _, network) in TENANTS.items()
        }

    # ---- servers

    def boot(
        self,
        wanted: dict[str, str],
        metadata: Mapping[str, dict[str, str]] | None = None,
        server_group: str | None = None,
    ) -> dict[str, str]:
        """Boots servers, given as {name: host}, and gives their ids when all are ACTIVE."""

        def create(name: str) -> str:
            return self._boot(name, wanted[name], (metadata or {}).get(name, {}), server_group)

        with ThreadPoolExecutor(8) as pool:
            ids = dict(zip(wanted, pool.map(create, wanted), strict=True))
        until("all servers to be ACTIVE", lambda: set(self.statuses().values()) == {"ACTIVE"}, pause=0.3)
        assert {name: self.host_of(i) for name, i in ids.items()} == wanted
        return ids

    def _boot(self, name: str, host: str, metadata: dict[str, str], server_group: str | None) -> str:
        tenant = name.split("-")[0]
        server = self.inside[tenant].compute.create_server(
            name=name,
            flavor_id=self.flavor,
            image_id=self.image,
            networks=[{"uuid": self.network[tenant]}],
            host=host,
            metadata=metadata,
            scheduler_hints={"group": server_group} if server_group else {},
        )
        return server.id

    def anti_affinity_group(self, tenant: str) -> str:
        """A new server group of a tenant, for `boot`."""
        group = self.inside[tenant].compute.create_server_group(name=f"{tenant}-apart", policy="anti-affinity")
        return group.id

    def server(self, server_id: str) -> Server:
        return self.compute.get_server(server_id)

    def host_of(self, server_id: str) -> str:
        return self.server(server_id).compute_host

    def hosts_of(self) -> dict[str, str]:
        """{name: host} of every server of every project."""
        return {s.name: s.compute_host for s in self.compute.servers(all_projects=True)}

    def statuses(self) -> dict[str, str]:
        """{name: status} of every server of every project."""
        return {s.name: s.status for s in self.compute.servers(all_projects=True)}

    def servers_on(self, host: str) -> set[str]:
        """The names of the servers on a host."""
        return {s.name for s in self.compute.servers(all_projects=True) if s.compute_host == host}

    # ---- hosts

    def service(self, host: str) -> Service:
        return next(self.compute.services(host=host, binary="nova-compute"))

    def force_down(self, host: str, forced: bool) -> None:
        """Makes Nova believe at once that a host's compute service is down, or no longer."""
        service = self.service(host)
        self.compute.update_service_forced_down(service, host, "nova-compute", forced)

    def assert_disabled_for(self, host: str, session_id: str) -> None:
        service = self.service(host)
        assert service.status == "disabled" and session_id in service.disabled_reason, service

    def assert_in_service(self, host: str) -> None:
        service = self.service(host)
        assert (service.status, service.state) == ("enabled", "up"), service
        assert not service.disabled_reason, service

    # ---- migrations

    def migrations(self, server_id: str) -> list[Migration]:
        """The migrations of a server, oldest first."""
        return sorted(self.compute.migrations(instance_uuid=server_id), key=lambda m: m.id)

    def migration_types(self, server_id: str) -> list[str]:
        return [m.migration_type for m in self.migrations(server_id)]

    def migration_statuses(self, server_id: str) -> list[str]:
        return [m.status for m in self.migrations(server_id)]

    def moves(self, server_id: str) -> list[Done]:
        """The moves of a server, from when Nova was asked to when it called the migration completed or confirmed."""
        asked = [a for a in self.actions(server_id) if a.what in ("live-migration", "migrate")]
        migrations = zip(asked, self.migrations(server_id), strict=True)
        return [Done(m.migration_type, a.began, moment(m.updated_at)) for a, m in migrations]

    def actions(self, server_id: str) -> list[Done]:
        """What Nova was asked to do with a server since it is there, oldest first."""
        url = f"/servers/{server_id}/os-instance-actions"
        newest_first = self.compute.get(url, microversion="2.58").json()["instanceActions"]
        done = [Done(a["action"], moment(a["start_time"]), moment(a["updated_at"])) for a in reversed(newest_first)]
        return [action for action in done if action.what != "create"]

    # ---- faults (deploy/openstack-lab/README.md, "Faults")

    def fault(self, host: str, **operations: dict[str, Any]) -> None:
        """From now on these operations on the host are delayed or fail."""
        new = LAB / f"ctl/{host}.json.new"
        new.write_text(json.dumps(operations))
        new.rename(LAB / f"ctl/{host}.json")

    def end_fault(self, host: str) -> None:
        (LAB / f"ctl/{host}.json").unlink()


def moment(text: str) -> datetime:
    """Nova's times are UTC and do not say so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
