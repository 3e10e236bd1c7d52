"""Turns Markdown as GitHub reads it into Markdown as Python-Markdown reads it."""

import re
from collections.abc import Callable, Iterator

FENCE = re.compile(r"^( *)(`{3,})\s*(\w*)([^`]*)$")
ITEM = re.compile(r"^( *)([-*]|\d+\.) +")
LINK = re.compile(r"(`[^`]*`)|(?<!!)\[((?:[^\[\]`]|`[^`]*`)+)\]\(([^)\s]+)\)")
DETAILS = re.compile(r"<details>\n<summary>([^<]+)</summary>\n\n(.*?)\n\n</details>\n?", re.DOTALL)
GRPCURL = re.compile(r"\*\*\w+ with grpcurl:\*\*\n\n(```.*?\n```)\n", re.DOTALL)


def convert(markdown: str, link: Callable[[str, str], str]) -> str:
    """The whole text. `link` makes the link for a text and a target."""
    return tabs("\n".join(lines(markdown, link)) + "\n")


def lines(markdown: str, link: Callable[[str, str], str]) -> Iterator[str]:
    """Line by line: fences, lists, links."""
    fence = before = ""
    shift = 0
    listed = loose = False
    for line in markdown.splitlines():
        found = FENCE.match(line)
        if fence:
            yield " " * shift + line if line else line
            if found and found[2].startswith(fence) and not found[3] and not found[4]:
                fence, line = "", ""
                if shift:
                    yield ""
        elif found:
            fence = found[2]
            # Inside of an item, Python-Markdown wants it four columns in, and an empty line around it and between the items.
            shift = 4 - len(found[1]) if found[1] and listed else 0
            if shift and before.strip():
                yield ""
            loose = loose or shift > 0
            yield f"{' ' * shift}{found[1]}{fence}{found[3]}"
        else:
            item, indent = ITEM.match(line), len(line) - len(line.lstrip(" "))
            if line.strip() and not item and not indent:
                listed = loose = False
            if item and not indent and before.strip() and (not listed or loose):
                yield ""
            listed = listed or item is not None
            if listed and 0 < indent < 4:
                line = "    " + line.lstrip(" ")
            yield LINK.sub(lambda one: one[1] or link(one[2], one[3]), line)
        before = line


def tabs(markdown: str) -> str:
    """The examples of a method as tabs; one that is chosen is chosen on every page."""

    def tab(name: str, inside: str) -> str:
        return f'=== "{name}"\n\n' + "\n".join(f"    {line}" if line else "" for line in inside.splitlines()) + "\n"

    markdown = DETAILS.sub(lambda found: tab(found[1], found[2]), markdown)
    return GRPCURL.sub(lambda found: tab("grpcurl", found[1]), markdown)
