"""The parts of a release. Each function makes one kind, and knows nothing of the others."""

import gzip
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
COMPLETIONS = {"bash": "fermata.bash", "zsh": "_fermata", "fish": "fermata.fish"}


@dataclass(frozen=True)
class Release:
    """What is made of what, and where it goes."""

    version: str
    program: Path
    # Where finished files go, and a folder for what is not.
    folder: Path
    work: Path
    # The sources of the commit, without what lies around in a checkout.
    source: Path
    epoch: int


def run(*command: object, cwd: Path = ROOT, **variables: str) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=os.environ | variables, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def tar(release: Release, root: Path, name: str) -> None:
    """A folder as an archive that depends on its content alone."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = release.epoch
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with (release.folder / name).open("wb") as file, gzip.GzipFile("", "wb", 9, file, release.epoch) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.add(root, root.name, filter=plain)  # `add` sorts what is in a folder.


def binary(release: Release) -> None:
    """The program with its completions and manual pages."""
    root = release.work / f"fermata-{release.version}-linux-{MACHINES.get(os.uname().machine, os.uname().machine)}"
    for folder in ("bin", "completions", "man/man1", "systemd"):
        (root / folder).mkdir(parents=True)
    shutil.copy(release.program, root / "bin/fermata")
    for shell, file in COMPLETIONS.items():
        (root / "completions" / file).write_text(run(release.program, "completions", shell) + "\n")
    run(release.program, "man-pages", root / "man/man1")
    for file in ("README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"):
        shutil.copy(ROOT / file, root / file)
    for file in ("fermata.service", "sysusers.conf", "tmpfiles.conf", "fermata.toml"):
        shutil.copy(ROOT / "deploy/systemd" / file, root / "systemd" / file)
    tar(release, root, f"{root.name}.tar.gz")


def debian(release: Release) -> None:
    run("deploy/debian/build", release.program, release.folder)


def image(release: Release) -> None:
    """The image as one file, and what it is made of."""
    folder = release.work / "image"
    run("deploy/container/build", release.program, folder, "--archive")
    shutil.move(folder / f"fermata-{release.version}.oci.tar", release.folder)
    shutil.move(folder / "fermata.cdx.json", release.folder / f"fermata-{release.version}.cdx.json")


def chart(release: Release) -> None:
    run("helm", "package", "deploy/helm/fermata", "--version", release.version, "--app-version", release.version, "--destination", release.folder)
    shutil.move(release.folder / f"fermata-{release.version}.tgz", release.folder / f"fermata-chart-{release.version}.tgz")


def contract(release: Release) -> None:
    """The files of the contract, for other languages."""
    root = release.work / f"fermata-proto-{release.version}"
    shutil.copytree(release.source / "proto/fermata", root / "fermata")
    shutil.copy(ROOT / "LICENSE", root)
    tar(release, root, f"{root.name}.tar.gz")


def python(release: Release) -> None:
    """Wheels and sources of the SDK and of the plug-in of python-openstackclient."""
    for package in ("python", "openstack"):
        run("hatchling", "build", "--directory", release.folder, cwd=release.source / "clients" / package)


def go(release: Release) -> None:
    """A module as the module proxies serve it."""
    prefix = f"fermata.dev/clients/go@v{release.version}"
    root = release.work / "go" / prefix
    shutil.copytree(release.source / "clients/go", root)
    files = sorted(str(file.relative_to(release.work / "go")) for file in root.rglob("*") if file.is_file())
    for file in files:
        os.utime(release.work / "go" / file, (release.epoch, release.epoch))
    target = release.folder / f"fermata-go-{release.version}.zip"
    import zipfile

    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(release.work / "go" / file, file)


def java(release: Release) -> None:
    """The artefacts for a Maven repository: jars, sources, documentation and POMs."""
    clients = release.source / "clients/java"
    cache = Path(os.environ.get("FERMATA_CACHE", Path.home() / ".cache/fermata")) / "maven"
    deploy = release.work / "maven"
    maven = ["mvn", "--batch-mode", "--quiet", "--no-transfer-progress", f"-Dmaven.repo.local={cache}", "-DskipTests"]
    maven.append(f"-Dproject.build.outputTimestamp={release.epoch}")
    run(*maven, "package", "--projects", "client,testing", cwd=clients)
    root = deploy / f"fermata-java-{release.version}"
    root.mkdir(parents=True)
    shutil.copy(clients / "pom.xml", root / f"fermata-parent-{release.version}.pom")
    for module in ("client", "testing"):
        jars = sorted((clients / module / "target").glob(f"*-{release.version}*.jar"))
        if not jars:
            raise RuntimeError(f"Maven made no jar of {module}")
        for jar in jars:
            shutil.copy(jar, root)
        name = min((jar.stem for jar in jars), key=len)
        shutil.copy(clients / module / "pom.xml", root / f"{name}.pom")
    tar(release, root, f"{root.name}.tar.gz")


def typescript(release: Release) -> None:
    """The package as npm publishes it."""
    folder = release.source / "clients/typescript"
    run("npm", "ci", "--no-audit", "--no-fund", "--silent", cwd=folder)
    run("npx", "tsc", "--build", cwd=folder)
    run("npm", "pack", "--silent", "--pack-destination", release.folder, cwd=folder)


def rust(release: Release) -> None:
    """The crates as crates.io takes them."""
    target = release.work / "crates"
    packages = ["--package", "fermata-proto", "--package", "fermata-client"]
    options = ["--no-verify", "--allow-dirty", "--exclude-lockfile", "--offline"]
    run("cargo", "package", "--quiet", *packages, *options, CARGO_TARGET_DIR=str(target))
    for crate in (target / "package").glob("*.crate"):
        shutil.copy(crate, release.folder)


PARTS = [binary, debian, image, chart, contract, python, go, java, typescript, rust]
