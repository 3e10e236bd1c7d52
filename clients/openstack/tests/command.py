"""Runs the real `openstack` command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

OPENSTACK = str(Path(sys.executable).with_name("openstack"))


class Openstack:
    """The command, with these options and nothing of the environment of the one who tests."""

    def __init__(self, *options: str) -> None:
        self._options = options
        foreign = ("OS_", "FERMATA_")
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and error output of `openstack maintenance …`."""
        process = await asyncio.create_subprocess_exec(
            *(OPENSTACK, *self._options, "maintenance", *arguments),
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode(), errors.decode()

    async def text(self, *arguments: str) -> str:
        """The output of a command that succeeds."""
        code, output, errors = await self.run(*arguments)
        assert code == 0, f"{arguments}: {errors}"
        return output

    async def json(self, *arguments: str) -> Any:
        """The same, of a command that shows something."""
        return json.loads(await self.text(*arguments, "-f", "json"))

    async def refused(self, *arguments: str) -> str:
        """The error of a command that fails."""
        code, output, errors = await self.run(*arguments)
        assert code != 0, f"{arguments}: {output}"
        return errors
