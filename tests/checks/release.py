#!/usr/bin/env python3
"""deploy/release makes every file of a release, and each is what it says.   usage: release.py FERMATA

A snapshot of this checkout with a program that is built already. FERMATA_CACHE, FERMATA_GO and SDK_PYTHON are those of deploy/tools.sh.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def run(*command: object, code: int = 0) -> str:
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
    expect(done.returncode == code, f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip() + done.stderr.strip()


def expect(is_so: bool, otherwise: str) -> None:
    if not is_so:
        sys.exit(otherwise)


def members(file: Path) -> list[str]:
    with tarfile.open(file) as archive:
        return [member.name for member in archive]


def commands(fermata: Path, *path: str) -> int:
    """How many commands there are, each with its page: `fermata help` and the like have none."""
    text = run(fermata, *path, "--help")
    names = re.findall(r"^  ([a-z-]+) ", text.partition("Commands:\n")[2].partition("\n\n")[0], re.M)
    return 1 + sum(commands(fermata, *path, name) for name in names if name != "help")


def check_sums(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    told = {name: digest for digest, name in (line.split("  ") for line in lines)}
    there = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir() if file.name != "SHA256SUMS"}
    expect(told == there, f"SHA256SUMS has {told}, and there is {there}")


def check_binary(folder: Path, version: str, work: Path, program: Path) -> None:
    name = f"fermata-{version}-linux-{MACHINE}"
    with tarfile.open(folder / f"{name}.tar.gz") as archive:
        archive.extractall(work, filter="data")
    root = work / name
    said = run(root / "bin/fermata", "--version")
    wanted = rf"fermata {re.escape(version)} \(commit [0-9a-z]+, contract fermata\.v1 [0-9a-f]{{12}}\)"
    expect(re.fullmatch(wanted, said) is not None, f"--version says {said!r}")
    run("bash", "-n", root / "completions/fermata.bash")
    for shell in ("_fermata", "fermata.fish"):
        expect("fermata" in (root / "completions" / shell).read_text(), f"{shell} is empty")
    pages = list((root / "man/man1").glob("*.1"))
    # clap makes a page for each `help` as well.
    without_help = [page for page in pages if not re.search(r"-help(-|\.1$)", page.name)]
    expect(len(without_help) == commands(program), f"{len(without_help)} manual pages, and {commands(program)} commands")


def check_others(folder: Path, version: str, work: Path) -> None:
    """The packages of the other tools, by what is in them."""
    field = run("dpkg-deb", "--field", folder / f"fermata_{version}_{MACHINE}.deb", "Version")
    expect(field == version, f"the Debian package has version {field}")
    image = members(folder / f"fermata-{version}.oci.tar")
    expect(any(name.endswith("index.json") for name in image), f"no image: {image}")
    sbom = json.loads((folder / f"fermata-{version}.cdx.json").read_text())
    expect(sbom["metadata"]["component"]["version"] == version, "the SBOM has another version")
    expect("fermata/Chart.yaml" in members(folder / f"fermata-chart-{version}.tgz"), "no chart")
    proto = members(folder / f"fermata-proto-{version}.tar.gz")
    expect(f"fermata-proto-{version}/fermata/v1/session.proto" in proto, f"no contract: {proto}")

    wheels = sorted(folder.glob("*.whl"))
    expect(len(wheels) == 2 and len(list(folder.glob("*.tar.gz"))) == 5, f"{[file.name for file in folder.iterdir()]}")
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
            expect(f"\nVersion: {version}\n" in archive.read(metadata).decode(), f"{wheel.name} has another version")
    with zipfile.ZipFile(folder / f"fermata-go-{version}.zip") as archive:
        names = archive.namelist()
    prefix = f"fermata.dev/clients/go@v{version}/"
    expect(f"{prefix}go.mod" in names and all(name.startswith(prefix) for name in names), f"no module: {names}")
    jars = {name.partition("/")[2] for name in members(folder / f"fermata-java-{version}.tar.gz")}
    for kind in ("client", "testing"):
        for file in (f"{version}.jar", f"{version}-sources.jar", f"{version}-javadoc.jar", f"{version}.pom"):
            expect(f"fermata-{kind}-{file}" in jars, f"no fermata-{kind}-{file}: {jars}")
    package = folder / f"fermata-client-{version}.tgz"
    with tarfile.open(package) as archive:
        manifest = json.load(archive.extractfile("package/package.json"))
        expect(manifest["version"] == version, f"{package.name} has version {manifest['version']}")
    expect("package/dist/index.js" in members(package), f"{package.name} is not built")
    for crate in ("fermata-proto", "fermata-client"):
        expect(f"{crate}-{version}/Cargo.toml" in members(folder / f"{crate}-{version}.crate"), f"no crate {crate}")


def main() -> None:
    program = Path(sys.argv[1]).absolute()
    began = time.monotonic()
    version = run("deploy/release", "--version")
    with tempfile.TemporaryDirectory() as temporary:
        folder, work = Path(temporary) / "dist", Path(temporary) / "work"
        refused = run("deploy/release", "--program", program, "--folder", folder, code=1)
        expect("--program is for snapshots" in refused, refused)
        print(run("deploy/release", "--snapshot", "--program", program, "--folder", folder))
        check_sums(folder)
        check_binary(folder, version, work, program)
        check_others(folder, version, work)
        again = run("deploy/release", "--snapshot", "--program", program, "--folder", folder, code=1)
        expect("is not empty" in again, again)
    print(f"a release has all its files; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
