#!/usr/bin/env python3
"""Checks deploy/container: builds the image twice, looks into it, and runs it from its unpacked root.

PATH has umoci; FERMATA_BIN is the program. Running it needs root or sudo.   usage: deploy_image.py
"""

import json
import re
import tarfile
import tempfile
import tomllib
import unittest
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from deploy_server import PROGRAM, ROOT, Check

MOST_BYTES = 30_000_000


class Image(Check):
    """The image and the list of what it is made of."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls().program(ROOT / "deploy/container/build", PROGRAM, cls.folder)
        cls.layout = cls.folder / "image"
        cls.version = cls().program(PROGRAM, "--version").split()[1]
        cls.manifest = cls.blob(json.loads((cls.layout / "index.json").read_text())["manifests"][0])
        cls.config = cls.blob(cls.manifest["config"])

    @classmethod
    def path(cls, descriptor: dict) -> Path:
        return cls.layout / "blobs" / descriptor["digest"].replace(":", "/")

    @classmethod
    def blob(cls, descriptor: dict) -> dict:
        return json.loads(cls.path(descriptor).read_text())

    def test_the_same_program_gives_the_same_image(self) -> None:
        with tempfile.TemporaryDirectory() as again:
            self.program(ROOT / "deploy/container/build", PROGRAM, again, "--archive")
            index = (self.layout / "index.json").read_text()
            self.assertEqual((Path(again) / "image/index.json").read_text(), index)
            with tarfile.open(Path(again) / f"fermata-{self.version}.oci.tar") as archive:
                self.assertEqual(archive.extractfile("./index.json").read().decode(), index)
                self.assertIn("./oci-layout", archive.getnames())

    def test_it_is_small(self) -> None:
        size = sum(layer["size"] for layer in self.manifest["layers"])
        print(f"image: {size / 1e6:.1f} MB compressed")
        self.assertLess(size, MOST_BYTES)

    def test_it_is_described(self) -> None:
        config = self.config["config"]
        self.assertEqual(config["User"], "65532:65532")
        self.assertEqual([config["Entrypoint"], config["Cmd"]], [["/usr/bin/fermata"], ["serve"]])
        self.assertEqual(set(config["ExposedPorts"]), {"7400/tcp", "7401/tcp"})
        labels = config["Labels"]
        self.assertEqual(labels["org.opencontainers.image.version"], self.version)
        self.assertEqual(labels["org.opencontainers.image.licenses"], "Apache-2.0")
        wanted = {"title", "description", "revision", "created"}
        self.assertLessEqual({f"org.opencontainers.image.{name}" for name in wanted}, set(labels))

    def test_it_has_the_program_and_its_libraries_and_nothing_to_run_beside(self) -> None:
        programs = set()
        for layer in self.manifest["layers"]:
            with tarfile.open(self.path(layer)) as tar:
                for member in tar:
                    state = member.name.removeprefix("./") == "var/lib/fermata"
                    self.assertEqual((member.uid, member.gid), (65532, 65532) if state else (0, 0), member.name)
                    self.assertFalse(member.mode & 0o7022, f"{member.name}: {member.mode:o}")
                    if member.isfile() and member.mode & 0o111:
                        programs.add(re.sub(r"^ld-linux.*", "the loader", Path(member.name).name))
        self.assertEqual(programs, {"fermata", "the loader", "libc.so.6", "libm.so.6", "libgcc_s.so.1"})

    def test_it_serves_from_a_read_only_root(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            bundle = Path(folder) / "bundle"
            contained = ROOT / "tests/checks/deploy_contained.py"
            unpack = f'umoci unpack --image "{self.layout}:{self.version}" "{bundle}" && exec /usr/bin/python3 "{contained}" "{bundle}"'
            print(self.isolated(Path(folder), "bash", "-c", unpack))

    def test_the_list_of_parts_is_whole(self) -> None:
        text = (self.folder / "fermata.cdx.json").read_text()
        validator = JsonStrictValidator(SchemaVersion.V1_5)
        self.assertIsNone(validator.validate_str(text))
        self.assertIsNotNone(validator.validate_str(text.replace('"library"', '"lib"')))
        document = json.loads(text)
        self.assertEqual((document["bomFormat"], document["specVersion"]), ("CycloneDX", "1.5"))
        self.assertRegex(document["serialNumber"], r"^urn:uuid:[0-9a-f-]{36}$")
        parts = {part["bom-ref"]: part for part in document["components"]}
        self.assertEqual(len(parts), len(document["components"]), "a part is there twice")
        root = document["metadata"]["component"]["bom-ref"]
        uses = {link["ref"]: link["dependsOn"] for link in document["dependencies"]}
        reached, todo = set(), [root]
        while todo:
            ref = todo.pop()
            if ref not in reached:
                reached.add(ref)
                todo += uses.get(ref, [])
        self.assertEqual(reached, set(parts) | {root}, "parts that nothing uses, or that are used and not there")
        names = {part["name"] for part in parts.values()}
        self.assertLessEqual({"tokio", "tonic", "rustls", "fermata-core", "libc6", "libgcc-s1"}, names)
        self.assertFalse({"proptest", "insta", "cloud-conformance", "session-model"} & names, "parts of tests")
        lock = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
        for package in lock:
            part = parts.get(f"pkg:cargo/{package['name']}@{package['version']}")
            if part and "checksum" in package:
                self.assertEqual(part["hashes"][0]["content"], package["checksum"])


if __name__ == "__main__":
    unittest.main()
