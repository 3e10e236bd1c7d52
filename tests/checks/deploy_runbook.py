#!/usr/bin/env python3
"""Checks docs/runbook: each alert has its page and each page its place in the list; commands of Fermata exist as they are written,
also those that are only shown; metrics, options and links are there.   usage: deploy_runbook.py

tests/checks/docs.py runs the commands that can be run.
"""

import functools
import itertools
import re
import shlex
import subprocess
import unittest
from pathlib import Path

import yaml

from deploy_server import PROGRAM, ROOT, Check
from docs import blocks

RUNBOOK = ROOT / "docs/runbook"
PAGES = sorted(RUNBOOK.glob("*.md"))
# Pages whose commands have to be there, beside the runbook.
DOCUMENTS = [*PAGES, ROOT / "docs/deployment.md"]
ALERT = re.compile(r"\bFermata[A-Z]\w+")


@functools.cache
def options(*words: str) -> frozenset[str] | None:
    """The options of a command of Fermata; None if there is no such command."""
    done = subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, timeout=60)
    return frozenset(re.findall(r"(?<![\w-])--?[a-z][\w-]*", done.stdout)) if done.returncode == 0 else None


@functools.cache
def commands(*words: str) -> frozenset[str]:
    """The commands below a command."""
    text = subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, timeout=60).stdout
    section = re.search(r"^Commands:\n(.*?)\n\n", text, re.M | re.S)
    return frozenset(re.findall(r"^  ([a-z][\w-]*)", section[1], re.M)) if section else frozenset()


def invocations(text: str) -> list[list[str]]:
    """What is called in a block of commands, one list of words for each."""
    found, words = [], []
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&()")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        for word in [*lexer, "|"]:
            if re.fullmatch(r"[|;&()]+", word):
                found.append(words)
                words = []
            else:
                words.append(word)
    return [words for words in found if words]


def fault(words: list[str]) -> str:
    """What is wrong with a command of Fermata; empty if nothing is."""
    below: list[str] = []
    rest = list(words[1:])
    given = [word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
    for before, word in itertools.pairwise(words):
        # `--token-file token`: what follows a common option is its value.
        value = before in (options() or ()) and before not in {"-h", "--help", "--no-headers"}
        if word in commands(*below) and not value:
            below.append(word)
    if commands(*below):
        return f"{' '.join(words)}: is no whole command"
    known = (options(*below) or frozenset()) | (options() or frozenset())
    return f"{' '.join(words)}: has no {sorted(set(given) - known)}" if set(given) - known else ""


class Runbook(Check):
    """Pages, and what stands in them."""

    def rules(self) -> list[dict]:
        document = yaml.safe_load((ROOT / "deploy/prometheus/fermata.rules.yml").read_text())
        return [rule for group in document["groups"] for rule in group["rules"]]

    def test_each_alert_has_a_page_that_names_it(self) -> None:
        for rule in self.rules():
            page = ROOT / rule["annotations"]["runbook_url"]
            self.assertIn(rule["alert"], ALERT.findall(page.read_text()), page)
            self.assertIn(rule["alert"], (RUNBOOK / "README.md").read_text())

    def test_pages_name_only_alerts_that_exist(self) -> None:
        known = {rule["alert"] for rule in self.rules()}
        for page in PAGES:
            self.assertLessEqual(set(ALERT.findall(page.read_text())), known, page)

    def test_each_page_is_in_the_list_and_has_its_parts(self) -> None:
        linked = set(re.findall(r"\]\(([\w-]+\.md)\)", (RUNBOOK / "README.md").read_text()))
        self.assertEqual(linked, {page.name for page in PAGES} - {"README.md"})
        for page in PAGES:
            if page.name != "README.md":
                self.assertEqual(re.findall(r"^## (.*)", page.read_text(), re.M), ["What it means", "Look", "Do"], page)

    def test_links_lead_somewhere(self) -> None:
        for document in DOCUMENTS:
            for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)]+)\)", document.read_text())):
                if not target.startswith("http"):
                    file = (document.parent / target).resolve() if target else document
                    self.assertTrue(file.exists(), f"{document}: {target}")
                    if anchor:
                        self.assertIn(anchor, self.anchors(file), f"{document}: {target}#{anchor}")

    def anchors(self, file: Path) -> set[str]:
        headings = re.findall(r"^#+ (.*)", file.read_text(), re.M)
        return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}

    def test_commands_of_fermata_are_there(self) -> None:
        seen = 0
        for document in DOCUMENTS:
            for block in blocks(document):
                for words in invocations(block.text):
                    words = words[words[0] == "sudo" :]
                    if words and words[0] == "fermata":
                        seen += 1
                        self.assertEqual(fault(words), "", block.place)
        self.assertGreater(seen, 40)

    def test_a_command_that_is_not_there_is_found(self) -> None:
        for line in ("fermata session gett X", "fermata session get X --hots", "fermata session", "fermata owner list --wide"):
            self.assertNotEqual(fault(shlex.split(line)), "", line)

    def test_options_and_metrics_in_the_text_are_there(self) -> None:
        known = options("serve") | options("session", "create") | options("session", "update") | options("session", "retry-host")
        # Of the scripts that are described there.
        scripts = [ROOT / "deploy/openstack/register", ROOT / "deploy/container/build"]
        known |= {option for file in scripts for option in re.findall(r'"(--[a-z-]+)"', file.read_text())}
        metrics = set(re.findall(r"^\| `(fermata_\w+)` \|", (ROOT / "docs/telemetry.md").read_text(), re.M))
        for document in DOCUMENTS:
            prose = re.sub(r"^ *```.*?^ *```", "", document.read_text(), flags=re.M | re.S)
            for code in re.findall(r"`([^`]+)`", prose):
                if option := re.match(r"--[a-z][\w-]*", code):
                    self.assertIn(option[0], known, document)
                if metric := re.match(r"fermata_\w+", code):
                    self.assertIn(metric[0], metrics, document)


if __name__ == "__main__":
    unittest.main()
