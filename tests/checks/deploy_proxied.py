#!/usr/bin/env python3
"""Two servers with TLS behind an HAProxy that has the service of deploy/openstack/kolla-ansible: a client gets to one that is ready,
and to the other one when that one has gone.

It has to be started in a network namespace of its own, which deploy_kolla.py does.   usage: deploy_proxied.py FOLDER
FOLDER/fermata.cfg: the service, for the servers 127.0.0.2 and 127.0.0.3 and clients of 127.0.0.1
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from deploy_server import LIMIT, PROGRAM, environment, wait

# What Kolla says once for all services.
AROUND = "global\n  maxconn 1000\ndefaults\n  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n"


def certificates(folder: Path) -> None:
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=CA:FALSE", "-addext", "subjectAltName=DNS:localhost"]
    for words in (["-subj", "/CN=a CA", "-keyout", "ca.key", "-out", "ca.pem"],
                  [*signed, "-subj", "/CN=fermata", "-keyout", "server.key", "-out", "server.pem"]):  # fmt: skip
        subprocess.run([*make, *words], cwd=folder, check=True, capture_output=True)


def main() -> None:
    folder = Path(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, env=os.environ | {"PATH": f"/usr/sbin:{os.environ['PATH']}"})
    certificates(folder)
    running = {}
    for address in ("127.0.0.2", "127.0.0.3"):
        options = {"listen": f"{address}:7400", "http-listen": f"{address}:7401", "server-cert": "server.pem", "server-key": "server.key",
                   "cloud": "simulated", "database-url": f"sqlite://{folder}/{address}.db?mode=rwc"}  # fmt: skip
        with (folder / address).open("wb") as log:
            command = [PROGRAM, "serve", *(f"--{name}={value}" for name, value in options.items())]
            running[address] = subprocess.Popen(command, cwd=folder, env=environment(folder), stdout=log, stderr=log)
    (folder / "haproxy.cfg").write_text(AROUND + (folder / "fermata.cfg").read_text())
    subprocess.run(["haproxy", "-c", "-f", "haproxy.cfg"], cwd=folder, check=True)
    with (folder / "haproxy.log").open("wb") as log:
        proxy = subprocess.Popen(["haproxy", "-db", "-f", "haproxy.cfg"], cwd=folder, stdout=log, stderr=log)

    def served_by() -> str:
        """The database of the server that answers; empty if none does."""
        command = [PROGRAM, "--server", "https://localhost:7400", "--tls-ca", "ca.pem", "--timeout", "5s", "version"]
        done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=LIMIT)
        found = re.search(r"database +\S*/(\S+)\.db", done.stdout)
        return found[1] if found else ""

    def logs() -> str:
        return "".join(file.read_text()[-1000:] for file in (folder / "haproxy.log", folder / "127.0.0.2", folder / "127.0.0.3"))

    try:
        first = str(wait(served_by, logs))
        running[first].terminate()
        running[first].wait(LIMIT)
        wait(lambda: served_by() not in {"", first}, logs)
        print(f"HAProxy sent a client to {first}, and to the other one when that one had gone")
    finally:
        for process in (proxy, *running.values()):
            process.terminate()
            process.wait(LIMIT)


if __name__ == "__main__":
    main()
