"""Tests of what docs/site and docs/generator do with text: python3 -m unittest discover -s tests/checks"""

import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "docs/site"), str(ROOT / "docs/generator")]

from layout import Chain, Group, lines  # noqa: E402
from markdown_for_mkdocs import convert  # noqa: E402


def converted(text: str) -> str:
    return convert(text, lambda shown, target: f"[{shown}](to/{target})")


class MarkdownTest(unittest.TestCase):
    def test_fences(self) -> None:
        self.assertEqual(converted('```sh run server until="x"\n[a](b)\n```\n'), "```sh\n[a](b)\n```\n")
        self.assertEqual(converted("```` ```sh run ```` is run\n"), "```` ```sh run ```` is run\n")

    def test_links(self) -> None:
        self.assertEqual(converted("[a `b`](c) `[d](e)` ![f](g)\n"), "[a `b`](to/c) `[d](e)` ![f](g)\n")

    def test_a_list_after_a_paragraph(self) -> None:
        self.assertEqual(converted("text:\n- one\n- two\n"), "text:\n\n- one\n- two\n")

    def test_a_fence_inside_a_list(self) -> None:
        self.assertEqual(
            converted("1. one\n   ```sh run\n   ls\n   ```\n   more\n2. two\n"),
            "1. one\n\n    ```sh\n    ls\n    ```\n\n    more\n\n2. two\n",
        )

    def test_examples_become_tabs(self) -> None:
        text = "**Get with grpcurl:**\n\n```sh shown: x\na\n```\n\n<details>\n<summary>Go</summary>\n\n```go\nb\n```\n\n</details>\n"
        self.assertEqual(converted(text), '=== "grpcurl"\n\n    ```sh\n    a\n    ```\n\n=== "Go"\n\n    ```go\n    b\n    ```\n')


class LayoutTest(unittest.TestCase):
    long = "x" * 60

    def test_what_fits_stays_on_a_line(self) -> None:
        self.assertEqual(lines(Group("f(", ["a", ("b=", Group("g(", ["1"]))]), "    "), "f(a, b=g(1))")

    def test_parts_on_lines(self) -> None:
        self.assertEqual(lines(Group("f(", [self.long, self.long]), "  "), f"f(\n  {self.long},\n  {self.long},\n)")
        self.assertEqual(lines(Group("f(", [self.long, self.long], last="", tight=True), "  "), f"f(\n  {self.long},\n  {self.long})")
        self.assertEqual(lines(Chain("b", [f".{self.long}", f".{self.long}"]), "  "), f"b\n  .{self.long}\n  .{self.long}")

    def test_the_last_part_is_hugged(self) -> None:
        inner = Group("{", [self.long, self.long], "}")
        self.assertEqual(lines(Group("f(", ["a", inner], hugs=True), "  "), f"f(a, {{\n  {self.long},\n  {self.long},\n}})")

    def test_columns(self) -> None:
        broken = ("Long: ", Group("{", [self.long, self.long], "}"))
        text = lines(Group("{", [("A: ", "1"), ("Bcd: ", "2"), broken, ("E: ", "3")], "}", aligned=True), "\t")
        self.assertEqual(text, f"{{\n\tA:   1,\n\tBcd: 2,\n\tLong: {{\n\t\t{self.long},\n\t\t{self.long},\n\t}},\n\tE: 3,\n}}")


if __name__ == "__main__":
    unittest.main()
