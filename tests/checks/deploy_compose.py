#!/usr/bin/env python3
"""Checks deploy/compose: the files by compose's own reader and schema, what they mount, and the replicas by playing them without an
engine (deploy_staged.py).

PATH has compose-go (the program cmd of github.com/compose-spec/compose-go), prometheus and promtool; FERMATA_BIN is the server.
Playing needs root or sudo, and PostgreSQL.   usage: deploy_compose.py
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from deploy_server import PROGRAM, ROOT, Check

COMPOSE = ROOT / "deploy/compose"
FILES = [COMPOSE / "single.yaml", COMPOSE / "replicas.yaml"]


class Compose(Check):
    """The compose files."""

    def read(self, file: Path) -> dict:
        return json.loads(self.program("compose-go", "-format", "json", file, cwd=COMPOSE))

    def test_compose_reads_them(self) -> None:
        for file in FILES:
            self.assertTrue(self.read(file)["services"])
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "broken.yaml"
            broken.write_text(FILES[0].read_text().replace("read_only:", "readonly:"))
            done = subprocess.run(["compose-go", broken], capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)

    def test_fermata_has_no_rights_and_is_not_published(self) -> None:
        for file in FILES:
            for name, service in self.read(file)["services"].items():
                for port in service.get("ports", []):
                    self.assertEqual(port["host_ip"], "127.0.0.1", name)
                if service["image"].startswith("fermata"):
                    self.assertTrue(service["read_only"], name)
                    self.assertEqual(service["cap_drop"], ["ALL"], name)

    def test_images_of_fermata_have_its_version(self) -> None:
        version = self.program(PROGRAM, "--version").split()[1]
        for file in FILES:
            images = {s["image"] for s in self.read(file)["services"].values() if s["image"].startswith("fermata")}
            self.assertEqual(images, {f"fermata:{version}"})

    def test_what_is_mounted_is_there(self) -> None:
        for file in FILES:
            for service in self.read(file)["services"].values():
                for volume in service.get("volumes", []):
                    if volume["type"] == "bind":
                        self.assertTrue(Path(volume["source"]).exists(), volume["source"])

    def test_files_of_other_programs(self) -> None:
        self.program("promtool", "check", "config", "--syntax-only", COMPOSE / "prometheus.yml")
        collector = yaml.safe_load((COMPOSE / "collector.yaml").read_text())
        for pipeline in collector["service"]["pipelines"].values():
            for kind, names in pipeline.items():
                self.assertLessEqual(set(names), set(collector[kind]))
        provider = yaml.safe_load((COMPOSE / "grafana-dashboards.yaml").read_text())["providers"][0]
        grafana = self.read(FILES[1])["services"]["grafana"]
        self.assertIn(provider["options"]["path"], [volume["target"] for volume in grafana["volumes"]])

    def test_replicas_and_alerts_in_incidents(self) -> None:
        # Not below a home that PostgreSQL's user cannot enter.
        with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as folder:
            read = Path(folder) / "compose.json"
            read.write_text(json.dumps(self.read(FILES[1])))
            print(self.isolated(Path(folder), sys.executable, ROOT / "tests/checks/deploy_staged.py", read, folder))


if __name__ == "__main__":
    unittest.main()
