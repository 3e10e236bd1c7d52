#!/usr/bin/env python3
"""Checks what Fermata is made of, from `cargo metadata`:

- the arrows between its crates (ARCHITECTURE.md), and that the core stays pure;
- one copy of each big crate.

Bans, licenses and sources are cargo-deny's, by `deny.toml`.
"""

import json
import subprocess
import sys

# Who may use whom, besides dev-dependencies.
ARROWS = {
    "fermata-proto": set(),
    "fermata-core": set(),
    "fermata-store": {"fermata-core"},
    "fermata-openstack": {"fermata-core"},
    "fermata-simcloud": {"fermata-core"},
    "fermata-server": {"fermata-core", "fermata-store", "fermata-proto", "fermata-openstack", "fermata-simcloud"},
    "fermata-client": {"fermata-proto"},
    "fermata-cli": {"fermata-core", "fermata-openstack", "fermata-server", "fermata-client", "fermata-proto", "fermata-simcloud"},
    "attack": {"fermata-client", "fermata-proto"},
    "cloud-conformance": {"fermata-core"},
    "cluster-simulation": {"fermata-core", "fermata-simcloud"},
    "fuzzing": set(),
    "session-model": {"fermata-core"},
}
# Neither I/O nor an async runtime nor the wire nor the database.
IMPURE = ["tokio", "tonic", "prost", "sea-orm", "sqlx", "reqwest", "hyper", "rand", "mio"]
SINGLE = ["tonic", "prost", "tokio", "sea-orm", "sqlx", "rustls", "hyper", "axum", "opentelemetry", "opentelemetry_sdk"]


def metadata():
    """The workspace and all that it uses on Linux."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def normal(node):
    """The dependencies that go into what is shipped: no dev-dependencies."""
    return [d["pkg"] for d in node["deps"] if any(k["kind"] != "dev" for k in d["dep_kinds"])]


def reach(nodes, start, follow):
    """Everything that can be reached from a package."""
    seen, todo = set(), [start]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo.extend(follow(nodes[current]))
    return seen


def main():
    data = metadata()
    packages = {p["id"]: p for p in data["packages"]}
    nodes = {n["id"]: n for n in data["resolve"]["nodes"]}
    ours = {packages[i]["name"]: i for i in data["workspace_members"]}
    faults = []

    for name, package in ours.items():
        used = {packages[d]["name"] for d in normal(nodes[package])} & set(ours)
        if name not in ARROWS:
            faults.append(f"{name} is not in ARROWS of tests/checks/dependencies.py: say what it may use")
        for extra in sorted(used - ARROWS.get(name, used)):
            faults.append(f"{name} must not depend on {extra} (ARCHITECTURE.md)")

    core = {packages[p]["name"] for p in reach(nodes, ours["fermata-core"], normal)}
    for name in sorted(core & set(IMPURE)):
        faults.append(f"fermata-core must stay pure, but has {name} in its tree")

    shipped = set().union(*(reach(nodes, p, normal) for p in ours.values()))
    for name in SINGLE:
        versions = sorted({packages[p]["version"] for p in shipped if packages[p]["name"] == name})
        if len(versions) > 1:
            faults.append(f"{name} is there more than once: {', '.join(versions)}")

    for fault in faults:
        print(fault)
    print(f"dependencies: {len(shipped)} packages looked at, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
