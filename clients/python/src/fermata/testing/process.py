"""A process of the program `fermata`, and what it writes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Any

from fermata.testing.waiting import PATIENCE

Line = dict[str, Any]


def find_program(program: str | None = None) -> str:
    """The program: `program`, else `FERMATA_BIN`, else `fermata` on the PATH. RuntimeError if there is none."""
    named = program or os.environ.get("FERMATA_BIN") or "fermata"
    if shutil.which(named) is None:
        raise RuntimeError(f"there is no program {named!r}; set FERMATA_BIN, or put fermata on the PATH")
    return named


class Process:
    """A process that writes one JSON object per line, started when this is made."""

    def __init__(self, command: Sequence[str], is_ready: Callable[[Line], bool]) -> None:
        """Waits until a line `is_ready`. RuntimeError, with what was written, if none comes in time."""
        # Variables of the one who tests must not configure what is tested.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FERMATA_")}
        self._is_ready = is_ready
        self._ready = threading.Event()
        self.log: list[Line] = []
        """What it has written."""
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ready.wait(PATIENCE)
        if not any(is_ready(line) for line in list(self.log)):
            self.end(signal.SIGKILL)
            raise RuntimeError(f"{command[0]} did not start:\n" + "\n".join(json.dumps(line) for line in self.log))

    @property
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    def end(self, how: signal.Signals) -> int:
        """Sends a signal, and waits for the end. Returns the exit code."""
        self._process.send_signal(how)
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._reader.join()
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            try:
                line = json.loads(text)
            except ValueError:
                line = {"message": text.rstrip()}
            self.log.append(line)
            if self._is_ready(line):
                self._ready.set()
        # It has ended: whoever waits for its start need not wait longer.
        self._ready.set()
