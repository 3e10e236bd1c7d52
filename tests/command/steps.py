"""The steps. A new suite is one more `Step`: what it is called, what runs, what it needs, how many cores it keeps busy.

Of steps that could run the earlier one in this list does, so what others wait for and what takes longest stands first.
`cargo` in `alone` is cargo's own lock on what is not optimised: two such commands would wait for each other anyway, and hold
a core each; `apt` is apt's.
"""

import os
import shutil
import subprocess
from pathlib import Path

from runner import Context, Step

NEXTEST = ["cargo", "nextest", "run", "--workspace", "--locked"]


def start_postgres(context: Context) -> None:
    """The one that DATABASE_URL names, or a private one."""
    if not os.environ.get("DATABASE_URL"):
        up = subprocess.run(["tests/postgres/up"], cwd=context.root, env=os.environ | {"FERMATA_POSTGRES_FSYNC": "off"},
                            capture_output=True, text=True)  # fmt: skip
        if up.returncode:
            raise RuntimeError(f"tests/postgres/up: {up.stderr}")
        context.environment["DATABASE_URL"] = up.stdout.strip()


def target(context: Context) -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR", context.root / "target")).absolute()


def program(context: Context) -> Path:
    """The program that is tested: in a place of its own, since whoever builds with other features replaces cargo's."""
    return target(context) / "tested/fermata"


def build_release(context: Context) -> list[str]:
    build = 'cargo build --release --locked --quiet -p fermata-cli --features console && install -D "$0" "$1"'
    return ["bash", "-c", build, str(target(context) / "release/fermata"), str(program(context))]


def with_release(*command: str):
    """A command in which FERMATA and GRPCURL stand for the programs."""

    def filled(context: Context) -> list[str]:
        programs = {"FERMATA": str(program(context)), "GRPCURL": context["grpcurl"]}
        return [programs.get(word, word) for word in command]

    return filled


def folder_of(program: str) -> Path:
    return Path(shutil.which(program) or program).parent


def examples(context: Context) -> list[str]:
    """Every example of the reference: those for grpcurl are run, the others are compiled."""
    check = f"{context['python']} tests/checks/reference.py"
    languages = " ".join(f"&& {check} {language}" for language in ("python", "go", "java", "typescript"))
    return ["bash", "-c", f'{check} grpcurl "$0" "$1" {languages}', str(program(context)), context["grpcurl"]]


def seeds(root: Path) -> dict[str, str]:
    """Another commit, other seeds; and the same ones whenever it is tested again."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True).stdout
    number = int(head[:8], 16)
    return {"FERMATA_FIRST_SEED": str(number * 1000), "PROPTEST_RNG_SEED": str(number)}


def steps(context: Context, mode: str) -> list[Step]:
    """All steps of a run."""
    nightly = mode == "nightly"
    lab = Path(os.environ.get("LAB", context.cache / "openstack-lab"))
    context.environment |= {"FERMATA_BIN": str(program(context)), "LAB": str(lab), "FERMATA_GO": context["go"]}
    context.environment |= seeds(context.root)
    if nightly:
        context.environment["FERMATA_NIGHTLY"] = "1"
    with_lab = ("all", "nightly")
    every = [
        # Seconds; both install Debian packages, which one at a time can.
        Step("PostgreSQL", start_postgres, cores=0.5, alone=("apt",)),
        # Mostly waits, and the lab's suite waits for it.
        Step("OpenStack lab", ["deploy/openstack-lab/up.sh", "4"], cores=0.5, alone=("apt", "lab"), variables={"LAB_SERVERS": "0"},
             modes=with_lab),  # fmt: skip
        Step("contract", lambda c: ["bash", "-c", '"$0" lint && "$0" format --diff --exit-code', c["buf"]], cores=0.5),
        Step("generated code", ["python3", "tests/checks/clients.py"], cores=1),
        Step("contract does not break", lambda c: [c["buf"], "breaking", "--against", "proto/released/fermata.v1.binpb"], cores=0.5),
        Step("format", ["cargo", "fmt", "--all", "--check"], cores=0.5),
        Step("the tests' own tools", ["bash", "-c", "for folder in command checks; do python3 -m unittest discover -s tests/$folder || "
             "exit; done"], cores=0.5),  # fmt: skip
        Step("documents say what is run", ["python3", "tests/checks/docs.py", "--list"], cores=0.5),
        Step("dependencies", ["python3", "tests/checks/dependencies.py"], cores=0.5),
        Step("licenses, bans, sources", ["cargo", "deny", "--locked", "check", "bans", "licenses", "sources"], cores=0.5),
        Step("console is built", ["console/build"], cores=1),
        # What is shipped is what these test: the release, without the tests' ways to break rules. Its last crates are compiled on one
        # core; what the tests need is compiled on the other, in a folder of its own.
        Step("release", build_release, ("console is built",), cores=1),
        Step("a real Nova", ["tests/lab/run"], ("OpenStack lab", "release"), cores=0.5, alone=("lab",), modes=with_lab),
        Step("clouds behave alike on a real Nova", [*NEXTEST, "--profile", "lab"], ("a real Nova", "tests are built"), cores=0.25,
             alone=("lab",), variables={"FERMATA_LAB_CLOUDS": str(lab / "clouds.yaml")}, modes=with_lab),  # fmt: skip
        Step("clippy", ["cargo", "clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
             cores=0.75, alone=("cargo",)),  # fmt: skip
        Step("tests are built", [*NEXTEST, "--no-run", "--cargo-quiet"], cores=0.75, alone=("cargo",)),
        Step("real kills", ["tests/kills/run", "--kills", "1000" if nightly else "30"], ("release",), cores=1.5, limit=7200 if nightly else 900,
             modes=with_lab),  # fmt: skip
        Step("rolling upgrade", ["bash", "-c", 'tests/kills/run --kills 20 --upgrade-from "$(tests/kills/previous)"'], ("release",),
             cores=1.5, alone=("cargo",), modes=("nightly",)),  # fmt: skip
        Step("tests", [*NEXTEST, "--no-fail-fast", *(["--profile", "nightly", "--run-ignored", "all"] if nightly else [])],
             ("tests are built", "PostgreSQL"), cores=1.5, limit=14400 if nightly else 1800),  # fmt: skip
        # Two builds: what visitors run first, and what they install.
        Step("commands of the documents", with_release("python3", "tests/checks/docs.py", "--fermata", "FERMATA",
             "--grpcurl", "GRPCURL"), ("release", "PostgreSQL", "tests are built"), cores=0.5, alone=("cargo",),
             variables={"PATH": f"{folder_of(context['go'])}:{context.environment.get('PATH', os.environ['PATH'])}"}),  # fmt: skip
        Step("examples in comments", ["cargo", "test", "--workspace", "--doc", "--locked", "--quiet"], ("tests are built",),
             alone=("cargo",)),  # fmt: skip
        # The SDKs on the release, as their users install them.
        Step("SDK for Go", ["clients/go/check"], ("release",), cores=1),
        Step("SDK for Python", ["clients/python/check"], ("release",), cores=1, variables={"SDK_PYTHON": context["python"]}),
        Step("SDK for Java", ["clients/java/check"], ("release",), cores=1),
        Step("SDK for TypeScript", ["clients/typescript/check"], ("release",), cores=1),
        # It builds what the SDK's check builds, too.
        Step("console", ["console/check"], ("SDK for TypeScript",), cores=1.5),
        # It builds with the workspace, so it waits for what builds there.
        Step("SDK for Rust", ["clients/rust/check"], ("release", "tests are built"), cores=1, alone=("cargo",),
             variables={"DOCS_PYTHON": context["python"]}),  # fmt: skip
        Step("openstack command", ["clients/openstack/check"], ("release",), cores=1, variables={"SDK_PYTHON": context["python"]},
             modes=with_lab),  # fmt: skip
        Step("SDKs behave alike", ["tests/sdks/run", "--runs", "50"],
             ("SDK for Go", "SDK for Python", "SDK for Java", "SDK for TypeScript", "SDK for Rust"), cores=1.5, limit=7200, modes=("nightly",)),  # fmt: skip
        Step("SDKs on other versions", ["clients/versions"], ("SDKs behave alike",), cores=1.5, limit=7200, modes=("nightly",)),
        # It measures what an honest client sees, so it has the machine for itself. What is cut off after half a minute is seen.
        Step("attacks", ["bash", "-c", 'cargo run --quiet --locked -p attack -- "$FERMATA_BIN" --seconds 40'], ("release", "tests are built"),
             cores=2, alone=("cargo",), limit=7200, modes=("nightly",)),  # fmt: skip
        # How it is installed. Half of it waits for staged incidents.
        Step("deployment", ["deploy/check"], ("release", "PostgreSQL"), cores=0.75, alone=("apt",),
             variables={"FERMATA_LAB": "0", "SDK_PYTHON": context["python"]}),  # fmt: skip
        Step("release artefacts", with_release(context["python"], "tests/checks/release.py", "FERMATA"), ("release", "deployment"), cores=1,
             alone=("cargo",), variables={"SDK_PYTHON": context["python"]}),  # fmt: skip
        Step("Keystone registration", ["deploy/check", "openstack"], ("release", "OpenStack lab", "deployment"), cores=0.5, modes=with_lab,
             variables={"SDK_PYTHON": context["python"]}),  # fmt: skip
        # What the documents show.
        Step("pages of the reference", ["tests/checks/reference.py", "pages"], cores=0.5, variables={"DOCS_PYTHON": context["python"]}),
        Step("documentation site", ["docs/build"], ("pages of the reference",), cores=1, variables={"DOCS_PYTHON": context["python"]}),
        Step("examples of the reference", examples(context), ("release", "SDK for Go", "SDK for Python", "SDK for Java", "SDK for TypeScript"),
             cores=1, variables={"DOCS_PYTHON": context["python"]}),  # fmt: skip
        Step("state diagrams", with_release(context["python"], "tests/checks/states.py", "FERMATA", "GRPCURL"), ("release",), cores=0.5),
        Step("footprint", with_release("python3", "tests/checks/footprint.py", "FERMATA"), ("release",), cores=0.5),
        Step("idle sessions sleep", with_release("python3", "tests/checks/idle.py", "FERMATA"), ("release",), cores=0.5),
        Step("backup and restore", with_release("python3", "tests/checks/backup.py", "FERMATA"), ("release", "PostgreSQL"),
             cores=0.5),  # fmt: skip
        Step("grpcurl calls every method", with_release("python3", "tests/checks/grpcurl.py", "FERMATA", "GRPCURL"), ("release",),
             cores=0.5),  # fmt: skip
        Step("a large site", with_release("python3", "tests/checks/large.py", "FERMATA", "GRPCURL"), ("release",), cores=0.5),
        Step("top in a terminal", with_release(context["python"], "tests/checks/top.py", "FERMATA"), ("release",), cores=0.5),
        Step("demo", with_release("tests/checks/demo.sh", "FERMATA"), ("release",), cores=0.5),
    ]
    return [step for step in every if mode in step.modes and step.name not in context.left_out]
