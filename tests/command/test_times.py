"""Files keep their times from run to run, and only then."""

import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from times import Times


class TimesTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.target = self.folder / "target"
        self.print = self.target / "debug/.fingerprint/one/dep"
        self.print.parent.mkdir(parents=True)

    def clone(self, name: str, **contents: str) -> Path:
        """A checkout with these files, all new."""
        root = self.folder / name
        root.mkdir()
        for file, text in contents.items():
            (root / file).write_text(text)
        for words in (["init", "-q"], ["add", "."]):
            subprocess.run(["git", *words], cwd=root, check=True)
        return root

    def build(self) -> None:
        self.print.write_text("")

    def run_in(self, root: Path) -> int:
        times = Times(root, self.target)
        given = times.give_back()
        self.build()
        times.keep()
        return given

    def test_what_is_the_same_is_as_old_as_before(self) -> None:
        first = self.clone("first", a="1", b="2")
        os.utime(first / "a", (1_000_000_000, 1_000_000_000))
        self.run_in(first)
        second = self.clone("second", a="1", b="3", c="4")
        os.utime(second / "b", (1_000_000_000, 1_000_000_000))
        self.assertEqual(self.run_in(second), 1)
        self.assertEqual((second / "a").stat().st_mtime, 1_000_000_000)
        self.assertLess(time.time() - (second / "b").stat().st_mtime, 3600)

    def test_a_folder_is_its_names(self) -> None:
        self.run_in(self.clone("first", a="1"))
        self.assertEqual(self.run_in(self.clone("second", a="1")), 2)
        self.assertEqual(self.run_in(self.clone("third", a="1", b="1")), 1)

    def test_what_went_back_is_new(self) -> None:
        self.run_in(self.clone("first", a="1"))
        self.run_in(self.clone("second", a="2"))
        third = self.clone("third", a="1")
        os.utime(third / "a", (1_000_000_000, 1_000_000_000))
        self.run_in(third)
        self.assertNotEqual((third / "a").stat().st_mtime, 1_000_000_000)

    def test_somebody_else_built(self) -> None:
        self.run_in(self.clone("first", a="1"))
        self.build()
        self.assertEqual(self.run_in(self.clone("second", a="1")), 0)

    def test_a_run_that_was_killed(self) -> None:
        self.run_in(self.clone("first", a="1"))
        Times(self.clone("second", a="2"), self.target).give_back()
        self.build()
        self.assertEqual(self.run_in(self.clone("third", a="1")), 0)

    def test_files_that_change_during_a_run(self) -> None:
        first = self.clone("first", a="1")
        times = Times(first, self.target)
        times.give_back()
        (first / "a").write_text("2")
        self.build()
        times.keep()
        self.assertEqual(self.run_in(self.clone("second", a="1")), 0)


if __name__ == "__main__":
    unittest.main()
