"""Tests of what docs.py reads: python3 -m unittest discover -s tests/checks"""

import subprocess
import tempfile
import unittest
from pathlib import Path

import docs


class DecisionTest(unittest.TestCase):
    def read(self, text: str) -> list[docs.Block]:
        with tempfile.TemporaryDirectory(dir=docs.ROOT / "tests") as folder:
            document = Path(folder) / "document.md"
            document.write_text(text)
            return docs.blocks(document)

    def test_decisions(self) -> None:
        run, shown = self.read(
            "```sh run asked then until=\"two words\" exit=8\nfermata --help\n```\n```text\nout\n```\n"
            "1. a list\n   ```sh shown: it needs a cloud\n   serve\n   ```\n"
        )
        self.assertEqual((run.fixtures, run.until, run.code, run.shown), ({"asked", "then"}, "two words", 8, ""))
        self.assertEqual((run.text, shown.text, shown.shown), ("fermata --help", "serve", "it needs a cloud"))

    def test_what_is_no_fence(self) -> None:
        self.assertEqual(self.read("```` ```sh run ```` is run\n\n- a list\n\n    with more\n"), [])

    def test_what_is_left_behind(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder)
            subprocess.run(["git", "init", "--quiet", folder], check=True)
            for folder in ("console", "clients/typescript"):
                (clone / folder).mkdir(parents=True)
                (clone / folder / "package.json").touch()
            subprocess.run(["git", "add", "."], cwd=clone, check=True)
            subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "t"], cwd=clone, check=True)
            (clone / ".git/info/exclude").write_text("/console/dist\nnode_modules\n*.db\n")
            for name in ("console/dist/index.html", "console/node_modules/x", "clients/typescript/node_modules/x"):
                (clone / name).parent.mkdir(parents=True)
                (clone / name).touch()
            self.assertEqual(docs.left_behind(clone), "")
            (clone / "fermata.db").touch()
            (clone / "notes").touch()
            self.assertEqual(docs.left_behind(clone), "?? notes\n!! fermata.db")

    def test_undecided(self) -> None:
        for fence in ("```", "```sh", "```bash run", "```console", "```sh shown:", "```sh run sever", "```sh run exit=x"):
            with self.subTest(fence), self.assertRaises(docs.Fault):
                self.read(f"{fence}\nls\n```\n")
        for text in ("a paragraph\n\n    ./indented\n", "```sh run\nno end\n"):
            with self.subTest(text), self.assertRaises(docs.Fault):
                self.read(text)


if __name__ == "__main__":
    unittest.main()
