"""What arguments mean: spans, times, and names of enums."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd])")

SPAN = "a span such as 30s, 10m or 1h30m"
TIME = "a time such as 2030-01-01T02:00:00Z, or +2h from now"


def span(text: str) -> timedelta:
    """Reads `30s`, `10m`, `1h30m`, `2d`."""
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise argparse.ArgumentTypeError(f"{text!r} is not {SPAN}")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def moment(text: str) -> datetime:
    """Reads `2030-01-01T02:00:00Z` and `+2h`. Without a time zone it is UTC."""
    if text.startswith("+"):
        return datetime.now(timezone.utc) + span(text[1:])
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not {TIME}") from None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


class Words:
    """The values of an enum as words on the command line: `live-migrate` is ACTION_LIVE_MIGRATE."""

    def __init__(self, enum: Any, prefix: str) -> None:
        """`enum` is a generated one, such as `types_pb2.Action`; `prefix` is what the names of its values begin with."""
        self._enum, self._prefix = enum, prefix

    def __iter__(self) -> Any:
        names = [name.removeprefix(self._prefix) for name in self._enum.keys() if not name.endswith("_UNSPECIFIED")]  # noqa: SIM118
        return iter(name.lower().replace("_", "-") for name in names)

    def value(self, word: str) -> Any:
        """Reads a word, in any case."""
        try:
            return self._enum.Value(self._prefix + word.upper().replace("-", "_"))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(self)}") from None

    def name(self, value: int) -> str:
        """The value as the contract calls it, without its prefix. Empty: not set. A number: this version does not know it."""
        if value not in self._enum.values():
            return str(value)
        name = self._enum.Name(value).removeprefix(self._prefix)
        return "" if name == "UNSPECIFIED" else name


def pair(word: Callable[[str], Any]) -> Callable[[str], tuple[str, Any]]:
    """Reads `NAME=VALUE`."""

    def read(text: str) -> tuple[str, Any]:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
        return name, word(value)

    return read


def add_words(parser: Any, flag: str, words: Words, help: str, *, many: bool = False, **options: Any) -> None:
    """An option whose value is a word of an enum."""
    parser.add_argument(
        flag,
        type=words.value,
        metavar="<" + flag.strip("-") + ">",
        action="append" if many else "store",
        help=f"{help} ({', '.join(words)})" + ("; may be repeated" if many else ""),
        **options,
    )


def add_project(parser: Any) -> None:
    """The option that names an owner."""
    parser.add_argument("--project", metavar="<project-id>", help="The owner's project (default: that of your session)")


def add_limit(parser: Any) -> None:
    """The option that bounds a list."""
    parser.add_argument("--limit", type=int, metavar="<number>", help="Show so many at most (default: all)")


async def every(method: Callable[[Any], Any], request: Any, field: str, limit: int | None = None) -> Sequence[Any]:
    """All entries of a list, page by page."""
    found: list[Any] = []
    while True:
        page = await method(request)
        found.extend(getattr(page, field))
        if limit is not None and len(found) >= limit:
            return found[:limit]
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token
