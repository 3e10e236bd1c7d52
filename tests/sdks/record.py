"""All that the checker reads of a play. It can be written to a file, and checked once more from there."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdks.journal import Life
from sdks.observer import Store
from sdks.scenario import Expected


@dataclass
class Record:
    """What a program wrote, and what is true."""

    language: str
    scenario: str
    layer: str
    behaviour: str
    seed: int
    expected: Expected
    lives: list[Life] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    """What the server told: a database after the other."""
    outcome: dict[str, Any] = field(default_factory=dict)
    """`sessions` with their servers, `notifications`, the notifications of the `replies` that changed something, and the ids of
    servers of others that were affected, too (`foreign`)."""
    acknowledged: int = 0
    """The position that the server knows in the end."""
    parts: int = 0
    """Of how many parts the largest snapshot was."""
    harm: dict[str, int] = field(default_factory=dict)
    """What the proxy did."""
    trouble: list[str] = field(default_factory=list)
    """What the play itself waited for in vain."""

    @property
    def name(self) -> str:
        """Which play it is."""
        return f"{self.scenario} ({self.language}, {self.layer})"

    def write(self, file: Path) -> None:
        """Writes it as JSON."""
        file.write_text(json.dumps(dataclasses.asdict(self)))


def read(file: Path) -> Record:
    """What `Record.write` has written."""
    fields = json.loads(file.read_text())
    fields["expected"] = Expected(**fields["expected"])
    fields["lives"] = [Life(**life) for life in fields["lives"]]
    fields["stores"] = [Store(**store) for store in fields["stores"]]
    return Record(**fields)
