#!/usr/bin/env python3
"""Plays deploy/compose/replicas.yaml without an engine, and stages incidents in it: the services of Fermata, Prometheus and a
PostgreSQL run as processes with the commands, variables, ports and files that the compose file gives them. A replica is killed in
the middle of a session and another one finishes it; the cloud goes away and comes back, and so does the database; the alerts
fire and end.

It has to be started as root in mount, network and process namespaces of its own, which deploy_compose.py does.

usage: deploy_staged.py COMPOSE.json FOLDER      COMPOSE.json: the compose file as compose-go reads it
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

from deploy_server import LIMIT, PROGRAM, ROOT, environment, get, wait

REPLICAS = {"fermata-1": 7400, "fermata-2": 7410, "fermata-3": 7420}
PROMETHEUS = "127.0.0.1:9090"
MOST_CALLS = 60
BEGAN = time.monotonic()


def tell(text: str) -> None:
    print(f"{time.monotonic() - BEGAN:5.1f} s  {text}", flush=True)


class Stage:
    """The services, by their names."""

    def __init__(self, compose: Path, folder: Path) -> None:
        self.services = json.loads(compose.read_text())["services"]
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        # As the engine's DNS does it.
        hosts = folder / "hosts"
        hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in ["localhost", *self.services]))
        subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        (folder / "postgres").mkdir()
        # PostgreSQL refuses root and runs as somebody else, who has to get there.
        folder.chmod(0o755)
        subprocess.run(["chown", "postgres", str(folder / "postgres")], check=True)
        self.database = self.postgres("up")

    def postgres(self, what: str) -> str:
        """Starts it and returns its URL, or stops it."""
        variables = {"FERMATA_POSTGRES_DIR": str(self.folder / "postgres"), "FERMATA_POSTGRES_FSYNC": "off"}
        program = ROOT / "tests/postgres" / what
        return subprocess.run([program], env=os.environ | variables, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def start(self, name: str, command: list[str], variables: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, env=environment(self.folder) | variables, stdout=log, stderr=log)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-3000:]

    def start_site(self) -> None:
        words = [re.sub("^/var/lib/fermata", str(self.folder), word) for word in self.services["site"]["command"]]
        self.start("site", [PROGRAM, *words], {})

    def start_replica(self, name: str) -> None:
        variables = self.services[name]["environment"] | {"FERMATA_DATABASE_URL": self.database}
        self.start(name, [PROGRAM, "serve"], variables)
        http = f"127.0.0.1{variables['FERMATA_HTTP_LISTEN']}"
        wait(lambda: get(http, "/readyz")[0] == 200, lambda: self.log(name))

    def start_prometheus(self) -> None:
        """With the compose file's configuration, but for paths and patience."""
        mounted = {v["target"]: Path(v["source"]) for v in self.services["prometheus"]["volumes"] if v["type"] == "bind"}
        config = mounted["/etc/prometheus/prometheus.yml"].read_text()
        rules = mounted["/etc/prometheus/fermata.rules.yml"].read_text()
        (self.folder / "rules.yml").write_text(re.sub(r"\[\d+m\]", "[10s]", re.sub(r"( +for:) \w+", r"\1 1s", rules)))
        config = config.replace("/etc/prometheus/fermata.rules.yml", str(self.folder / "rules.yml")).replace("10s", "1s")
        (self.folder / "prometheus.yml").write_text(config)
        command = ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data"]
        self.start("prometheus", [*command, f"--web.listen-address={PROMETHEUS}"], {})
        wait(lambda: get(PROMETHEUS, "/-/ready")[0] == 200, lambda: self.log("prometheus"))

    def firing(self) -> set[tuple[str, str]]:
        """The alerts that fire, each with its instance."""
        status, body = get(PROMETHEUS, "/api/v1/alerts")
        if status != 200:
            raise AssertionError(body)
        alerts = [alert for alert in json.loads(body)["data"]["alerts"] if alert["state"] == "firing"]
        return {(alert["labels"]["alertname"], alert["labels"].get("instance", "")) for alert in alerts}

    def fermata(self, replica: str, *words: str) -> str:
        server = f"http://127.0.0.1:{REPLICAS[replica]}"
        command = [PROGRAM, "--server", server, "--output", "json", *words]
        done = subprocess.run(command, env=environment(self.folder), capture_output=True, text=True, timeout=LIMIT)
        if done.returncode:
            raise AssertionError(f"{words}: {done.stderr}")
        return done.stdout

    def query(self, text: str) -> list[dict]:
        return json.loads(get(PROMETHEUS, "/api/v1/query?query=" + urllib.parse.quote(text))[1])["data"]["result"]


def create(stage: Stage, replica: str, host: str) -> str:
    more = ["--for", "1h", "--announce-reply-period", "0s", "--drain-reply-period", "0s", "--reason", "new firmware"]
    return json.loads(stage.fermata(replica, "session", "create", "--host", host, *more))["id"]


def a_replica_is_lost(stage: Stage) -> str:
    """Returns the session, whose host is empty and held at the end."""
    session = create(stage, "fermata-1", "compute-a2")
    wait(lambda: stage.query("fermata_replica_sessions == 1"), lambda: "no replica works on the session")
    place = stage.query("fermata_replica_sessions == 1")[0]["metric"]["instance"]
    lost = next(name for name in REPLICAS if stage.services[name]["environment"]["FERMATA_HTTP_LISTEN"] == place.removeprefix("site"))
    stage.processes[lost].kill()
    stage.processes[lost].wait()
    alive = next(name for name in REPLICAS if name != lost)
    stage.fermata(alive, "session", "wait", session, "--for", "in-maintenance", "--within", "55s")
    # Nobody plays the owner here.
    expected = {("FermataReplicaDown", place), ("FermataNoOwnerListens", "")}
    wait(lambda: stage.firing() == expected, lambda: str(stage.firing()))
    tell(f"{lost} was killed; another one emptied the host; FermataReplicaDown and FermataNoOwnerListens fired, and nothing else")
    stage.start_replica(lost)
    wait(lambda: "FermataReplicaDown" not in dict(stage.firing()), lambda: str(stage.firing()))
    return session


def the_cloud_is_away(stage: Stage) -> None:
    stage.processes["site"].kill()
    stage.processes["site"].wait()
    wait(lambda: "FermataCloudAway" in dict(stage.firing()), lambda: str(stage.firing()))
    tell("FermataCloudAway fires")
    stage.start_site()
    wait(lambda: "FermataCloudAway" not in dict(stage.firing()), lambda: str(stage.firing()))
    tell("the cloud went away and came back; FermataCloudAway fired and ended")


def the_database_is_away(stage: Stage) -> None:
    stage.postgres("down")

    # It shows where somebody calls, and a call waits ten seconds for the database: many, one after the other, at each replica.
    calls: list[subprocess.Popen[bytes]] = []

    def found() -> bool:
        server = f"http://127.0.0.1:{list(REPLICAS.values())[len(calls) % 3]}"
        command = [PROGRAM, "--server", server, "version"]
        if len(calls) < MOST_CALLS:
            calls.append(subprocess.Popen(command, env=environment(stage.folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        # As often as Prometheus reads.
        time.sleep(1)
        return "FermataCallsUnavailable" in dict(stage.firing())

    wait(found, lambda: str(stage.firing()))
    for call in calls:
        call.wait(LIMIT)
    tell("FermataCallsUnavailable fires")
    stage.postgres("up")
    wait(lambda: "FermataCallsUnavailable" not in dict(stage.firing()), lambda: str(stage.firing()))
    tell("the database went away and came back; FermataCallsUnavailable fired and ended")


def all_is_well(stage: Stage, session: str) -> None:
    stage.fermata("fermata-2", "session", "complete-host", session, "compute-a2")
    stage.fermata("fermata-3", "session", "wait", session, "--for", "completed", "--within", "55s")
    wait(lambda: not stage.firing(), lambda: str(stage.firing()))
    tell("the session is completed, and no alert fires")


def main() -> None:
    stage = Stage(Path(sys.argv[1]), Path(sys.argv[2]))
    stage.start_site()
    for name in REPLICAS:
        stage.start_replica(name)
    stage.start_prometheus()
    wait(lambda: len(stage.query("up == 1")) == 3, lambda: stage.log("prometheus"))
    tell("three replicas, and Prometheus reads them")
    session = a_replica_is_lost(stage)
    the_cloud_is_away(stage)
    the_database_is_away(stage)
    all_is_well(stage, session)


if __name__ == "__main__":
    main()
