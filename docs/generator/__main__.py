"""Writes the reference of the contract, or the examples in it as programs. See docs/generate."""

import shutil
import sys
from pathlib import Path

import languages.rust
from contract import ROOT, Contract
from pages import LANGUAGES, all_pages, calls
from values import pascal, snake

RUST_HEAD = """//! Every example of docs/reference, for the compiler to look at.
#![deny(warnings)]
#![allow(dead_code, reason = "nobody calls them")]

use fermata_client::Channel;

type Failure = Box<dyn std::error::Error>;

fn main() {}
"""


def write_pages(contract: Contract, folder: Path) -> None:
    """Every page, and nothing else."""
    pages = all_pages(contract)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in pages.items():
        (folder / name).write_text(text)


def write_programs(contract: Contract, folder: Path) -> None:
    """A folder for each language but Rust, with a file for each method."""
    for language in LANGUAGES:
        if language is languages.rust:
            continue
        home = folder / language.NAME.lower()
        home.mkdir(parents=True)
        for call in calls(contract):
            if example := language.example(call):
                name = call.method.name
                file = language.FILE.format(pascal(name) if "{0}" in language.FILE else snake(name))
                (home / file).write_text(language.program(call, example))


def write_rust(contract: Contract, folder: Path) -> None:
    """All examples in Rust as one program: clients/rust/check builds it with the crate as it is packed."""
    found = [languages.rust.program(call, languages.rust.example(call)) for call in calls(contract)]
    home = folder / languages.rust.NAME.lower()
    home.mkdir(parents=True)
    (home / "main.rs").write_text("\n".join([RUST_HEAD, *found]))


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--programs"]:
        contract = Contract()
        write_programs(contract, Path(arguments[1]))
        write_rust(contract, Path(arguments[1]))
    else:
        write_pages(Contract(), Path(arguments[0]) if arguments else ROOT / "docs/reference")


if __name__ == "__main__":
    main()
