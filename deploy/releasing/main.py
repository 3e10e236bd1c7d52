"""deploy/release says what this does."""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import versions
from packages import PARTS, ROOT, Release, run
from versions import Wrong


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/release", description="Builds everything that a release consists of into a folder.")
    parser.add_argument("--folder", type=Path, default=ROOT / "dist")
    parser.add_argument("--snapshot", action="store_true")
    parser.add_argument("--program", type=Path)
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--set-version", action="store_true")
    return parser.parse_args()


def version_of(is_snapshot: bool) -> str:
    """The version of what is built; everything says the same."""
    version, released = versions.common(), versions.of_changelog()
    if released is None and not is_snapshot:
        raise Wrong("the changelog's newest section is Unreleased: give it its version and date, then `deploy/release --set-version`")
    if released not in (None, version):
        raise Wrong(f"the changelog says {released}, and packages say {version}: `deploy/release --set-version`")
    return version


def commit_of(is_snapshot: bool) -> str:
    """The commit that is built. A snapshot of changes has one that no branch has."""
    changed = run("git", "status", "--porcelain")
    if changed and not is_snapshot:
        raise Wrong(f"there are changes that are not committed:\n{changed}")
    return (changed and run("git", "stash", "create")) or run("git", "rev-parse", "HEAD")


def build(commit: str) -> Path:
    """The program, which then says the commit."""
    print("building the program …", flush=True)
    subprocess.run([ROOT / "console/build"], check=True)
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--package", "fermata-cli", "--features", "console"], cwd=ROOT,
                   check=True, env=os.environ | {"BUILD_COMMIT": commit})  # fmt: skip
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/fermata"


def checked(program: Path, version: str, commit: str, is_snapshot: bool) -> Path:
    """The program, if it is what it shall be."""
    says = run(program, "--version")
    if says.split()[1] != version:
        raise Wrong(f"{program} says '{says}', and shall be {version}")
    if not is_snapshot and commit[:12] not in says:
        raise Wrong(f"{program} says '{says}', and shall be of commit {commit[:12]}")
    return program.absolute()


def sums(folder: Path) -> None:
    """Checksums of all files, for `sha256sum --check`."""
    files = sorted(file for file in folder.iterdir() if file.is_file())
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def make(release: Release) -> None:
    """All parts; two at a time, since some wait for others' servers."""

    def timed(part) -> str:
        began = time.monotonic()
        part(release)
        return f"{part.__name__:<12}{time.monotonic() - began:5.1f} s"

    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(timed, PARTS):
            print(line, flush=True)


def release_into(options: argparse.Namespace) -> None:
    folder = options.folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise Wrong(f"{folder} is not empty")
    if options.program and not options.snapshot:
        raise Wrong("--program is for snapshots: a release is built from its commit")
    version, commit = version_of(options.snapshot), commit_of(options.snapshot)
    epoch = int(run("git", "log", "-1", "--format=%ct", commit))
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    program = checked(options.program or build(commit), version, commit, options.snapshot)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        source = work / "source"
        source.mkdir()
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "-x", "-C", source], input=packed, check=True)
        make(Release(version, program, folder, work, source, epoch))
    # Folders are of no use to whoever downloads files.
    for left in [entry for entry in folder.iterdir() if entry.is_dir()]:
        shutil.rmtree(left)
    sums(folder)
    for file in sorted(folder.iterdir()):
        print(f"{file.stat().st_size / 1e6:8.2f} MB  {file.name}")


def main() -> int:
    options = arguments()
    try:
        if options.set_version:
            released = versions.of_changelog()
            if released is None:
                raise Wrong("the changelog's newest section is Unreleased: give it its version and date")
            versions.write(released)
            print(versions.common())
        elif options.version:
            print(version_of(is_snapshot=True))
        else:
            release_into(options)
    except (Wrong, RuntimeError) as error:
        print(f"deploy/release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
