"""What the checkers find."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that must not be."""

    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"
