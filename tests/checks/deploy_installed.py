#!/usr/bin/env python3
"""What happens on a machine onto which the Debian package is installed. It runs in a root of its own (deploy_systemd.py makes it),
as root, with a network that leads nowhere, and changes that root.

usage: deploy_installed.py PACKAGE
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

LIMIT = 60
UNIT = "/usr/lib/systemd/system/fermata.service"
# On this scale ten is the best-known unprotected service, and two is what was asked for.
MOST_EXPOSED = 2.0
DATABASE = Path("/var/lib/fermata/fermata.db")
ENVIRONMENT = Path("/etc/fermata/environment")
TOKEN = Path("/root/token")
AUTHORITY = Path("/root/ca.pem")


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def must(condition: object, what: str) -> None:
    if not condition:
        sys.exit(what)


def owner_and_mode(path: str) -> str:
    return run("stat", "--format", "%U:%G %a", path).strip()


def listed(group: str) -> set[str]:
    """The system calls of a group of systemd, and of the groups in it."""
    found = set()
    for line in run("systemd-analyze", "syscall-filter", group).splitlines()[1:]:
        name = line.strip()
        if name.startswith("@"):
            found |= listed(name)
        elif name and not name.startswith("#"):
            found.add(name)
    return found


def allowed() -> set[str]:
    """The system calls that the unit leaves to the service."""
    calls: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)", Path(UNIT).read_text(), re.M):
        groups = set().union(*(listed(group) for group in line.lstrip("~").split()))
        calls = calls - groups if line.startswith("~") else calls | groups
    return calls


def installed() -> None:
    must(owner_and_mode("/etc/fermata/fermata.toml") == "root:fermata 640", owner_and_mode("/etc/fermata/fermata.toml"))
    must(owner_and_mode("/var/lib/fermata") == "fermata:fermata 700", owner_and_mode("/var/lib/fermata"))
    for page in ("man1/fermata.1.gz", "man1/fermata-session-create.1.gz"):
        must(Path("/usr/share/man", page).exists(), f"there is no {page}")
    run("systemd-analyze", "verify", UNIT)
    said = run("systemd-analyze", "security", "--offline=true", UNIT)
    exposure = float(re.search(r"exposure level for fermata.service: ([\d.]+)", said)[1])
    must(exposure <= MOST_EXPOSED, f"the unit is exposed by {exposure}:\n{said}")
    print(f"exposure: {exposure}")


def secured() -> None:
    """What docs/security.md says of a server on a network: a certificate, and a principal with a token."""
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    run(*make, "-subj", "/CN=a CA", "-keyout", "/root/ca.key", "-out", str(AUTHORITY))
    signed = [
        "-CA",
        str(AUTHORITY),
        "-CAkey",
        "/root/ca.key",
        "-addext",
        "basicConstraints=CA:FALSE",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]
    run(*make, *signed, "-subj", "/CN=fermata", "-keyout", "/etc/fermata/server.key", "-out", "/etc/fermata/server.pem")
    TOKEN.write_text(run("fermata", "token", "create", "--principals", "/etc/fermata/principals.toml", "noc", "--role", "operator"))
    for name in ("server.key", "server.pem", "principals.toml"):
        run("chgrp", "fermata", f"/etc/fermata/{name}")
        os.chmod(f"/etc/fermata/{name}", 0o640)
    ENVIRONMENT.write_text(
        "FERMATA_CLOUD=simulated\n"
        "FERMATA_LISTEN=:7400\n"
        "FERMATA_SERVER_CERT=/etc/fermata/server.pem\nFERMATA_SERVER_KEY=/etc/fermata/server.key\n"
        "FERMATA_PRINCIPALS=/etc/fermata/principals.toml\n"
    )
    ENVIRONMENT.chmod(0o600)


def variables() -> dict[str, str]:
    """What systemd gives to the service."""
    unit = Path(UNIT).read_text()
    must(f"EnvironmentFile=-{ENVIRONMENT}" in unit, "the unit does not read the file with variables")
    return dict(re.findall(r"^Environment=(\w+)=(.*)", unit, re.M) + re.findall(r"^(\w+)=(.*)", ENVIRONMENT.read_text(), re.M))


def asks() -> None:
    """An operator, and somebody without a token."""
    client = ["fermata", "--server", "https://localhost:7400", "--tls-ca", str(AUTHORITY)]
    operator = [*client, "--token-file", str(TOKEN)]
    run(*operator, "host", "drain", "compute-b3", "--reason", "new firmware", "--wait", "--within", "55s")
    run(*operator, "host", "release", "compute-b3", "--reason", "done")
    refused = subprocess.run([*client, "host", "list"], capture_output=True, text=True, timeout=LIMIT)
    must(refused.returncode != 0 and "credential" in refused.stderr, f"without a token: {refused.stdout}{refused.stderr}")


def serves() -> None:
    """The service as the unit starts it; its system calls are recorded and compared with the unit's filter."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("/run/manager")
        os.chmod("/run/manager", 0o666)
        manager.settimeout(LIMIT)
        as_service = ["runuser", "-u", "fermata", "--", "env", "-i", "HOME=/var/lib/fermata", "PATH=/usr/bin", "NOTIFY_SOCKET=/run/manager",
                      *(f"{name}={value}" for name, value in variables().items())]  # fmt: skip
        run(*as_service, "/usr/bin/fermata", "serve", "--check")
        must(not DATABASE.exists(), "the check made a database")
        start = re.search(r"^ExecStart=(.*)", Path(UNIT).read_text(), re.M)[1].split()
        calls = "/tmp/calls"
        with open("/tmp/log", "wb") as log:
            service = subprocess.Popen([*as_service, "strace", "-f", "-c", "-o", calls, *start], stdout=log, stderr=log)
        told = manager.recv(4096)
        must(b"READY=1" in told.split(), f"the service does not say that it is ready: {told!r}")
        asks()
        strace = int(run("pgrep", "--oldest", "--exact", "strace").strip())
        server = int(run("pgrep", "--parent", str(strace)).split()[0])
        os.kill(server, signal.SIGTERM)
        must(service.wait(LIMIT) == 0, Path("/tmp/log").read_text())
        must(b"STOPPING=1" in manager.recv(4096), "the service does not say that it stops")
    must(owner_and_mode(str(DATABASE)) == "fermata:fermata 600", owner_and_mode(str(DATABASE)))
    seen = set(re.findall(r"^\s*[\d.]+ .* (\w+)$", Path(calls).read_text(), re.M)) - {"total", "syscall"}
    must(len(seen) > 20, f"only {seen} were recorded")
    must(seen <= allowed(), f"the unit forbids system calls that the service makes: {sorted(seen - allowed())}")
    print(f"{len(seen)} system calls, all of them allowed")


def removed() -> None:
    run("dpkg", "--remove", "fermata")
    must(not Path("/usr/bin/fermata").exists() and not Path(UNIT).exists(), "the program stays")
    must(Path("/etc/fermata/fermata.toml").exists(), "the configuration is gone before it was purged")
    run("dpkg", "--purge", "fermata")
    must(not Path("/etc/fermata/fermata.toml").exists(), "the configuration stays")
    must(ENVIRONMENT.exists(), "what the administrator wrote is gone")
    must(DATABASE.exists(), "the database is gone")


def main() -> None:
    began = time.monotonic()
    run("ip", "link", "set", "lo", "up")
    run("dpkg", "--install", sys.argv[1])
    installed()
    secured()
    serves()
    # Over itself, as an upgrade does.
    run("dpkg", "--install", sys.argv[1])
    removed()
    print(f"installed, served, removed in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
