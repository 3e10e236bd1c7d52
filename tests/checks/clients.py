#!/usr/bin/env python3
"""The generated code of the SDKs is what the contract gives: generates it anew and compares."""

import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST = 10


def files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def main() -> int:
    with tempfile.TemporaryDirectory() as anew:
        subprocess.run([ROOT / "clients/generate", anew], check=True)
        generated = files(Path(anew))
        tracked = subprocess.run(["git", "ls-files", "clients"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        # Folders that hold nothing but generated files.
        folders = ("clients/go/fermatav1/", "clients/typescript/src/gen/", "clients/python/src/fermata/v1/", "clients/java/client/src/generated/")
        committed = {Path(line) for line in tracked.splitlines() if line.startswith(folders)}
        wrong = [f"{path} is not generated any more" for path in committed - generated]
        wrong += [f"{path} is missing" for path in generated - committed]
        wrong += [f"{path} differs" for path in committed & generated if not filecmp.cmp(ROOT / path, Path(anew, path), shallow=False)]
    if not generated:
        wrong.append("nothing was generated")
    if wrong:
        print(*sorted(wrong)[:MOST], sep="\n")
        print(f"{len(wrong)} generated files are not what the contract gives; run clients/generate and commit what it writes")
        return 1
    print(f"{len(generated)} generated files are what the contract gives")
    return 0


if __name__ == "__main__":
    sys.exit(main())
