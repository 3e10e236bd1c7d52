"""Installs what is missing and runs the tests; CONTRIBUTING.md says what runs where.

    tests/run           everything, the OpenStack lab and real kills included
    tests/run quick     without those two; so does FERMATA_LAB=0
    tests/nightly       everything, and the long sweeps
    … --keep-going      does not stop at the first failure

DATABASE_URL names a PostgreSQL server for the tests; without it a private one is started, and stopped at the end. With
CI=true nothing may be left out. Tools and caches are kept under $FERMATA_CACHE (default ~/.cache/fermata).
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import tools
from runner import Context, Runner, say
from steps import steps, target
from times import Times

ROOT = Path(__file__).resolve().parents[2]


def mode_asked(words: list[str]) -> str:
    mode = words[0] if words else "all"
    if mode not in ("all", "quick", "nightly") or len(words) > 1:
        sys.exit("usage: tests/run [quick] [--keep-going]")
    if os.environ.get("FERMATA_LAB", "1") == "0":
        mode = "quick"
    if os.environ.get("CI") == "true" and mode == "quick":
        sys.exit("with CI=true nothing is left out")
    return mode


def stopped(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def main() -> int:
    tools.least_python()
    keep_going = "--keep-going" in sys.argv
    mode = mode_asked([word for word in sys.argv[1:] if word != "--keep-going"])
    cache = Path(os.environ.get("FERMATA_CACHE", Path.home() / ".cache/fermata"))
    context = Context(ROOT, cache, {"PYTHONDONTWRITEBYTECODE": "1", "FERMATA_CACHE": str(cache)})
    signal.signal(signal.SIGTERM, stopped)
    try:
        tools.prepare(context, say)
    except tools.Missing as missing:
        say(f"{missing}\n0 passed, 1 failed")
        return 1
    is_up = subprocess.run([ROOT / "tests/postgres/ctl", "status"], capture_output=True).returncode == 0
    times = Times(ROOT, target(context))
    times.give_back()
    runner = Runner(steps(context, mode), context, max(2, os.cpu_count() or 2), say, keep_going)
    try:
        passed = runner.run()
    except KeyboardInterrupt as interrupt:
        runner.interrupt(str(interrupt) or "interrupted")
        passed = False
    finally:
        times.keep()
        if not os.environ.get("DATABASE_URL") and not is_up:
            subprocess.run([ROOT / "tests/postgres/down"], capture_output=True)
    runner.report()
    left_out = f", {len(context.left_out)} skipped" if context.left_out else ""
    say(f"{len(runner.passed)} passed, {len(runner.failed)} failed{left_out}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
