"""Puts expressions on lines: on one if it fits, else one line for each part."""

from dataclasses import dataclass, field
from itertools import groupby

WIDTH = 100


@dataclass
class Group:
    """Parts between two brackets. Each one is a text, another group, or a text before one of the two."""

    opening: str
    parts: list["Node"] = field(default_factory=list)
    closing: str = ")"
    space: str = ""
    """Between brackets and parts on one line."""
    last: str = ","
    """After the last part, if each has its line."""
    bare: str = ""
    """A last part that has nothing after it on a line of its own either."""
    hugs: bool = False
    """Only the last part goes over several lines; it begins where it stands."""
    tight: bool = False
    """The closing bracket stands behind the last part."""
    aligned: bool = False
    """The second halves of parts that follow each other and have one line each begin in the same column, as gofmt has it."""


@dataclass
class Chain:
    """Calls on the result of the call before."""

    first: str
    calls: list["Node"]


Node = str | Group | Chain | tuple["Node", ...]


def flat(node: Node) -> str:
    """The expression on one line."""
    match node:
        case str():
            return node
        case tuple():
            return "".join(flat(part) for part in node)
        case Chain(first, calls):
            return first + "".join(flat(call) for call in calls)
        case Group():
            parts = [flat(part) for part in node.parts] + ([node.bare] if node.bare else [])
            inside = ", ".join(parts)
            return f"{node.opening}{node.space if inside else ''}{inside}{node.space if inside else ''}{node.closing}"


def lines(node: Node, unit: str, indent: str = "", before: int = 0, after: int = 0) -> str:
    """The expression, over lines where it has to be. `before` and `after` are the characters that stand on its first and last line."""
    line = flat(node)
    if len(indent.expandtabs(4)) + before + len(line) + after <= WIDTH:
        return line
    deeper = indent + unit
    match node:
        case str():
            return node
        case tuple():
            done = ""
            for place, part in enumerate(node):
                rest = sum(len(flat(later)) for later in node[place + 1 :])
                done += lines(part, unit, indent, before + len(done.rsplit("\n", 1)[-1].strip()), after + rest)
            return done
        case Chain(first, calls):
            return first + "".join(f"\n{deeper}{lines(call, unit, deeper)}" for call in calls)
        case Group(hugs=True):
            *first, last = node.parts
            head = node.opening + "".join(f"{flat(part)}, " for part in first)
            return f"{head}{lines(last, unit, indent, before + len(head), len(node.closing) + after)}{node.closing}"
        case Group():
            return broken(node, unit, indent)


def broken(node: Group, unit: str, indent: str) -> str:
    """Each part on lines of its own."""
    deeper = indent + unit
    written = []
    for place, part in enumerate(node.parts):
        end = "," if place + 1 < len(node.parts) or node.bare else node.last
        written.append(f"{lines(part, unit, deeper, after=len(end))}{end}")
    if node.aligned:
        written = align(node.parts, written)
    if node.bare:
        written.append(node.bare)
    inside = "".join(f"\n{deeper}{part}" for part in written)
    return node.opening + inside + (node.closing if node.tight else f"\n{indent}{node.closing}")


def align(parts: list[Node], written: list[str]) -> list[str]:
    """Pads the first halves of runs of parts that have one line each."""
    done: list[str] = []
    for is_line, run in groupby(zip(parts, written, strict=True), lambda pair: "\n" not in pair[1]):
        pairs = list(run)
        widest = max(len(part[0]) for part, _ in pairs) if is_line else 0
        done += [part[0].ljust(widest) + text.removeprefix(part[0]) for part, text in pairs]
    return done
