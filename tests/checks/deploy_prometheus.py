#!/usr/bin/env python3
"""Checks deploy/prometheus and deploy/grafana against a real server: the alerts by promtool on the /metrics of a maintenance
that went through, the panels of the dashboards by a Prometheus that reads that server.

PATH has promtool and prometheus; FERMATA_BIN is the server.   usage: deploy_prometheus.py
"""

import json
import re
import subprocess
import tempfile
import unittest
import urllib.parse
from pathlib import Path

import yaml

from deploy_server import LIMIT, ROOT, Check, Server, get, wait

RULES = ROOT / "deploy/prometheus/fermata.rules.yml"
INCIDENTS = ROOT / "deploy/prometheus/incidents.yml"
DASHBOARDS = sorted((ROOT / "deploy/grafana").glob("*.json"))
SERIES = re.compile(r"(\w+)(?:\{(.*)\})?$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
NAMES = re.compile(r"\b(?:fermata|process)_\w+")
# As Prometheus adds them to what it reads.
PLACE = {"instance": "fermata-0:7401", "job": "fermata"}
# Half minutes; nine hours and a half.
LENGTH = 1140
# Panels of what a healthy server has nothing of.
EMPTY = re.compile(r'outcome=~"(failed|rejected)|conflicts_total|certificate_end')


def canonical(series: str) -> str:
    """The series with its labels in order, and those that Prometheus adds."""
    name, labels = SERIES.fullmatch(series).groups()
    known = dict(LABEL.findall(labels or "")) | PLACE
    return name + "{" + ",".join(f'{label}="{known[label]}"' for label in sorted(known)) + "}"


def documented() -> set[str]:
    """Every metric of docs/telemetry.md, with the suffixes of a histogram's series."""
    text = (ROOT / "docs/telemetry.md").read_text()
    found = set(re.findall(r"`(process_\w+)`", text))
    for name, kind in re.findall(r"^\| `(fermata_\w+)` \| (\w+) \|", text, re.M):
        found |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    return found


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def queries() -> list[tuple[str, str]]:
    """Each query of the dashboards, with where it stands; Grafana's variables are filled in."""
    found = []
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel.get("targets", []):
                query = target["expr"].replace("$__rate_interval", "1m").replace("$job", ".*").replace("$namespace", ".*")
                found.append((f"{file.name}, {panel['title']}", query))
    return found


class Prometheus(Check):
    """Alerts and dashboards."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(Server())
        cls.server.maintain()
        cls.recorded = {}
        for line in cls.server.metrics().splitlines():
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                cls.recorded[canonical(series)] = value

    def test_alerts_use_metrics_that_are_documented(self) -> None:
        for rule in rules():
            with self.subTest(rule["alert"]):
                self.assertLessEqual(set(NAMES.findall(rule["expr"])), documented())

    def test_alerts_are_quiet_during_a_maintenance(self) -> None:
        self.stage("quiet", {}, [], "30m")

    def test_each_alert_fires_in_its_incident_and_no_other_does(self) -> None:
        incidents = yaml.safe_load(INCIDENTS.read_text())
        self.assertEqual({incident["alert"] for incident in incidents}, {rule["alert"] for rule in rules()})
        for incident in incidents:
            with self.subTest(incident["alert"], series=incident["series"]):
                fires = incident.get("fires", [incident["alert"]])
                self.assertIn(incident["alert"], fires)
                self.stage(incident["alert"], incident["series"], fires, incident["at"])

    def stage(self, name: str, changed: dict[str, str], fires: list[str], at: str) -> None:
        """Runs the rules over the recorded series, some of which go on otherwise, and compares what fires."""
        series = {"up{" + ",".join(f'{k}="{v}"' for k, v in sorted(PLACE.items())) + "}": f"1x{LENGTH}"}
        series |= {key: f"{value}x{LENGTH}" for key, value in self.recorded.items()}
        for key, values in changed.items():
            self.assertIn(SERIES.fullmatch(key)[1], documented() | {"up"})
            series[canonical(key)] = values
        test = {
            "interval": "30s",
            "name": name,
            "input_series": [{"series": key, "values": values} for key, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                    "eval_time": at,
                    "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in fires],
                }
            ],
        }
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "test.yml"
            document = {"rule_files": [str(RULES)], "evaluation_interval": "30s", "tests": [test]}
            # JSON is YAML, and a hundred times as quick to write.
            file.write_text(json.dumps(document))
            self.program("promtool", "test", "rules", file)

    def test_dashboards_are_what_the_script_makes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.program("python3", ROOT / "deploy/grafana/make.py", folder)
            made = {file.name: file.read_text() for file in Path(folder).iterdir()}
        self.assertEqual(made, {file.name: file.read_text() for file in DASHBOARDS})

    def test_dashboards_show_every_metric(self) -> None:
        shown = {name for _, query in queries() for name in NAMES.findall(query)}
        self.assertLessEqual(shown, documented())
        bare = {re.sub("_(bucket|sum|count)$", "", name) for name in shown}
        wanted = {re.sub("_(bucket|sum|count)$", "", name) for name in documented() if name.startswith("fermata_")}
        self.assertEqual(wanted - bare, set(), "these metrics are on no dashboard")

    def test_a_real_prometheus_answers_each_query_and_reads_the_rules(self) -> None:
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "fermata", "static_configs": [{"targets": [self.server.http]}]}],
        }
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "prometheus.yml"
            file.write_text(json.dumps(config))
            log = Path(folder) / "log"
            with log.open("wb") as to:
                command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:0"]
                process = subprocess.Popen(command, stdout=to, stderr=to)
            try:
                address = self.address(process, log)
                # Two samples at least, or there is no rate.
                counted = "/api/v1/query?query=" + urllib.parse.quote("count_over_time(fermata_sessions{state='completed'}[1m]) > 2")
                wait(lambda: '"value"' in get(address, counted)[1], log.read_text)
                for place, query in queries():
                    with self.subTest(place, query=query):
                        status, body = get(address, "/api/v1/query?query=" + urllib.parse.quote(query))
                        self.assertEqual(status, 200, body)
                        if not EMPTY.search(query):
                            self.assertTrue(json.loads(body)["data"]["result"], "the panel would be empty")
                health = json.loads(get(address, "/api/v1/rules")[1])["data"]["groups"]
                states = {rule["name"]: rule["health"] for group in health for rule in group["rules"]}
                self.assertEqual(set(states), {rule["alert"] for rule in rules()})
            finally:
                process.terminate()
                process.wait(LIMIT)

    def address(self, process: subprocess.Popen[bytes], log: Path) -> str:
        """Where Prometheus listens: it does not tell a port that it was given by the system."""

        def listening() -> str | None:
            self.assertIsNone(process.poll(), log.read_text())
            sockets = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
            found = [line.split()[3] for line in sockets.splitlines() if f"pid={process.pid}," in line]
            return found[0] if found and get(found[0], "/-/ready")[0] == 200 else None

        return str(wait(listening, log.read_text))


if __name__ == "__main__":
    unittest.main()
