#!/usr/bin/env python3
"""`fermata top` as an operator has it: in a terminal, with keys, on a real server.   usage: top.py FERMATA

A maintenance is driven through it, the server is killed and comes back under it, and the terminal is given back however it ends.
FERMATA_CACHE says where the Python package lives that reads the screen (default ~/.cache/fermata).
"""

import fcntl
import hashlib
import json
import os
import platform
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
# Generous: the machine may be busy.
LIMIT = 60
FOREIGN = ("FERMATA_", "OTEL_", "OS_", "XDG_", "NOTIFY_", "NO_COLOR", "CLICOLOR", "COLORTERM")
HELD = "compute-b3"
HOME, TAB, ENTER, ESCAPE = "\x1b[H", "\t", "\r", "\x1b"
COLOR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)[;m]")


def with_packages() -> None:
    """Goes on in a virtual environment with what the requirements name."""
    key = f"{platform.python_version()}-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    folder = Path(os.environ.get("FERMATA_CACHE", Path.home() / ".cache/fermata")) / f"checks-venv-{key}"
    if Path(sys.prefix) == folder:
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Written last, so that an installation cut short is done again.
        if not (folder / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            pip = [folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
            subprocess.run([*pip, "--requirement", REQUIREMENTS], check=True)
            (folder / "complete").touch()
    os.execv(folder / "bin/python", [str(folder / "bin/python"), *sys.argv])


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {"TERM": "xterm-256color"} | more


class Terminal:
    """A program in a terminal of its own: what it wrote, and what of it is on the screen."""

    def __init__(self, command: list[str], columns: int = 80, lines: int = 24, **variables: str) -> None:
        import pyte

        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.near, self.far = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.far)
        self.program = subprocess.Popen(
            command, stdin=self.far, stdout=self.far, stderr=self.far, start_new_session=True, env=environment(**variables)
        )

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.far, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)
        if hasattr(self, "program"):
            self.program.send_signal(signal.SIGWINCH)

    def read(self) -> None:
        while select.select([self.near], [], [], 0.05)[0]:
            got = os.read(self.near, 65536)
            self.written += got
            self.stream.feed(got)

    def text(self) -> str:
        self.read()
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, *wanted: str) -> str:
        """The screen, once all of this is on it."""
        return self.until(lambda text: all(word in text for word in wanted), f"there is no {' or no '.join(map(repr, wanted))}")

    def until(self, condition: Callable[[str], bool], otherwise: str) -> str:
        end = time.monotonic() + LIMIT
        while not condition(text := self.text()):
            if time.monotonic() > end or self.program.poll() is not None:
                sys.exit(f"{otherwise} on the screen:\n{text}\n(exit code {self.program.poll()})")
        return text

    def press(self, *keys: str) -> None:
        for key in keys:
            os.write(self.near, key.encode())

    def ends(self) -> None:
        """It ends well, and leaves the terminal as it was."""
        code = self.program.wait(LIMIT)
        self.read()
        expect(code == 0, f"exit code {code}: {self.written[-500:]!r}")
        expect(self.written.rstrip().endswith((b"\x1b[?1049l", b"\x1b[?25h")) and b"\x1b[?1049l" in self.written[-64:],
               f"the screen is not given back: {self.written[-64:]!r}")  # fmt: skip
        expect(b"\x1b[?25h" in self.written[-64:], f"the cursor is not shown again: {self.written[-64:]!r}")
        expect(termios.tcgetattr(self.far) == self.before, "the terminal is not as it was before")
        os.close(self.near)
        os.close(self.far)


def expect(is_so: bool, otherwise: str) -> None:
    if not is_so:
        sys.exit(otherwise)


class Server:
    """`fermata serve` on a simulated cloud; it may be killed, and started again on the same port and database."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder, self.address = program, folder, "127.0.0.1:0"
        self.start()

    def start(self) -> None:
        command = [self.program, "serve", "--cloud", "simulated", "--listen", self.address, "--http-listen", "off", "--log-format", "json"]
        database = f"sqlite://{self.folder}/fermata.db?mode=rwc"
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen([*command, "--database-url", database], env=environment(), stderr=log)
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            lines = [json.loads(line) for line in (self.folder / "log").read_text().splitlines() if line.endswith("}")]
            for line in lines:
                self.address = line.get("grpc", self.address)
            if any(line["message"] == "ready" for line in lines):
                return
            time.sleep(0.05)
        sys.exit("the server is not ready")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(LIMIT)

    def ask(self, *command: str) -> str:
        done = subprocess.run([self.program, "--server", self.address, *command], env=environment(), capture_output=True, text=True)
        expect(done.returncode == 0, f"{' '.join(command)}: {done.stderr}")
        return done.stdout.strip()


def drive(server: Server, session: str) -> None:
    """A maintenance, by keys."""
    top = Terminal([server.program, "--server", server.address, "top"], FERMATA_COLOR="always")
    text = top.wait("live", session[:13], "RUNNING", HELD, "IN_MAINTENANCE", "the operator on " + HELD, "q quit")
    expect(max(map(len, text.splitlines())) <= 80, text)
    expect(COLOR.search(top.written) is not None, "there are no colours")

    top.press(TAB)
    top.wait("▶ compute")
    # The first of the plan.
    top.press(HOME)
    top.wait(f"▶ {HELD}")
    top.press("c")
    top.wait(f"complete-host {HELD}?", "Reason:")
    top.press(*"a new fan")
    top.wait("Reason: a new fan")
    top.press(ENTER)
    top.wait(f"complete-host {HELD}: done", "MAINTAINED")

    top.press("p", *"lunch", ENTER)
    top.wait("PAUSED", "the operator", "session resume")
    top.press("u", ENTER)
    top.until(lambda text: "PAUSED" not in text, "PAUSED is still")

    top.resize(160, 40)
    top.wait("WHAT HAPPENED, LAST FIRST", "PAUSED (", "q quit")
    top.resize(80, 24)

    server.kill()
    top.wait("STALE: read", "no answer:", HELD)
    server.start()
    top.until(lambda text: " live " in text and "STALE" not in text, "STALE is still")

    top.press("x", *"no", ESCAPE)
    top.until(lambda text: "Reason:" not in text, "the question is still")
    expect("CANCEL" not in top.text(), "it was cancelled without an answer")
    top.press("x")
    top.wait("cancel session")
    top.press(*"wrong week", ENTER)
    top.wait("CANCELLED")
    top.press("q")
    top.ends()

    audit = server.ask("audit", "list", "-o", "json")
    for reason in ("a new fan", "lunch", "wrong week"):
        expect(f'"{reason}"' in audit, f"no reason {reason!r} in the audit trail: {audit}")


def main() -> None:
    program = str(Path(sys.argv[1]).absolute())
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, Path(folder))
        try:
            create = ["session", "create", "-o", "name", "--host", HELD, "--host", "compute-a1", "--for", "4h", "--reason", "new firmware"]
            session = server.ask(*create, "--announce-reply-period", "1s", "--drain-reply-period", "1s")
            expect(re.fullmatch(r"[0-9a-f-]{36}", session) is not None, f"-o name gives {session!r}")
            drive(server, session)

            top = Terminal([program, "--server", server.address, "top", session[:18]], NO_COLOR="1")
            top.wait("CANCELLED", "q quit")
            expect(COLOR.search(top.written) is None, f"NO_COLOR, and there is {COLOR.search(top.written)}")
            top.program.terminate()
            top.ends()

            piped = subprocess.run([program, "--server", server.address, "top"], env=environment(), capture_output=True, text=True)
            expect(piped.returncode == 2 and "session watch" in piped.stderr, f"without a terminal: {piped}")
        finally:
            server.kill()
    print(f"fermata top: driven by keys in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    with_packages()
    main()
