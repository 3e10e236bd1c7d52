#!/usr/bin/env python3
"""What the shipped program weighs: its size, how soon a server on a new database is ready, and what it keeps in memory when
nothing happens.   usage: footprint.py FERMATA

Too large a file is a fault. Times and memory are printed, and no more: they depend on the machine and on what else it does.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# More than this is a fault; WANTED is where it has to go.
MOST_BYTES = 36_500_000
WANTED_BYTES = 25_000_000
LIMIT = 60
TRIES = 5


def memory(pid: int, name: str) -> float:
    """A line of /proc/PID/status in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1000
    raise ValueError(f"/proc/{pid}/status has no {name}")


def start(program: Path, folder: Path) -> tuple[float, float, float]:
    """Milliseconds until the server is ready; MB it then keeps, in all and of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FERMATA_", "OTEL_", "OS_"))}
    database = f"sqlite://{folder}/fermata.db?mode=rwc"
    command = [str(program), "serve", "--cloud", "simulated", "--listen", "127.0.0.1:0", "--http-listen", "off"]
    began = time.monotonic()
    server = subprocess.Popen([*command, "--database-url", database], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        for line in server.stderr:
            if line.rstrip().endswith("ready"):
                ready = (time.monotonic() - began) * 1000
                break
        else:
            sys.exit("the server ended before it was ready")
        # Idle: it has looked at the cloud and written its lease more than once.
        time.sleep(5)
        return ready, memory(server.pid, "VmRSS"), memory(server.pid, "RssAnon")
    finally:
        server.terminate()
        server.wait(LIMIT)


def main() -> int:
    program = Path(sys.argv[1])
    size = program.stat().st_size
    began = []
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            began.append(start(program, Path(folder)))
    ready, resident, own = (statistics.median(values) for values in zip(*began, strict=True))
    print(f"size              {size / 1e6:6.1f} MB   at most {MOST_BYTES / 1e6:.0f}, wanted at most {WANTED_BYTES / 1e6:.0f}")
    print(f"ready in          {ready:6.0f} ms   wanted at most 100")
    print(f"resident, idle    {resident:6.1f} MB   wanted at most 20; {own:.1f} of it is not of the file")
    if size > MOST_BYTES:
        print(f"{program} is too large: see what made it grow, for example with `cargo tree` and `cargo bloat`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
