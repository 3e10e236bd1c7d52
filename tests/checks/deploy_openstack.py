#!/usr/bin/env python3
"""Checks deploy/openstack/register on a real Keystone, and that Fermata takes what it wrote.

Keystone, its WSGI server and openstacksdk are those of the lab (deploy/openstack-lab), of which nothing else is needed and nothing is
changed: LAB names its folder. FERMATA_BIN is the server.   usage: deploy_openstack.py
"""

import getpass
import json
import os
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from deploy_server import LIMIT, PROGRAM, ROOT, Check, environment, get, wait

LAB = Path(os.environ.get("LAB", Path.home() / ".cache/fermata/openstack-lab"))
BIN = LAB / "venv/bin"
REGISTER = ROOT / "deploy/openstack/register"
CONFIG = """
[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///{home}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = {home}/fernet
[fernet_receipts]
key_repository = {home}/fernet
[credential]
key_repository = {home}/credential
[identity]
password_hash_rounds = 4
"""


class Register(Check):
    """The script."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.home = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.address = f"127.0.0.1:{probe.getsockname()[1]}"
        cls.url = f"http://{cls.address}/v3"
        (cls.home / "keystone").mkdir()
        config = cls.home / "keystone/keystone.conf"
        config.write_text(CONFIG.format(home=cls.home))
        manage = [BIN / "keystone-manage", "--config-file", config]
        user = ["--keystone-user", getpass.getuser(), "--keystone-group", getpass.getuser()]
        for words in (["fernet_setup", *user], ["credential_setup", *user], ["db_sync"]):
            cls.program(cls(), *manage, *words)
        urls = [word for kind in ("admin", "internal", "public") for word in (f"--bootstrap-{kind}-url", cls.url)]
        cls.program(cls(), *manage, "bootstrap", "--bootstrap-password", "secret", "--bootstrap-region-id", "RegionOne", *urls)
        variables = environment(cls.home) | {"OS_KEYSTONE_CONFIG_DIR": str(config.parent), "OS_KEYSTONE_CONFIG_FILES": str(config)}
        command = [BIN / "uwsgi", "--http-socket", cls.address, "--module", "keystone.wsgi.api:application", "--virtualenv", LAB / "venv",
                   "--threads", "2", "--enable-threads", "--die-on-term", "--buffer-size", "65535", "--disable-logging",
                   "--add-header", "Connection: close"]  # fmt: skip
        log = cls.home / "keystone.log"
        with log.open("wb") as to:
            cls.keystone = subprocess.Popen(list(map(str, command)), env=variables, stdout=to, stderr=to)
        cls.addClassCleanup(cls.stop)
        wait(lambda: get(cls.address, "/v3")[0] == 200, log.read_text)

    @classmethod
    def stop(cls) -> None:
        cls.keystone.terminate()
        cls.keystone.wait(LIMIT)

    def administrator(self) -> dict[str, str]:
        return environment(self.home) | {
            "OS_AUTH_URL": self.url, "OS_USERNAME": "admin", "OS_PASSWORD": "secret", "OS_PROJECT_NAME": "admin",
            "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default", "OS_REGION_NAME": "RegionOne",
            "OS_IDENTITY_API_VERSION": "3",
        }  # fmt: skip

    def register(self, *words: str, **more: str) -> str:
        return self.program(BIN / "python", REGISTER, *words, env=self.administrator() | more)

    def openstack(self, *words: str) -> list[dict]:
        return json.loads(self.program(BIN / "openstack", *words, "--format", "json", env=self.administrator()))

    def test_a_cloud_learns_of_fermata_and_learns_it_once(self) -> None:
        clouds = self.home / "clouds.yaml"
        first = "https://fermata.example.org:7400"
        self.register("--url", first, "--clouds", str(clouds), "--operator-role", "maintenance")
        self.assertEqual(clouds.stat().st_mode & 0o777, 0o600)
        written = clouds.read_text()

        # Again, and at another address.
        second = "https://maintenance.example.org"
        said = self.register("--url", second, "--operator-role", "maintenance")
        self.assertIn(f"was {first}", said)
        self.assertIn("password as it was", said)
        self.assertEqual(said.count("made"), 0)
        self.assertIn("as it was", self.register("--url", second))
        endpoints = self.openstack("endpoint", "list", "--service", "maintenance")
        self.assertEqual({(e["Interface"], e["URL"]) for e in endpoints}, {("public", second), ("internal", second)})
        self.assertEqual(len(endpoints), 2)
        roles = self.openstack("role", "assignment", "list", "--user", "fermata", "--project", "service", "--names")
        self.assertEqual({role["Role"] for role in roles}, {"admin", "service"})
        self.assertIn("maintenance", [role["Name"] for role in self.openstack("role", "list")])

        # What was written lets Fermata in: with its password it gets as far as asking for Nova, which is not here.
        passwords = (
            ("its own", written, "compute"),
            ("another", written.replace('password: "', 'password: "not-'), "signing in to Keystone"),
        )
        for password, text, said in passwords:
            with self.subTest(password):
                clouds.write_text(text)
                command = [PROGRAM, "serve", "--check", "--cloud", "openstack", "--os-cloud", "fermata", "--os-clouds-file", str(clouds),
                           "--database-url", f"sqlite://{self.home}/fermata.db?mode=rwc"]  # fmt: skip
                done = subprocess.run(command, env=environment(self.home), capture_output=True, text=True, timeout=LIMIT)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)

        # A new password for a user that is there.
        self.register("--url", second, "--clouds", str(clouds), FERMATA_PASSWORD="another one")
        self.assertIn("another one", clouds.read_text())

    def test_who_may_not_is_told(self) -> None:
        variables = self.administrator() | {"OS_PASSWORD": "wrong"}
        done = subprocess.run(
            [BIN / "python", REGISTER, "--url", "https://x"], env=variables, capture_output=True, text=True, timeout=LIMIT
        )
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("OpenStack refused", done.stderr)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
