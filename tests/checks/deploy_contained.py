#!/usr/bin/env python3
"""Runs an unpacked image as an engine would: its own root, read-only, its own user without rights, its own network. It has to be
started as root in mount, network and process namespaces of its own, which deploy_image.py does.

usage: deploy_contained.py BUNDLE        BUNDLE: what `umoci unpack` made of the image
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

LIMIT = 60


def run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}")


def page(path: str) -> int:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:7401{path}", timeout=LIMIT) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def main() -> None:
    bundle = Path(sys.argv[1])
    process = json.loads((bundle / "config.json").read_text())["process"]
    root = bundle / "rootfs"
    user = f"{process['user']['uid']}:{process['user']['gid']}"
    run("ip", "link", "set", "lo", "up")
    # An engine makes the places of its mounts before the root is read-only.
    for name in ("proc", "dev"):
        (root / name).mkdir()
    run("mount", "--bind", str(root), str(root))
    run("mount", "-o", "remount,bind,ro", str(root))
    run("mount", "-t", "proc", "proc", str(root / "proc"))
    run("mount", "--rbind", "/dev", str(root / "dev"))
    volume = root / process["cwd"][1:]
    owner = f"{volume.stat().st_uid}:{volume.stat().st_gid}"
    if owner != user:
        sys.exit(f"the folder of the database is {owner}'s, and the server runs as {user}")
    run("mount", "-t", "tmpfs", "-o", f"uid={process['user']['uid']},gid={process['user']['gid']},mode=0700", "tmpfs", str(volume))

    def command(words: list[str], **variables: str) -> list[str]:
        known = [*process["env"], *(f"{name}={value}" for name, value in variables.items())]
        return ["env", "-i", *known, "setpriv", "--no-new-privs", "chroot", f"--userspec={user}", str(root), *words]

    try:
        (root / "etc/written").write_text("")
    except OSError:
        pass
    else:
        sys.exit("the root can be written to")

    serve = process["args"]
    refused = subprocess.run(command(serve, FERMATA_CLOUD="simulated"), capture_output=True, text=True, timeout=LIMIT)
    if refused.returncode == 0 or "insecure" not in refused.stderr:
        sys.exit(f"without TLS and principals the image should not serve: {refused.returncode} {refused.stderr}")

    began = time.monotonic()
    log = bundle / "log"
    with log.open("wb") as to:
        server = subprocess.Popen(command(serve, FERMATA_CLOUD="simulated", FERMATA_INSECURE="true"), stdout=to, stderr=to)
    while page("/readyz") != 200:
        if server.poll() is not None or time.monotonic() > began + LIMIT:
            sys.exit(f"the server is not ready: {log.read_text()}")
        time.sleep(0.05)
    print(f"ready after {time.monotonic() - began:.1f} s")
    fermata = process["args"][0]
    run(*command([fermata, "version"]))
    # By the image's own variables it knows whom to ask.
    run(*command([fermata, "health"]))
    run(*command([fermata, "host", "drain", "compute-b3", "--reason", "new firmware", "--wait", "--within", "55s"]))
    if page("/healthz") != 200 or page("/metrics") != 200:
        sys.exit("the pages do not answer")
    server.terminate()
    if server.wait(LIMIT) != 0:
        sys.exit(log.read_text())
    if subprocess.run(command([fermata, "health"]), capture_output=True, timeout=LIMIT).returncode == 0:
        sys.exit("what does not run is called healthy")


if __name__ == "__main__":
    main()
