#!/usr/bin/env python3
"""The state diagrams of docs/concepts.md are what the state machine does.

usage: states.py                      the diagrams against the code
       states.py FERMATA GRPCURL      the same, and every change of a state that a server logs while the examples of docs/reference
                                      run on it is in the diagrams

The machine has no table of transitions: rules set states where they apply. states.toml has an entry for each place in
crates/fermata-core that sets a state, with the states from which it is reached. This check finds the places in the code and fails if
they are others than those: whoever writes a rule that sets a state says there what it leads from, and draws it.
"""

import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "crates/fermata-core/src/machine"
TABLE = Path(__file__).with_name("states.toml")
DIAGRAMS = ROOT / "docs/concepts.md"
# What sets a state of each kind. The group is what it is set to: a state, or an expression that gives one.
SETS = {
    "session": [r"set_session\(\s*([\w:]+)", r"\bself\.end\(\s*([\w:]+)", r"\bstate: (SessionState::\w+)"],
    "host": [r"set_host\(\s*&?\w+,\s*([\w:.]+)", r"\bstate: (SessionHostState::\w+)"],
    "server": [r"\bs\.state =\s+(ServerState::\w+|if [^;]+)", r"\bstate: (ServerState::\w+)"],
    "notification": [r"\.state = (NotificationState::\w+|state);", r"\bstate: (NotificationState::\w+)"],
}
FUNCTION = re.compile(r"\bfn (\w+)")
START = "[*]"

Edges = set[tuple[str, str]]


def places(kind: str) -> Counter[str]:
    """The places that set a state of this kind, as `FILE FUNCTION EXPRESSION`."""
    found: Counter[str] = Counter()
    for file in [CORE.with_suffix(".rs"), *sorted(CORE.rglob("*.rs"))]:
        if file.name == "tests.rs":
            continue
        text = re.sub(r"//.*", "", file.read_text())
        seen = set()
        for pattern in SETS[kind]:
            for match in re.finditer(pattern, text):
                function = FUNCTION.findall(text[: match.start()])[-1]
                # A function that is declared, not called.
                if match.start() in seen or text[: match.start()].endswith("fn ") or function == f"set_{kind}":
                    continue
                seen.add(match.start())
                name = file.relative_to(CORE.parent).as_posix().removeprefix("machine/")
                found[f"{name} {function} {' '.join(match[1].split())}"] += 1
    return found


def expected(kind: str, table: dict) -> tuple[Counter[str], Edges]:
    """The places of the table, and the edges that they make."""
    wanted: Counter[str] = Counter()
    edges: Edges = set()
    for place in table[kind]:
        wanted[place["at"]] += place.get("times", 1)
        edges |= {(start, end) for start in place["from"] for end in place["to"] if start != end}
    return wanted, edges


def diagram(kind: str) -> Edges:
    """The edges that are drawn, in one diagram or several."""
    found = re.findall(rf"<!-- states: {kind} -->\n+```mermaid\n(.*?)```", DIAGRAMS.read_text(), re.DOTALL)
    if not found:
        sys.exit(f"{DIAGRAMS.name} has no diagram after <!-- states: {kind} -->")
    pairs = [pair for text in found for pair in re.findall(r"^ *(\[\*\]|\w+) --> (\[\*\]|\w+)", text, re.MULTILINE)]
    return {(start, end) for start, end in pairs if end != START}


def enum(kind: str) -> set[str]:
    """The states of the contract."""
    name = {"session": "SessionState", "host": "SessionHostState", "server": "ServerState", "notification": "NotificationState"}[kind]
    prefix = re.sub(r"(?<!^)([A-Z])", r"_\1", name).upper() + "_"
    text = "\n".join(path.read_text() for path in sorted((ROOT / "proto/fermata/v1").glob("*.proto")))
    body = re.search(rf"^enum {name} {{\n(.*?)^}}", text, re.DOTALL | re.MULTILINE)
    return set(re.findall(rf"^  {prefix}(\w+) = [1-9]", body[1], re.MULTILINE))


def against_code() -> list[str]:
    """What is wrong with the diagrams."""
    import tomllib  # Python 3.11; the tests of this module are content with an older one.

    return compare(tomllib.loads(TABLE.read_text()))


def compare(table: dict) -> list[str]:
    """What is wrong with the diagrams, or with this table."""
    faults = []
    for kind in SETS:
        there, (wanted, edges) = places(kind), expected(kind, table)
        faults += [f"{kind}: {place} sets a state; {TABLE.name} has no entry" for place in (there - wanted)]
        faults += [f"{kind}: {TABLE.name} has {place}, which is not in the code" for place in (wanted - there)]
        drawn = diagram(kind)
        faults += [f"{kind}: {start} --> {end} is not drawn" for start, end in sorted(edges - drawn)]
        faults += [f"{kind}: {start} --> {end} is drawn, and no code does it" for start, end in sorted(drawn - edges)]
        states = {state for edge in drawn for state in edge} - {START}
        if states != enum(kind):
            faults.append(f"{kind}: the diagram has other states than the contract: {sorted(states ^ enum(kind))}")
    return faults


def observed(fermata: str, grpcurl: str) -> dict[str, Edges]:
    """What a server logs while the examples run."""
    from reference_calls import run_examples

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        run_examples(ROOT / "docs/reference", fermata, grpcurl, log)
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return edges_of(lines)


def edges_of(lines: list[dict]) -> dict[str, Edges]:
    """The changes of states in lines of a log."""
    edges: dict[str, Edges] = {"session": set(), "host": set(), "server": set()}
    servers: dict[tuple[str, str, str], str] = {}
    for line in lines:
        said = line.get("fields", line)
        match said.get("message"):
            case "session state" | "host state" as what:
                edges[what.split()[0]].add((said["from"], said["state"]))
            case "server state" | "server action failed":
                key = (said["session_id"], said["host"], said["server_id"])
                edges["server"].add((servers.get(key, "AFFECTED"), said["state"]))
                servers[key] = said["state"]
    return edges


def is_drawn(kind: str, drawn: Edges, start: str, end: str) -> bool:
    """Whether a change is drawn. What is logged of a server is its state after a step, which may lead over AFFECTED."""
    over = kind == "server" and {(start, "AFFECTED"), ("AFFECTED", end)} <= drawn
    return (start, end) in drawn or over


def main() -> None:
    faults = against_code()
    for kind, edges in (observed(*sys.argv[1:3]) if len(sys.argv) == 3 else {}).items():
        changes, drawn = {edge for edge in edges if edge[0] != edge[1]}, diagram(kind)
        unknown = sorted(edge for edge in changes if not is_drawn(kind, drawn, *edge))
        faults += [f"{kind}: {start} --> {end} happened, which is not drawn" for start, end in unknown]
        print(f"{kind}: {len(changes & drawn)} of {len(drawn)} edges were seen")
    if faults:
        sys.exit("\n".join(faults))
    print("the diagrams are what the state machine does")


if __name__ == "__main__":
    main()
