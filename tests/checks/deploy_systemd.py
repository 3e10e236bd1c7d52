#!/usr/bin/env python3
"""Checks deploy/systemd and deploy/debian: the example configuration, the unit, and the package, which is installed for real.

The package is installed into a copy of this machine's root (an overlay in memory), which needs root or sudo, and systemd's and
dpkg's programs.   usage: deploy_systemd.py
"""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from deploy_server import PROGRAM, ROOT, Check, environment

CONFIG = ROOT / "deploy/systemd/fermata.toml"
# $1: a script, $2: the package, $3: an empty folder. Nothing of it is seen outside, and everything goes with the process.
COPY_OF_ROOT = """
set -euo pipefail
folder=$3
mount -t tmpfs tmpfs "$folder"
mkdir "$folder"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
mount -t tmpfs tmpfs "$folder/root/run"
mount -t tmpfs -o mode=1777 tmpfs "$folder/root/tmp"
mount -t proc proc "$folder/root/proc"
mount --rbind /dev "$folder/root/dev"
cp "$1" "$folder/root/tmp/installed.py"
cp "$2" "$folder/root/tmp/fermata.deb"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \\
  chroot "$folder/root" /usr/bin/python3 /tmp/installed.py /tmp/fermata.deb
"""


class Systemd(Check):
    """Configuration, unit, package."""

    def test_the_example_configuration_is_what_help_says(self) -> None:
        made = self.program(ROOT / "deploy/systemd/make-config", PROGRAM)
        self.assertEqual(made, CONFIG.read_text(), "run deploy/systemd/make-config")

    def check(self, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
        file = folder / "fermata.toml"
        file.write_text(text.replace("/var/lib/fermata", str(folder)))
        command = [PROGRAM, "serve", "--check", "--config", str(file)]
        return subprocess.run(command, env=environment(folder), capture_output=True, text=True, timeout=60)

    def test_every_option_in_it_is_one(self) -> None:
        text = CONFIG.read_text()
        examples = {re.search(r"^#(\w+) = ", block, re.M)[1] for block in text.split("\n\n") if "An example:\n" in block}
        self.assertGreater(len(examples), 10)
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            # Nothing starts before a cloud is named; with one, as it stands, and with every default said.
            asked = self.check(home, text)
            self.assertEqual((asked.returncode, "--cloud" in asked.stderr), (2, True), asked.stderr)
            text = text.replace('#cloud = "openstack"\n', 'cloud = "simulated"\n')
            self.assertEqual(self.check(home, text).returncode, 0)
            said = re.sub(r"^#(\w+) = ", lambda found: found[0] if found[1] in examples else found[0][1:], text, flags=re.M)
            self.assertNotEqual(said, text)
            done = self.check(home, said)
            self.assertEqual(done.returncode, 0, done.stderr)
            # Files and services that examples name are not here; that their option and its kind are right shows all the same.
            for name in examples:
                done = self.check(home, re.sub(rf"^#{name} = ", f"{name} = ", text, flags=re.M))
                self.assertNotIn("configuration file", done.stderr)
            done = self.check(home, text.replace("#max_streams = ", "max_streems = "))
            self.assertIn("configuration file", done.stderr)

    def test_the_package_is_installed_serves_and_goes(self) -> None:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
            package = self.program(ROOT / "deploy/debian/build", PROGRAM, folder).strip()
            script = ROOT / "tests/checks/deploy_installed.py"
            print(self.isolated(Path(empty), "bash", "-c", COPY_OF_ROOT, "copy-of-root", script, package, empty))


if __name__ == "__main__":
    unittest.main()
