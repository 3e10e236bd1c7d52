"""The site of a play: hosts of an owner's servers, and room to move them to."""

from dataclasses import dataclass

PROJECT = "11111111111141118111111111111111"
"""The owner whose program is tested."""
SPARES = ["spare-1", "spare-2", "spare-3", "spare-4"]
"""Hosts to move servers to. Each has a server of the tested owner, so that there is something to tell."""
FOREIGN = "22222222222242228222222222222222"
"""Another owner."""

_HEAD = """seed = {seed}

[latencies]
api = {{ min_ms = 1, max_ms = 5 }}
schedule = {{ min_ms = 5, max_ms = 20 }}
live_migrate = {{ min_ms = 50, max_ms = 150 }}
migrate = {{ min_ms = 50, max_ms = 150 }}
confirm_migration = {{ min_ms = 10, max_ms = 30 }}
abort_migration = {{ min_ms = 10, max_ms = 30 }}
stop = {{ min_ms = 20, max_ms = 60 }}
start = {{ min_ms = 20, max_ms = 60 }}

[[projects]]
id = "{project}"
name = "tested"

[[projects]]
id = "{foreign}"
name = "foreign"

[[flavors]]
name = "small"
vcpus = 1
memory_mib = 1024
disk_gib = 1
"""

_HOST = """
[[hosts]]
name = "{name}"
zone = "zone"
vcpus = 64
memory_mib = 65536
disk_gib = 1000
"""

_SERVER = """
[[servers]]
name = "{name}"
project = "{project}"
host = "{host}"
flavor = "small"
"""


@dataclass(frozen=True)
class Site:
    """How large a site is."""

    hosts: int
    """Hosts that sessions take; the spare ones are beside them."""
    servers: int
    """Servers of the tested owner on each."""
    shared: bool = False
    """Another owner has a server on the first of them; else it has one on a host that no session takes."""

    @property
    def names(self) -> list[str]:
        """The hosts with servers, in order."""
        return [f"host-{number}" for number in range(1, self.hosts + 1)]

    def text(self, seed: int) -> str:
        """The topology file."""
        parts = [_HEAD.format(seed=seed, project=PROJECT, foreign=FOREIGN)]
        parts += [_HOST.format(name=name) for name in [*self.names, *SPARES, "alone"]]
        for host in self.names:
            parts += [
                _SERVER.format(name=f"server-{host}-{number}", project="tested", host=host)
                for number in range(1, self.servers + 1)
            ]
        parts += [_SERVER.format(name=f"server-{host}", project="tested", host=host) for host in SPARES]
        foreign = self.names[0] if self.shared else "alone"
        parts.append(_SERVER.format(name="foreign-1", project="foreign", host=foreign))
        return "".join(parts)
