#!/usr/bin/env python3
"""docs/reference is what the contract gives, and its examples work.

usage: reference.py pages                        the committed pages are what docs/generate writes
       reference.py grpcurl FERMATA GRPCURL      every example for grpcurl succeeds, as it stands in the pages, on a small site
       reference.py python|go|java|typescript    every example is code that the language's compiler or type checker takes; the
                                                 language's own check (clients/LANGUAGE/check) has run before and has what this needs.
                                                 Those in Rust are built by clients/rust/check, with the crate as it is packed
"""

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from reference_calls import run_examples

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/reference"
CACHE = Path(os.environ.get("FERMATA_CACHE", Path.home() / ".cache/fermata"))


def generate(*arguments: str | Path) -> None:
    subprocess.run([ROOT / "docs/generate", *arguments], check=True)


def pages() -> str:
    """Compares the committed pages with new ones."""
    with tempfile.TemporaryDirectory() as folder:
        anew = Path(folder, "reference")
        generate(anew)
        names = {path.name for path in anew.iterdir()}
        there = {path.name for path in PAGES.iterdir()}
        wrong = [f"{name} is not generated any more" for name in there - names] + [f"{name} is missing" for name in names - there]
        wrong += [f"{name} differs" for name in names & there if not filecmp.cmp(anew / name, PAGES / name, shallow=False)]
    if wrong:
        sys.exit("\n".join([*sorted(wrong), "docs/reference is not what the contract gives: run docs/generate and commit what it writes"]))
    return f"{len(names)} pages are what the contract gives"


def programs(language: str, folder: Path) -> list[Path]:
    """The examples of a language as programs in a folder."""
    generate("--programs", folder / "programs")
    found = sorted((folder / "programs" / language).iterdir())
    if not found:
        sys.exit(f"there are no examples in {language}")
    return found


def run(*command: str | Path, folder: Path) -> None:
    """Runs a compiler or type checker."""
    if not shutil.which(command[0]):
        sys.exit(f"there is no {command[0]}: the check of the SDK (clients/LANGUAGE/check) installs it")
    if subprocess.run(command, cwd=folder).returncode:
        sys.exit(f"{command[0]} does not take the examples of docs/reference; docs/generator writes them")


def python(folder: Path) -> int:
    """The type checker of the SDK, as strict as with the SDK."""
    home, found = ROOT / "clients/python", programs("python", folder)
    program = os.environ.get("SDK_PYTHON", "python3")
    version = subprocess.run([program, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True, check=True)
    key = f"{version.stdout.strip()}-{sha256((home / 'requirements.txt').read_bytes()).hexdigest()[:12]}"
    mypy = CACHE / "sdks/python" / key / "bin/mypy"
    run(mypy, "--config-file", "pyproject.toml", "--cache-dir", folder / "cache", *found, folder=home)
    return len(found)


def go(folder: Path) -> int:
    """gofmt, and vet: a module of somebody else's that takes the SDK from here."""
    home, found = ROOT / "clients/go", programs("go", folder)
    program = os.environ.get("FERMATA_GO", "go")
    root = subprocess.run([program, "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    unformatted = subprocess.run([f"{root}/bin/gofmt", "-l", *found], capture_output=True, text=True, check=True).stdout
    if unformatted:
        sys.exit(f"not formatted by gofmt:\n{unformatted}")
    module = (home / "go.mod").read_text()
    own = "fermata.dev/clients/go"
    (found[0].parent / "go.mod").write_text(
        module.replace(f"module {own}", "module example.com/examples") + f"\nrequire {own} v0.0.0\n\nreplace {own} => {home}\n"
    )
    (found[0].parent / "go.sum").write_bytes((home / "go.sum").read_bytes())
    run(program, "vet", "-mod=mod", ".", folder=found[0].parent)
    return len(found)


def java(folder: Path) -> int:
    """A project of somebody else's that takes the SDK from the local repository; every warning is an error."""
    found = programs("java", folder)
    sources = folder / "project/src/main/java"
    sources.parent.mkdir(parents=True)
    (folder / "programs/java").rename(sources)
    (folder / "project/pom.xml").write_text((ROOT / "clients/java/readme/pom.xml").read_text())
    run("mvn", "--batch-mode", "--quiet", "--offline", f"-Dmaven.repo.local={CACHE / 'maven'}", "compile", folder=folder / "project")
    return len(found)


def typescript(folder: Path) -> int:
    """The compiler, as strict as with the SDK, on the types that are packed."""
    home, found = ROOT / "clients/typescript", programs("typescript", folder)
    options = {
        "noEmit": True,
        "composite": False,
        "declaration": False,
        "skipLibCheck": True,
        "paths": {"@fermata/client": [str(home / "dist/index.d.ts")]},
        "typeRoots": [str(home / "node_modules/@types")],
    }
    project = {"extends": str(home / "tsconfig.base.json"), "compilerOptions": options, "files": [str(path) for path in found]}
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps(project))
    run(home / "node_modules/.bin/tsc", "--project", folder, folder=home)
    return len(found)


LANGUAGES = {"python": python, "go": go, "java": java, "typescript": typescript}


def main() -> None:
    match sys.argv[1:]:
        case ["pages"]:
            print(pages())
        case ["grpcurl", fermata, grpcurl]:
            print(f"{run_examples(PAGES, fermata, grpcurl)} examples for grpcurl work as they stand")
        case [language] if language in LANGUAGES:
            with tempfile.TemporaryDirectory() as folder:
                count = LANGUAGES[language](Path(folder))
            print(f"{count} examples in {language} are taken by its compiler or type checker")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
