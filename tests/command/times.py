"""What was built before is built again only if it changed, in a new clone, too.

Cargo goes by the times of files, and in a new clone every file is new. So each run notes what its files were, with their times.
In the next run a file that is the same gets its old time back, and one that is not gets the present, whatever a checkout made
of it. Folders count as the names in them, since build scripts watch some. Nothing of this is done if somebody else has built in
cargo's folder since, or if files changed during the run: then nobody knows what its contents were made from.
"""

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path


class Times:
    """The note of the last run, in cargo's folder."""

    def __init__(self, root: Path, target: Path) -> None:
        self.root, self.target = root, target
        self.note = target / "sources.json"
        self.hashes: dict[str, str] = {}

    def give_back(self) -> int:
        """Before anything is built. Returns how many have their old times."""
        self.hashes = self._hashes()
        before = self._read()
        given = 0
        now = time.time_ns()
        for name, digest in self.hashes.items():
            path = self.root / name
            if before and before["files"].get(name, [None])[0] == digest:
                self._set(path, before["files"][name][1])
                given += 1
            elif before:
                self._set(path, now)
        self._write(0)
        return given

    def keep(self) -> None:
        """After everything, passed or not."""
        if self.hashes and self._hashes() == self.hashes:
            self._write(time.time_ns())

    def _hashes(self) -> dict[str, str]:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=self.root, check=True, capture_output=True).stdout.split(b"\0")
        files = sorted(os.fsdecode(name) for name in listed if name)
        hashes, folders = {}, {}
        for name in files:
            path = self.root / name
            if path.is_file() and not path.is_symlink():
                hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
                folders.setdefault(str(Path(name).parent), []).append(name)
        return hashes | {folder: hashlib.sha256("\n".join(names).encode()).hexdigest() for folder, names in folders.items()}

    def _read(self) -> dict | None:
        """The note, if what it says of cargo's folder is still so."""
        try:
            note = json.loads(self.note.read_text())
        except (OSError, ValueError):
            return None
        return note if note["ended"] >= self._last_build() else None

    def _write(self, ended: int) -> None:
        self.target.mkdir(parents=True, exist_ok=True)
        files = {name: [digest, (self.root / name).stat().st_mtime_ns] for name, digest in self.hashes.items()}
        part = self.note.with_suffix(".part")
        part.write_text(json.dumps({"ended": ended, "files": files}))
        part.replace(self.note)

    def _last_build(self) -> int:
        """When cargo last wrote down what it made from what."""
        prints = self.target.glob("*/.fingerprint/*/*")
        return max((path.stat().st_mtime_ns for path in prints), default=0)

    @staticmethod
    def _set(path: Path, nanoseconds: int) -> None:
        os.utime(path, ns=(path.stat().st_atime_ns, nanoseconds))
