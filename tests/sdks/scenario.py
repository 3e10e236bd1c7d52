"""What a scenario says, and how it is read from its file."""

import dataclasses
import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdks.maintenance import Terms
from sdks.topology import Site

FILE = Path(__file__).with_name("scenarios.toml")


@dataclass(frozen=True)
class Expected:
    """What the checker wants to see beyond the rules that always hold."""

    interrupted: list[str] = field(default_factory=list)
    """Causes that the journal has, each at least once: else the harm was not felt."""
    codes: list[str] = field(default_factory=list)
    """Codes or reasons of interruptions, one of which the journal has. Empty: any."""
    harm: list[str] = field(default_factory=list)
    """What the proxy did, each at least once."""
    sessions: list[str] = field(default_factory=lambda: ["COMPLETED"])
    """States in which sessions may end."""
    decided_by: list[str] = field(default_factory=lambda: ["OWNER"])
    """Who decided about the servers, each by one of these. Empty: anybody."""
    answers: list[str] = field(default_factory=list)
    """Answers that the journal has with the outcome `accepted`, each at least once."""
    refused: list[str] = field(default_factory=list)
    """Outcomes of replies, one of which the journal has. Empty: any."""
    fallback: str = "never"
    """Whether the fallback answers instead of a handler: `never`, `once` at least, or `maybe`, where there is little time."""
    ended: str = "stopped"
    """Why the program ends."""
    parts: int = 0
    """A snapshot of so many parts was read at least."""
    events: int = 0
    """So many events were read at least."""
    foreign: bool = False
    """Servers of another owner were affected, too."""
    stores: int = 1
    """So many databases were seen."""


@dataclass(frozen=True)
class Scenario:
    """One scenario. It is played once for each language and layer."""

    name: str
    says: str
    steps: list[list[str]]
    layers: list[str] = field(default_factory=lambda: ["owner"])
    behaviour: str = "accept"
    tls: bool = False
    principals: bool = False
    project: str = ""
    """Another project for the program than the tested one."""
    site: Site = field(default_factory=lambda: Site(hosts=1, servers=2))
    terms: Terms = field(default_factory=Terms)
    server: dict[str, str] = field(default_factory=dict)
    """Options of the server."""
    program: dict[str, str] = field(default_factory=dict)
    """Options of the program."""
    expected: Expected = field(default_factory=Expected)


def read(file: Path = FILE) -> list[Scenario]:
    """The scenarios of a file, in its order."""
    with file.open("rb") as opened:
        return [_scenario(table) for table in tomllib.load(opened)["scenario"]]


def _scenario(table: dict[str, Any]) -> Scenario:
    parts: dict[str, Any] = {"site": Site, "terms": Terms, "expected": Expected}
    fields = dict(table)
    fields["steps"] = [shlex.split(step) for step in table["steps"]]
    for name, kind in parts.items():
        if name in fields:
            default = {"site": {"hosts": 1, "servers": 2}}.get(name, {})
            fields[name] = kind(**{**default, **fields[name]})
    return Scenario(**fields)


def longer(scenario: Scenario, factor: int) -> Scenario:
    """The same with more of everything that has a star: events, sessions, seconds of silence."""
    steps = [[_grown(word, factor) for word in step] for step in scenario.steps]
    expected = dataclasses.replace(
        scenario.expected, parts=scenario.expected.parts * factor, events=scenario.expected.events * factor
    )
    held = [int(step[1]) for step in steps if step[0] == "hold"]
    # Each session that is held has a host.
    site = dataclasses.replace(scenario.site, hosts=max([scenario.site.hosts, *held]))
    return dataclasses.replace(scenario, steps=steps, expected=expected, site=site)


def _grown(word: str, factor: int) -> str:
    return str(int(word.removesuffix("*")) * factor) if word.endswith("*") else word
