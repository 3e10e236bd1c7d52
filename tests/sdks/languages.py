"""The conformance programs of the SDKs: how each is built in a clone, and started."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "clients"


@dataclass(frozen=True)
class Program:
    """A program that is built."""

    language: str
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)


def python(cache: Path) -> Program:
    """From its sources: nothing is built."""
    sources = CLIENTS / "python/src"
    # The runner's own stubs stay out of its way.
    variables = {"PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": "1"}
    return Program("python", [sys.executable, "-m", "fermata.conformance"], variables)


def go(cache: Path) -> Program:
    """One executable."""
    program = cache / "conformance-go"
    _run([os.environ.get("FERMATA_GO", "go"), "build", "-o", str(program), "./cmd/conformance"], CLIENTS / "go")
    return Program("go", [str(program)])


def java(cache: Path) -> Program:
    """A jar beside those that it needs."""
    folder = CLIENTS / "java"
    jar = folder / "conformance/target/fermata-conformance.jar"
    sources = [file for file in folder.rglob("*") if file.suffix in (".java", ".xml") and "target" not in file.parts]
    if not jar.exists() or jar.stat().st_mtime < max(file.stat().st_mtime for file in sources):
        # Beside what the SDK's own check has fetched.
        local = f"-Dmaven.repo.local={cache.parents[1] / 'maven'}"
        skipped = ["-Dmaven.test.skip", "-Dmaven.javadoc.skip", "-Dmaven.source.skip"]
        package = [local, *skipped, "-pl", "conformance", "-am", "package"]
        # What was fetched before is not asked for again.
        if _run(["mvn", "-q", "-o", *package], folder, may_fail=True):
            _run(["mvn", "-q", *package], folder)
        jar.touch()
    # Many of them start on few cores.
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m"]
    return Program("java", ["java", *options, "-jar", str(jar)])


def typescript(cache: Path) -> Program:
    """JavaScript for Node.js."""
    folder = CLIENTS / "typescript"
    installed, lock = folder / "node_modules/.package-lock.json", folder / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    _run(["npx", "tsc", "--build"], folder)
    return Program("typescript", ["node", str(folder / "bin/conformance.js")])


def rust(cache: Path) -> Program:
    """One executable, built with the features of the SDK's own check, so that it is built once."""
    _run(["cargo", "build", "--quiet", "--locked", "-p", "fermata-client", "--all-features", "--example", "conformance"], ROOT)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return Program("rust", [str((ROOT / target / "debug/examples/conformance").resolve())])


BUILDERS: dict[str, Callable[[Path], Program]] = {"python": python, "go": go, "java": java, "typescript": typescript, "rust": rust}


def _run(command: Sequence[str], folder: Path, may_fail: bool = False) -> int:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode and not may_fail:
        raise SystemExit(f"{' '.join(command)} in {folder} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.returncode
