"""Generates clients in Go, Python and TypeScript from the contract as it is, and compiles each.

usage: clients.py [GO]
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("FERMATA_CACHE", Path.home() / ".cache/fermata"))
TYPESCRIPT = ("typescript@6.0.3", "@bufbuild/protobuf@2.13.0")
GO_MOD = """module fermata.dev/clients/go

go 1.24.0

require (
	google.golang.org/grpc v1.79.3
	google.golang.org/protobuf v1.36.12
)
"""
TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "module": "nodenext",
        "target": "es2022",
        "noEmit": True,
    },
    "include": ["fermata"],
}
PYTHON = """
import importlib, pathlib
for path in sorted(pathlib.Path("fermata/v1").glob("*_pb2*.py")):
    importlib.import_module(f"fermata.v1.{path.stem}")
from fermata.v1.session_service_pb2 import CreateSessionRequest
from fermata.v1.session_service_pb2_grpc import SessionServiceStub
assert CreateSessionRequest.FromString(CreateSessionRequest(request_id="a").SerializeToString()).request_id == "a"
"""


def run(command: list[str], folder: Path, **environment: str) -> None:
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def compile_go(folder: Path, go: str) -> None:
    (folder / "go.mod").write_text(GO_MOD)
    run([go, "mod", "tidy"], folder)
    run([go, "vet", "./..."], folder)


def compile_python(folder: Path) -> None:
    run([str(CACHE / "tools/generators/python/bin/python"), "-W", "error", "-c", PYTHON], folder)


def compile_typescript(folder: Path) -> None:
    packages = CACHE / "tools/typescript"
    wanted = " ".join(TYPESCRIPT)
    mark = packages / "versions"
    if not mark.exists() or mark.read_text() != wanted:
        packages.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(packages), *TYPESCRIPT], folder)
        mark.write_text(wanted)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    run(["node_modules/.bin/tsc", "--project", "."], folder)


def main() -> None:
    go = sys.argv[1] if len(sys.argv) > 1 else "go"
    with tempfile.TemporaryDirectory() as made:
        out = Path(made)
        run([str(ROOT / "clients/generate"), str(out)], ROOT, FERMATA_GO=go)
        compile_python(out / "python")
        compile_typescript(out / "typescript")
        compile_go(out / "go", go)
    print("clients in Go, Python and TypeScript compile")


if __name__ == "__main__":
    main()
