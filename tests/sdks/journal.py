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
    """`killed`, `stopped` as it was told to, or `by itself`."""
    code: int | None = None
    """Its exit code. None: it was killed."""


class Tail:
    """A journal that still grows: each line is parsed once, when it is whole."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0
        self._lines: list[Line] = []

    def lines(self) -> list[Line]:
        """All lines up to now."""
        if self._file.exists():
            with self._file.open("rb") as file:
                file.seek(self._read)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._read += len(whole) + len(newline)
            self._lines += [_parsed(row) for row in whole.split(b"\n") if row]
        return self._lines


def read(file: Path, was_killed: bool = False) -> list[Line]:
    """The lines of a journal that is over. The last one may be cut if its program was killed."""
    if not file.exists():
        return []
    rows = file.read_bytes().split(b"\n")
    if was_killed:
        del rows[-1]
    return [_parsed(row) for row in rows if row]


def _parsed(row: bytes) -> Line:
    try:
        line = json.loads(row)
    except ValueError:
        line = None
    return line if isinstance(line, dict) else {"kind": "unreadable", "text": row.decode(errors="replace")}
