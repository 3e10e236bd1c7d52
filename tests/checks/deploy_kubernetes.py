#!/usr/bin/env python3
"""Checks deploy/helm without a cluster: lint, every documented values file rendered, compared with deploy/helm/golden, validated
against the schemas of Kubernetes, its parts against each other, and its variables by the server that would get them.

PATH has helm and promtool; FERMATA_BIN is the server.   usage: deploy_kubernetes.py [--write]     --write: the golden files anew
"""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import kubernetes_validate
import yaml

from deploy_server import PROGRAM, ROOT, Check, environment

CHART = ROOT / "deploy/helm/fermata"
GOLDEN = ROOT / "deploy/helm/golden"
EXAMPLES = sorted((CHART / "examples").glob("*.yaml"))
# The oldest one that the chart takes, and the newest one that there are schemas of.
KUBERNETES = ("1.30", "1.37")
CUSTOM = {"Certificate", "ServiceMonitor", "PrometheusRule"}
# What must not be rendered, by what the chart says to it.
REFUSED = {
    "set tls.secret": {},
    "set identity.principalsSecret": {"tls.secret": "x"},
    "SQLite is for one replica": {"insecure": "true", "replicaCount": "2"},
    "set database.postgresql.urlSecret": {"insecure": "true", "database.kind": "postgresql"},
    "set database.postgresql.bundled.password": {"insecure": "true", "database.kind": "postgresql", "database.postgresql.bundled.enabled": "true"},
    "set cloud.openstack.cloudsSecret": {"insecure": "true", "cloud.kind": "openstack"},
    "needs cloud.kind openstack": {"insecure": "true", "identity.keystone.enabled": "true"},
    "a simulated cloud lives in one replica": {"insecure": "true", "replicaCount": "2", "database.kind": "postgresql",
                                               "database.postgresql.urlSecret": "x"},
    "set tls.certManager.issuer.name": {"identity.principalsSecret": "x", "tls.certManager.enabled": "true"},
    # By the schema.
    "replicas": {"insecure": "true", "replicas": "2"},
    "cloud/kind": {"insecure": "true", "cloud.kind": "vmware"},
}  # fmt: skip


def helm(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["helm", *map(str, words)], capture_output=True, text=True, timeout=600)


def rendered(example: Path, chart: Path = CHART) -> list[dict]:
    done = helm("template", "fermata", chart, "--namespace", "maintenance", "--kube-version", KUBERNETES[-1], "--values", example)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def golden(documents: list[dict]) -> str:
    """What is compared. Dashboards and rules are files of their own, which have checks of their own."""
    shown = json.loads(json.dumps(documents))
    for document in shown:
        if document["kind"] == "ConfigMap":
            document["data"] = sorted(document["data"])
        if document["kind"] == "PrometheusRule":
            document["spec"]["groups"] = [group["name"] for group in document["spec"]["groups"]]
    return yaml.safe_dump_all(shown, sort_keys=False, width=140)


def pod(document: dict) -> dict:
    return document["spec"]["template"]


def chosen(document: dict) -> dict | None:
    """By which labels a document chooses pods; None if it chooses none."""
    match document["kind"]:
        case "Service":
            return document["spec"]["selector"]
        case "NetworkPolicy":
            return document["spec"]["podSelector"]["matchLabels"]
        case "PodDisruptionBudget" | "Deployment" | "StatefulSet":
            return document["spec"]["selector"]["matchLabels"]
        case _:
            return None


class Chart(Check):
    """The chart."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.rendered = {example: rendered(example) for example in EXAMPLES}

    def each(self, kind: str) -> list[tuple[list[dict], dict]]:
        found = [(all_, one) for all_ in self.rendered.values() for one in all_ if one["kind"] == kind]
        self.assertTrue(found, kind)
        return found

    def server(self, documents: list[dict]) -> dict:
        return next(d for d in documents if d["kind"] in ("Deployment", "StatefulSet") and d["metadata"]["name"] == "fermata")

    def test_lint(self) -> None:
        for example in EXAMPLES:
            done = helm("lint", "--strict", CHART, "--values", example, "--kube-version", KUBERNETES[-1])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_is_rendered_is_what_was_looked_at(self) -> None:
        made = {example.name: golden(documents) for example, documents in self.rendered.items()}
        kept = {file.name: file.read_text() for file in GOLDEN.glob("*.yaml")}
        self.assertEqual(made, kept, "look at the difference; tests/checks/deploy_kubernetes.py --write keeps it")

    def test_manifests_fit_the_schemas(self) -> None:
        for documents in self.rendered.values():
            for document in documents:
                if document["kind"] not in CUSTOM:
                    for version in KUBERNETES:
                        kubernetes_validate.validate(document, version, strict=True)
        broken = json.loads(json.dumps(self.server(next(iter(self.rendered.values())))))
        broken["spec"]["template"]["spec"]["container"] = []
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, KUBERNETES[-1], strict=True)

    def test_selectors_find_pods_and_ports_are_there(self) -> None:
        for documents in self.rendered.values():
            pods = [pod(d) for d in documents if d["kind"] in ("Deployment", "StatefulSet")]
            ports = {port["name"] for p in pods for c in p["spec"]["containers"] for port in c["ports"]}
            for document in documents:
                spec = document.get("spec", {})
                if selector := chosen(document):
                    found = [p for p in pods if selector.items() <= p["metadata"]["labels"].items()]
                    self.assertEqual(len(found), 1, document["metadata"]["name"])
                if document["kind"] == "Service":
                    self.assertLessEqual({port["targetPort"] for port in spec["ports"]}, ports)

    def test_prometheus_finds_the_replicas(self) -> None:
        for documents, monitor in self.each("ServiceMonitor"):
            selector = monitor["spec"]["selector"]["matchLabels"]
            services = [d for d in documents if d["kind"] == "Service" and selector.items() <= d["metadata"]["labels"].items()]
            self.assertEqual([service["metadata"]["name"] for service in services], ["fermata-replicas"])
            self.assertIn(monitor["spec"]["jobLabel"], services[0]["metadata"]["labels"])
            self.assertIn(monitor["spec"]["endpoints"][0]["port"], [port["name"] for port in services[0]["spec"]["ports"]])

    def test_alerts_are_those_that_were_tested(self) -> None:
        for _, rule in self.each("PrometheusRule"):
            tested = yaml.safe_load((ROOT / "deploy/prometheus/fermata.rules.yml").read_text())
            made = json.loads(json.dumps(rule["spec"]).replace("https://git.example.org/fermata/blob/main/", ""))
            self.assertEqual(made, tested)
        for _, config in self.each("ConfigMap"):
            files = {file.name: file.read_text() for file in (ROOT / "deploy/grafana").glob("*.json")}
            self.assertEqual(config["data"], files)

    def test_secrets_and_volumes_are_mounted(self) -> None:
        for documents in self.rendered.values():
            server = self.server(documents)
            spec = pod(server)["spec"]
            claims = server["spec"].get("volumeClaimTemplates", [])
            volumes = {volume["name"] for volume in spec["volumes"] or []} | {claim["metadata"]["name"] for claim in claims}
            mounts = {mount["name"]: mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
            self.assertEqual(volumes, set(mounts))
            for variable in spec["containers"][0]["env"]:
                if variable.get("value", "").startswith("/etc/fermata"):
                    self.assertIn(str(Path(variable["value"]).parent), mounts.values())
        for documents, certificate in self.each("Certificate"):
            secrets = [v["secret"]["secretName"] for v in pod(self.server(documents))["spec"]["volumes"] if "secret" in v]
            self.assertIn(certificate["spec"]["secretName"], secrets)

    def test_pods_have_no_rights(self) -> None:
        for documents in self.rendered.values():
            spec = pod(self.server(documents))["spec"]
            self.assertTrue(spec["securityContext"]["runAsNonRoot"])
            self.assertFalse(spec["automountServiceAccountToken"])
            context = spec["containers"][0]["securityContext"]
            self.assertTrue(context["readOnlyRootFilesystem"])
            self.assertEqual(context["capabilities"]["drop"], ["ALL"])
            # The probes, the stop, and the time that Kubernetes leaves for it.
            self.assertGreater(spec["terminationGracePeriodSeconds"], 5 + 30)

    def test_the_server_knows_the_variables(self) -> None:
        for example, documents in self.rendered.items():
            with self.subTest(example.name), tempfile.TemporaryDirectory() as folder:
                home = Path(folder)
                variables = {v["name"]: v["value"] for v in pod(self.server(documents))["spec"]["containers"][0]["env"] if "value" in v}
                self.assertIn("FERMATA_LISTEN", variables)
                changed = {name: re.sub("^(sqlite://)?/(etc|var/lib)", rf"\1{home}", value) for name, value in variables.items()}
                done = subprocess.run(
                    [PROGRAM, "serve", "--check"], env=environment(home) | changed, capture_output=True, text=True, timeout=60
                )
                # Only what is not here may be wrong: files of secrets, and the cloud.
                if "insecure: true" in example.read_text():
                    self.assertEqual(done.returncode, 0, done.stderr)
                else:
                    self.assertRegex(done.stderr, f"{home}|clouds|Keystone|OpenStack")
                self.assertNotRegex(done.stderr, "FERMATA_|invalid value|does not know")
                done = subprocess.run([PROGRAM, "serve", "--check"], env=environment(home) | changed | {"FERMATA_MAX_STREEMS": "1"},
                                      capture_output=True, text=True, timeout=60)  # fmt: skip
                self.assertIn("FERMATA_MAX_STREEMS", done.stderr)

    def test_what_cannot_be_is_refused(self) -> None:
        for said, values in REFUSED.items():
            done = helm("template", CHART, "--kube-version", KUBERNETES[-1], *(f"--set={name}={value}" for name, value in values.items()))
            self.assertNotEqual(done.returncode, 0, said)
            self.assertIn(said, done.stderr)

    def test_the_packed_chart_is_the_same(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            done = helm("package", CHART, "--destination", folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            packed = next(Path(folder).glob("fermata-*.tgz"))
            for example, documents in self.rendered.items():
                self.assertEqual(rendered(example, packed), documents)

    def test_versions_agree(self) -> None:
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        version = self.program(PROGRAM, "--version").split()[1]
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        for file in GOLDEN.glob("*.yaml"):
            file.unlink()
        for example in EXAMPLES:
            (GOLDEN / example.name).write_text(golden(rendered(example)))
    else:
        unittest.main()
