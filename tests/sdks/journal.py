"""The journals of the programs, one for each life."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Line = dict[str, Any]


@dataclass
class Life:
    """A program from its start to its end."""

    lines: list[Line] = field(default_factory=list)
    ended: str = ""
    """`killed`, or `stopped` if it ended by itself or was told to."""
    code: int | None = None
    """Its exit code. None: it was killed."""


def read(file: Path, may_be_cut: bool = False) -> list[Line]:
    """The lines of a journal. The last one may be cut if the program was killed, or still runs."""
    if not file.exists():
        return []
    found: list[Line] = []
    rows = file.read_bytes().split(b"\n")
    for number, row in enumerate(rows):
        if not row:
            continue
        try:
            found.append(json.loads(row))
        except ValueError:
            if may_be_cut and number == len(rows) - 1:
                break
            found.append({"kind": "unreadable", "text": row.decode(errors="replace")})
    return found
