"""Plays scenarios, each in every language.

run [options]        plays them
run --check DIR      checks once more what was kept of a run
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from sdks import chance, record, scenario
from sdks.checker import check, compare
from sdks.finding import Finding
from sdks.languages import BUILDERS, Program
from sdks.play import Play
from sdks.record import Record
from sdks.scenario import Scenario

Cast = tuple[Scenario, str, Program]
"""A scenario, the layer and the program that play it."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/sdks/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", action="append", choices=sorted(BUILDERS), metavar="LANGUAGE", help="this language; may be repeated"
    )
    parser.add_argument(
        "--scenario", action="append", metavar="NAME", help="this scenario, `random`, or `none`; may be repeated"
    )
    parser.add_argument("--seed", type=int, help="of all chance (default: another one each time)")
    parser.add_argument("--runs", type=int, default=1, help="random scenarios for each language (default 1)")
    parser.add_argument(
        "--longer", type=int, default=1, metavar="FACTOR", help="times the events, parts and seconds that have a star"
    )
    parser.add_argument("--abreast", type=int, default=10, help="plays at a time (default 10: they mostly wait)")
    parser.add_argument("--keep", action="store_true", help="keep journals and logs although nothing was found")
    parser.add_argument("--list", action="store_true", help="only list the scenarios")
    parser.add_argument("--check", type=Path, metavar="DIR", help="only check what was kept")
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    return options


def chosen(options: argparse.Namespace) -> list[Scenario]:
    """The scenarios to be played: those of the file, then random ones."""
    listed = [scenario.longer(one, options.longer) for one in scenario.read()]
    listed += [chance.scenario(options.seed + number) for number in range(options.runs)]
    if not options.scenario:
        return listed
    kept = [one for one in listed if any(one.name == name or one.name.startswith(f"{name}-") for name in options.scenario)]
    if not kept:
        raise SystemExit(f"there is no scenario {' or '.join(options.scenario)}; --list shows all")
    return kept


async def play_all(cast: list[Cast], options: argparse.Namespace, directory: Path) -> list[Record]:
    """Plays all of it, so many at a time."""
    this = asyncio.current_task()
    assert this is not None
    # Whoever ends the run ends what it started.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    turns = asyncio.Semaphore(options.abreast)
    records: list[Record] = []
    began = time.monotonic()

    async def play(one: Scenario, layer: str, program: Program) -> None:
        async with turns:
            place = directory / f"{one.name}-{program.language}-{layer}"
            place.mkdir()
            played = await Play(one, layer, program, place, options.seed).run()
            played.write(place / "record.json")
            records.append(played)
            findings = len(check(played))
            verdict = f"{findings} findings" if findings else "ok"
            print(f"{time.monotonic() - began:6.1f} s  {played.name}: {verdict}", flush=True)

    async with asyncio.TaskGroup() as group:
        for one, layer, program in cast:
            group.create_task(play(one, layer, program))
    return records


def judge(records: Iterable[Record]) -> list[tuple[str, Finding]]:
    """All that is wrong, and where."""
    records = sorted(records, key=lambda one: one.name)
    found = [(one.name, finding) for one in records for finding in check(one)]
    for name, layer in sorted({(one.scenario, one.layer) for one in records}):
        same = [one for one in records if (one.scenario, one.layer) == (name, layer)]
        found += [(f"{name} ({layer})", finding) for finding in compare(same)]
    return found


def report(found: list[tuple[str, Finding]], count: int) -> int:
    """Says what was found. Returns the exit code."""
    for place, finding in found:
        print(f"{place}: {finding}")
    print(f"{count} plays, {len(found)} findings")
    return 1 if found else 0


def main() -> int:
    options = arguments()
    if options.check:
        records = [record.read(file) for file in sorted(options.check.glob("*/record.json"))]
        return report(judge(records), len(records))
    scenarios = chosen(options)
    if options.list:
        for one in scenarios:
            print(f"{one.name:28} {one.says}")
        return 0
    programs = [BUILDERS[language](options.cache) for language in options.only or BUILDERS]
    cast = [(one, layer, program) for one in scenarios for layer in one.layers for program in programs]
    directory = Path(tempfile.mkdtemp(prefix="fermata-sdks-", dir=os.environ.get("TMPDIR", "/var/tmp")))
    print(f"seed {options.seed}, {len(cast)} plays in {directory}", flush=True)
    code = 1
    try:
        records = asyncio.run(play_all(cast, options, directory))
        code = report(judge(records), len(records))
    except asyncio.CancelledError:
        print("cancelled")
    finally:
        if code or options.keep:
            print(f"seed {options.seed}; journals and logs are in {directory}")
        else:
            shutil.rmtree(directory)
    return code


if __name__ == "__main__":
    sys.exit(main())
