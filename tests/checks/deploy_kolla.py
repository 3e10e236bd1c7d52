#!/usr/bin/env python3
"""Checks deploy/openstack/kolla-ansible by Ansible: the syntax of the playbook, what it gives to HAProxy (which then leads clients
to servers), and whether the server takes the configuration that it writes.

PATH has ansible-playbook and haproxy; FERMATA_BIN is the server. No host is changed.   usage: deploy_kolla.py
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from deploy_server import LIMIT, PROGRAM, ROOT, Check, environment

FOLDER = ROOT / "deploy/openstack/kolla-ansible"
PLAYBOOK = FOLDER / "fermata.yml"
INVENTORY = f"[control]\ncontrol-1\ncontrol-2\ncontrol-3\n[deployment]\nlocalhost ansible_connection=local ansible_python_interpreter={sys.executable}\n"


class Kolla(Check):
    """The playbook."""

    def setUp(self) -> None:
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.home / "multinode").write_text(INVENTORY)

    def play(self, *words: str, playbook: Path = PLAYBOOK, **variables: object) -> str:
        command = ["ansible-playbook", "--inventory", self.home / "multinode", "--extra-vars", json.dumps(variables), *words, playbook]
        return self.program(*command, env=environment(self.home) | {"ANSIBLE_LOCALHOST_WARNING": "false"}, cwd=self.home)

    def test_syntax(self) -> None:
        self.play("--syntax-check")
        hosts = self.play("--list-hosts")
        self.assertIn("control-1", hosts)
        self.assertNotIn("control-2", hosts)
        self.assertIn("control-3", self.play("--list-hosts", fermata_replicas=["control-2", "control-3"]))

    def haproxy(self, **variables: object) -> str:
        variables = {"kolla_external_vip_address": "192.0.2.10"} | variables | {"node_custom_config": str(self.home / "kolla")}
        self.play("--limit", "localhost", **variables)
        return (self.home / "kolla/haproxy/services.d/fermata.cfg").read_text()

    def test_haproxy(self) -> None:
        said = self.haproxy()
        self.assertIn("bind 192.0.2.10:7400", said)
        self.assertEqual(said.count("\n  server "), 1)
        self.assertIn("server control-1 control-1:7400 check port 7401", said)
        self.assertEqual(self.haproxy(fermata_replicas=["control-1", "control-3"]).count("\n  server "), 2)

    def test_haproxy_leads_to_a_server_that_is_ready(self) -> None:
        said = self.haproxy(kolla_external_vip_address="127.0.0.1", fermata_replicas=["127.0.0.2", "127.0.0.3"])
        (self.home / "fermata.cfg").write_text(said)
        print(self.isolated(self.home, sys.executable, ROOT / "tests/checks/deploy_proxied.py", self.home))

    def test_the_server_takes_the_configuration(self) -> None:
        task = {"ansible.builtin.template": {"src": str(FOLDER / "fermata.toml.j2"), "dest": str(self.home / "fermata.toml")}}
        (self.home / "render.yml").write_text(
            json.dumps([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}])
        )
        known = {
            "fermata_address": "192.0.2.11",
            "fermata_operator_roles": "admin,maintenance",
            "fermata_database_url": f"sqlite://{self.home}/f.db?mode=rwc",
        }
        self.play(playbook=self.home / "render.yml", **known)
        written = self.home / "fermata.toml"
        command = [PROGRAM, "serve", "--check", "--config", str(written)]

        def said() -> str:
            return subprocess.run(command, env=environment(self.home), capture_output=True, text=True, timeout=LIMIT).stderr

        # Its files are not here, and that is all that is wrong with it.
        self.assertRegex(said(), "/etc/fermata/|clouds.yaml")
        self.assertNotIn("has an option", said())
        written.write_text(written.read_text().replace("operator_roles", "operator_rolls"))
        self.assertIn("has an option", said())


if __name__ == "__main__":
    unittest.main()
