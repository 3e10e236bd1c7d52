"""The version: the changelog says it, and every package has it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = "CHANGELOG.md"
NUMBER = r"\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?"
# Where a package says its version: a file, and what stands around it. Each must match as often as it says.
PLACES = [
    ("Cargo.toml", r'(\[workspace\.package\]\nversion = "){}(")', 1),
    ("Cargo.lock", r'(name = "(?:fermata-[a-z]+|cloud-conformance|cluster-simulation|session-model)"\nversion = "){}(")', None),
    ("clients/rust/Cargo.toml", r'(fermata-proto = \{{ path = "[^"]+", version = "){}(")', 1),
    ("clients/python/pyproject.toml", r'(\nname = "fermata-client"\nversion = "){}(")', 1),
    ("clients/python/src/fermata/_version.py", r'(= "){}(")', 1),
    ("clients/openstack/pyproject.toml", r'(\nversion = "){}(")', 1),
    ("clients/openstack/src/fermataclient/__init__.py", r'(__version__ = "){}(")', 1),
    ("clients/typescript/package.json", r'(\n  "version": "){}(")', 1),
    ("clients/typescript/package-lock.json", r'("name": "@fermata/client",\n\s+"version": "){}(")', 2),
    ("clients/typescript/src/version.ts", r'(= "){}(")', 1),
    ("clients/go/doc.go", r'(= "){}(")', 1),
    ("clients/java/pom.xml", r"(<artifactId>fermata-parent</artifactId>\s+<version>){}(</version>)", 1),
    *((f"clients/java/{module}/pom.xml", r"(<artifactId>fermata-parent</artifactId>\s+<version>){}(</version>)", 1)
      for module in ("client", "testing", "conformance", "examples")),
    ("clients/java/client/src/main/java/dev/fermata/client/Fermata.java", r'(= "){}(")', 1),
    ("clients/java/README.md", r"(<version>){}(</version>)", None),
    ("clients/java/readme/pom.xml", r"(<groupId>dev\.fermata</groupId>\s+<artifactId>[a-z-]+</artifactId>\s+<version>){}(</version>)", 2),
    ("deploy/helm/fermata/Chart.yaml", r'(\n(?:version|appVersion): "?){}("?)', 2),
    ("deploy/compose/single.yaml", r"(fermata:){}()", None),
    ("deploy/compose/replicas.yaml", r"(fermata:){}()", None),
    *((f"deploy/helm/golden/{name}.yaml", r'(helm\.sh/chart: fermata-|app\.kubernetes\.io/version: "?|fermata:){}()', None)
      for name in ("bundled", "one", "openstack-helm", "replicas", "try")),
    ("deploy/openstack/kolla-ansible/fermata.yml", r"(fermata_){}(_)", 1),
    ("docs/deployment.md", r"(fermata[_:-]){}()", None),
    ("clients/java/readme/src/test/java/dev/fermata/readme/ReadmeTest.java", r"(fermata-client[/-]){}()", None),
]  # fmt: skip


class Wrong(Exception):
    """What keeps a release from being made."""


def of_changelog() -> str | None:
    """The version of its newest section. None: that is Unreleased."""
    newest = re.search(r"^## (.+)$", (ROOT / CHANGELOG).read_text(), re.M)
    if newest is None:
        raise Wrong(f"{CHANGELOG} has no section")
    if newest[1] == "Unreleased":
        return None
    if not (found := re.fullmatch(rf"({NUMBER}) \(\d{{4}}-\d\d-\d\d\)", newest[1])):
        raise Wrong(f"{CHANGELOG}: the newest section is '{newest[1]}', and must be '## 1.2.3 (2026-12-31)' or '## Unreleased'")
    return found[1]


def of_packages() -> dict[str, set[str]]:
    """What each place says."""
    said = {}
    for place, pattern, times in PLACES:
        text = (ROOT / place).read_text()
        found = [match["number"] for match in re.finditer(pattern.format(f"(?P<number>{NUMBER})"), text)]
        if not found or times not in (None, len(found)):
            raise Wrong(f"{place} says its version {len(found)} times, and not {times or 'once or more'}: see {Path(__file__).name}")
        said[place] = set(found)
    return said


def common() -> str:
    """The version that every package has."""
    said = of_packages()
    versions = sorted(set().union(*said.values()))
    if len(versions) != 1:
        lines = [f"  {', '.join(sorted(found))}  {place}" for place, found in said.items()]
        raise Wrong("\n".join([f"packages have different versions: {', '.join(versions)}", *lines]))
    return versions[0]


def write(version: str) -> None:
    """Gives it to every package."""
    for place, pattern, _ in PLACES:
        file = ROOT / place
        file.write_text(re.sub(pattern.format(NUMBER), rf"\g<1>{version}\g<2>", file.read_text()))
