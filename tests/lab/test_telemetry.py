"""Traces, metrics and logs of a session on a real Nova."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from client import Operator
from collector import Collector, Span
from nova import Nova
from proxy import NovaProxy, clouds_file
from service import Fermata
from waiting import until

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/telemetry.md"
CREATE = "fermata.v1.SessionService/CreateSession"
# A caller's own trace, as W3C Trace Context writes it.
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture
def traced(new_fermata: Callable[..., Fermata], collector: Collector, proxy: NovaProxy, tmp_path: Path) -> Fermata:
    """A Fermata that sends everything to the collector, and reaches Nova through the proxy."""
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        "OTEL_BSP_SCHEDULE_DELAY": "500",
        "OTEL_BLRP_SCHEDULE_DELAY": "500",
    }
    fermata = new_fermata(clouds=clouds_file(tmp_path, compute_endpoint_override=proxy.url), variables=variables)
    fermata.start_and_wait()
    return fermata


def test_telemetry_of_a_session(nova: Nova, traced: Fermata, collector: Collector, proxy: NovaProxy) -> None:
    """All that a session does is one trace: its creator's call, each effect below it, the calls to Nova below
    those, and Nova is handed the same trace. Without a caller's trace the creating call is the root. Metrics and
    logs go to the collector, too, and /metrics has every documented name."""
    ids = nova.boot({"bravo-1": "compute01"})
    with traced.channel() as channel:
        operator = Operator(channel)
        sent = (("traceparent", f"00-{TRACE}-{CALLER}-01"),)
        session = operator.create_session("compute01", metadata=sent)
        # Nothing is on this one, so it is done at once.
        other = operator.create_session("compute02")
        for session_id, host in ((session, "compute01"), (other, "compute02")):
            operator.wait_for_hosts(session_id, **{host: "IN_MAINTENANCE"})
            operator.complete_host(session_id, host)
            operator.wait_for_session(session_id, "COMPLETED")
    assert_metrics_page(traced)
    until("metrics to be sent", lambda: "fermata.rpc.duration" in collector.metric_names(), seconds=10)
    assert traced.terminate() == 0
    assert not traced.errors()

    spans = collector.spans()
    root = assert_one_trace(spans, TRACE, session, effects={"disable_scheduling", "live_migrate", "enable_scheduling"})
    assert root.parent == CALLER
    [other_root] = [s for s in spans if s.name == CREATE and s.trace != TRACE]
    assert other_root.parent == ""
    assert_one_trace(spans, other_root.trace, other, effects={"disable_scheduling", "enable_scheduling"})
    [migrate] = [c for c in proxy.calls if c.is_action("os-migrateLive", ids["bravo-1"])]
    version, trace, parent, _ = migrate.traceparent.split("-")
    assert (version, trace) == ("00", TRACE)
    assert parent in {s.id for s in spans if s.name == "nova.request"}

    logs = [r for r in collector.log_records() if r.trace_id.hex() == TRACE]
    assert any(r.body.string_value == "session created" for r in logs)
    for sender in collector.resources():
        assert sender["service.name"] == "fermata" and sender["service.version"] and sender["service.instance.id"]


def assert_one_trace(spans: list[Span], trace: str, session_id: str, effects: set[str]) -> Span:
    """Every span of the trace leads up to the call that created the session, which is returned."""
    of_trace = {s.id: s for s in spans if s.trace == trace}
    [root] = [s for s in of_trace.values() if s.name == CREATE]
    found = [s for s in of_trace.values() if s.name == "session.effect"]
    assert {s.parent for s in found} == {root.id}
    assert {s.attributes["session_id"] for s in found} == {session_id}
    assert effects <= {s.attributes["effect"] for s in found}
    for effect in effects:
        below = {s.parent for s in of_trace.values() if s.name == f"cloud.call {effect}"}
        assert below & {s.id for s in found if s.attributes["effect"] == effect}, f"no call to Nova for {effect}"
    lost = [s for s in of_trace.values() if s != root and s.parent not in of_trace]
    assert lost == [], "spans whose parent is missing"
    elsewhere = [s for s in spans if s.name == "session.effect" and s.attributes["session_id"] == session_id]
    assert {s.trace for s in elsewhere} == {trace}
    return root


def assert_metrics_page(fermata: Fermata) -> None:
    """The page is in the Prometheus text format and has every name of docs/telemetry.md."""
    page = requests.get(fermata.metrics_url, timeout=5)
    page.raise_for_status()
    families = {
        f.name + ("_total" if f.type == "counter" else ""): f for f in text_string_to_metric_families(page.text)
    }
    documented = dict(re.findall(r"^\| `(fermata_\w+)` \| (\w+) \|", DOCUMENT.read_text(), re.MULTILINE))
    assert documented, "docs/telemetry.md has no table of metrics any more"
    assert {name: families[name].type for name in documented if name in families} == documented
    calls = {
        (s.labels["operation"], s.labels["outcome"]): s.value
        for s in families["fermata_cloud_call_duration_seconds"].samples
        if s.name.endswith("_count")
    }
    assert calls[("live_migrate", "ok")] == 1
