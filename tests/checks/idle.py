#!/usr/bin/env python3
"""What sessions cost for which nothing is due: each sleeps until something is.   usage: idle.py FERMATA [SESSIONS]

Ticks are counted: more than one for each session in half the shortest pause is a fault. The share of a core is printed beside that of the
same server without a session; it depends on the machine and on what else it does.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LIMIT = 300
# Half of the shortest pause in which nothing is due; that is half of LONGEST_PAUSE in crates/fermata-core/src/desk.rs.
WATCHED_S = 15
TICKS = re.compile(r'^fermata_sessions_steps_total\{[^}]*input="tick"[^}]*\} (\S+)$', re.M)


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def topology(hosts: int) -> str:
    """Hosts with a server each, of ten projects."""
    size = "vcpus = 64\nmemory_mib = 262144\ndisk_gib = 4000"
    text = ["seed = 1", '[[flavors]]\nname = "small"\nvcpus = 1\nmemory_mib = 1024\ndisk_gib = 10']
    text += [f'[[projects]]\nid = "project-{i}"\nname = "project-{i}"' for i in range(10)]
    text += [f'[[hosts]]\nname = "host-{i:04}"\nzone = "nova"\n{size}' for i in range(hosts)]
    text += [f'[[servers]]\nname = "vdu-{i:04}"\nproject = "project-{i % 10}"\nhost = "host-{i:04}"\nflavor = "small"' for i in range(hosts)]
    return "\n".join(text) + "\n"


class Server:
    """A server with a site of so many hosts."""

    def __init__(self, program: Path, folder: Path, hosts: int) -> None:
        (folder / "site.toml").write_text(topology(hosts))
        self.program, self.address, self.pages = program, free_address(), free_address()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("FERMATA_", "OTEL_", "OS_"))}
        command = [program, "serve", "--cloud", "simulated", "--topology", folder / "site.toml", "--log", "warn"]
        command += ["--listen", self.address, "--http-listen", self.pages, "--max-sessions", str(hosts + 1)]
        command += ["--database-url", f"sqlite://{folder}/fermata.db?mode=rwc"]
        self.process = subprocess.Popen(command, env=self.environment)
        self.until("ready", lambda: self.page("/readyz") is not None)

    def until(self, what: str, happens) -> None:
        end = time.monotonic() + LIMIT
        while not happens():
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit(f"not in time: {what}")
            time.sleep(0.2)

    def page(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://{self.pages}{path}", timeout=LIMIT) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def ticks(self) -> float:
        return sum(float(count) for count in TICKS.findall(self.page("/metrics") or ""))

    def create(self, host: int) -> None:
        words = ["session", "create", "--host", f"host-{host:04}", "--for", "72h", "--reason", "idle", "--start-mode", "manual"]
        command = [self.program, "--server", f"http://{self.address}", *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"session create: {done.stderr}")

    def watch(self) -> tuple[float, float]:
        """The share of a core that it takes, and ticks, in the time that is watched."""
        stat = Path(f"/proc/{self.process.pid}/stat")

        def spent() -> int:
            return sum(int(ticks) for ticks in stat.read_text().rsplit(")", 1)[1].split()[11:13])

        ticks, began, before = self.ticks(), time.monotonic(), spent()
        time.sleep(WATCHED_S)
        share = (spent() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - began)
        return share, self.ticks() - ticks

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(LIMIT)


def main() -> int:
    program = Path(sys.argv[1]).resolve()
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, Path(folder), sessions)
        try:
            floor, _ = server.watch()
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(server.create, range(sessions)))
            share, ticks = server.watch()
        finally:
            server.stop()
    print(f"no session          {floor:6.1%} of a core")
    print(f"{sessions:5} idle sessions {share:6.1%} of a core, {ticks:.0f} ticks in {WATCHED_S} s")
    if ticks > sessions:
        print("sessions for which nothing is due are looked at all the time: see `Desk::pause` and `Session::next_due`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
