"""What is told and installed on machines that lack something; programs here are scripts, and nothing is really installed."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import tools
from runner import Context
from steps import steps

# What a machine has that lacks nothing: programs, and what they print.
WHOLE = {
    **dict.fromkeys(filter(None, tools.PACKAGES.values()), ""),
    "cargo": 'case "$1" in fmt) echo rustfmt 1.9.0;; clippy) echo clippy 0.1.95;; *) echo cargo 1.95.0;; esac',
    "rustc": "echo 'rustc 1.95.0 (5980 2026-04-14)'",
    "rustup": "",
    "python3": "echo Python 3.11.2",
    "node": "echo v20.20.2",
    "npm": "",
    "go": "echo go version go1.24.9 linux/amd64",
    "javac": "echo javac 17.0.15",
    "chromium": "",
    "dpkg": "",
    "sudo": "",
    "apt-get": "",
    "apt-cache": "exit 100",
}


def printing(text: str) -> str:
    return f"echo '{text}'"


class ToolsTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.ran: list[str] = []
        self.context = Context(Path(tools.__file__).parents[2], self.folder / "cache", {})
        # As a run before left it.
        for program in (f"buf-{tools.BUF}/node_modules/.bin/buf", f"grpcurl-{tools.GRPCURL}/grpcurl"):
            self.put(f"cache/tools/{program}")
        wanted = self.context.root / "tests/command/requirements.txt"
        self.put("cache/tools/cargo-plugins/requirements.txt", wanted.read_text())
        self.put("jvm/java-11/bin/javac", "#!/bin/sh\necho javac 11.0.20\n", 0o755)

    def put(self, name: str, text: str = "", mode: int = 0o644) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def run_or_note(self, command: list[str], **_: str) -> str:
        self.ran.append(" ".join(command))
        if "install" in command and any("jdk" in word for word in command):
            self.put("jvm/java-17/bin/javac", "#!/bin/sh\necho javac 17.0.15\n", 0o755)
        if "update" in command:
            self.put("lists")
        return ""

    def prepare(self, uid: int = 0, ci: bool = False, **changed: str | None) -> list[str]:
        """What is told on a machine whose programs are the usual ones but for these; None: it is not there."""
        for name, script in {**WHOLE, **{name.replace("_", "-"): script for name, script in changed.items()}}.items():
            if script is not None:
                self.put(f"bin/{name}", f"#!/bin/sh\n{script}\n", 0o755)
        told: list[str] = []
        kept = {name: value for name, value in os.environ.items() if name not in ("CHROMIUM", "JAVA_HOME", "CI")}
        with (
            mock.patch.dict(os.environ, {**kept, "PATH": str(self.folder / "bin"), **({"CI": "true"} if ci else {})}, clear=True),
            mock.patch.object(tools, "run", self.run_or_note),
            mock.patch.object(tools, "fetch_go", lambda own: self.ran.append(f"fetch {own.name}")),
            mock.patch.object(tools, "JVMS", self.folder / "jvm"),
            mock.patch.object(os, "geteuid", lambda: uid),
        ):
            try:
                tools.prepare(self.context, told.append)
            except tools.Missing as missing:
                told.append(f"Missing: {missing}")
        return told

    def test_item_2_nothing_is_missing(self) -> None:
        self.assertEqual(self.prepare(), ["all tools are there"])
        self.assertEqual(self.ran, [])

    def test_item_2_an_old_go_fetches_a_newer_one(self) -> None:
        (line,) = self.prepare(go=printing("go version go1.19.8 linux/amd64"))
        self.assertTrue(line.startswith(f"Go 1.24: here: 1.19.8; Go {tools.GO} from the module proxy"), line)
        self.assertEqual(self.ran, [f"fetch go-{tools.GO}"])
        self.assertTrue(self.context["go"].endswith(f"go-{tools.GO}/bin/go"))

    def test_item_2_no_clippy(self) -> None:
        cargo = 'case "$1" in clippy) exit 1;; fmt) echo rustfmt 1.9.0;; *) echo cargo 1.95.0;; esac'
        self.assertEqual(self.prepare(cargo=cargo), ["Rust 1.95.0: here: cargo clippy none; from rustup"])
        self.assertIn("rustup toolchain install 1.95.0", self.ran[0])

    def test_item_2_python_3_10_alone_gets_another_beside_it(self) -> None:
        (line,) = self.prepare(python3=printing("Python 3.10.12"))
        self.assertEqual(line, "Python 3.11: here: 3.10.12; python3.11, python3.11-venv, python3.11-dev from apt")
        self.assertEqual(self.context["python"], "python3.11")

    def test_item_2_no_venv(self) -> None:
        (line,) = self.prepare(python3='[ "$1" != -c ] && echo Python 3.11.2')
        self.assertEqual(line, "venv of python3: missing; python3-venv from apt")
        self.assertTrue(self.ran[1].endswith("install -y --no-install-recommends python3-venv"), self.ran)

    def test_item_2_an_old_jdk(self) -> None:
        offers = '[ "$2" = openjdk-17-jdk-headless ] || exit 100'
        (line,) = self.prepare(javac=printing("javac 11.0.20"), apt_cache=offers)
        self.assertEqual(line, "JDK 17: here: 11.0.20; openjdk-17-jdk-headless from apt")
        self.assertEqual(self.context.environment["JAVA_HOME"], str(self.folder / "jvm/java-17"))
        self.assertTrue(self.context.environment["PATH"].startswith(f"{self.folder}/jvm/java-17/bin:"))

    def test_item_2_a_newer_jdk_than_17(self) -> None:
        offers = '[ "$2" = openjdk-21-jdk-headless ] || exit 100'
        (line,) = self.prepare(javac=None, apt_cache=offers)
        self.assertEqual(line, "JDK 17: here: none; openjdk-21-jdk-headless from apt")

    def test_item_2_a_jdk_that_is_not_the_default(self) -> None:
        self.put("jvm/java-21/bin/javac", "#!/bin/sh\necho javac 21\n", 0o755)
        self.assertEqual(self.prepare(javac=printing("javac 11.0.20")), ["all tools are there"])
        self.assertEqual(self.context.environment["JAVA_HOME"], str(self.folder / "jvm/java-21"))

    def test_item_2_empty_lists_of_apt_are_fetched_before_it_is_asked(self) -> None:
        (line,) = self.prepare(chromium=None, apt_cache=f"[ -e {self.folder}/lists ] || exit 100")
        self.assertEqual(line, "Chromium: missing; chromium-headless-shell from apt")
        self.assertEqual(self.ran[0], "apt-get update -q")

    def test_item_2_without_a_browser_the_console_is_left_out(self) -> None:
        (line,) = self.prepare(chromium=None)
        self.assertIn("name one with CHROMIUM; until then the step console is left out", line)
        self.assertEqual(self.context.left_out, {"console"})
        self.assertNotIn("console", {step.name for step in steps(self.context, "quick")})

    def test_item_2_ci_leaves_nothing_out(self) -> None:
        line, missing = self.prepare(ci=True, chromium=None)
        self.assertEqual(line, "Chromium: missing, and apt has none; install Chromium or Chrome, or name one with CHROMIUM")
        self.assertEqual(missing, "Missing: nothing was installed and nothing was run: first install Chromium")

    def test_item_2_all_is_told_and_the_hopeless_first(self) -> None:
        told = self.prepare(rustup=None, rustc=None, cargo=None, go=None, npm=None, node=None, strace=None, dpkg="exit 1")
        names = [line.partition(":")[0] for line in told]
        self.assertEqual(names[0], "Rust 1.95.0")
        self.assertIn("install rustup (https://rustup.rs)", told[0])
        self.assertEqual(names[1:-1], ["ca-certificates", "libc6-dev", "strace", "Node 20 with npm", "Go 1.24"])
        self.assertEqual(told[-1], "Missing: nothing was installed and nothing was run: first install Rust 1.95.0")
        self.assertEqual(self.ran, [])

    def test_item_2_no_apt_and_no_root(self) -> None:
        for obstacle, uid, missing in (("there is no apt-get", 0, {"apt_get": None}), ("apt-get needs root or sudo", 1000, {"sudo": None})):
            with self.subTest(obstacle):
                self.setUp()
                line, _ = self.prepare(uid, mvn=None, dpkg="[ $2 != maven ]", **missing)
                self.assertEqual(line, f"maven: missing; from apt, but {obstacle}: install the like of maven yourself")


if __name__ == "__main__":
    unittest.main()
