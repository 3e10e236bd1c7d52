"""An OTLP collector that keeps what it is sent."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1.common_pb2 import KeyValue


@dataclass(frozen=True)
class Span:
    """A span; ids in hexadecimal, the parent's empty for a root."""

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]


class Collector:
    """Listens on a free port of loopback until it is stopped."""

    def __init__(self) -> None:
        self.traces = Received(trace_service_pb2.ExportTraceServiceResponse())
        self.metrics = Received(metrics_service_pb2.ExportMetricsServiceResponse())
        self.logs = Received(logs_service_pb2.ExportLogsServiceResponse())
        self.server = grpc.server(ThreadPoolExecutor(4))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self.traces, self.server)
        metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(self.metrics, self.server)
        logs_service_pb2_grpc.add_LogsServiceServicer_to_server(self.logs, self.server)
        self.url = f"http://127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def stop(self) -> None:
        self.server.stop(None).wait(5)

    def spans(self) -> list[Span]:
        return [
            Span(s.name, s.trace_id.hex(), s.span_id.hex(), s.parent_span_id.hex(), named(s.attributes))
            for request in list(self.traces.requests)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for s in scope.spans
        ]

    def metric_names(self) -> set[str]:
        return {
            metric.name
            for request in list(self.metrics.requests)
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def log_records(self) -> list[Any]:
        return [
            record
            for request in list(self.logs.requests)
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    def resources(self) -> list[dict[str, str]]:
        """Who sent what came, as each signal says."""
        return [
            named(resource.resource.attributes)
            for received, field in (
                (self.traces, "resource_spans"), (self.metrics, "resource_metrics"), (self.logs, "resource_logs")
            )
            for request in list(received.requests)
            for resource in getattr(request, field)
        ]  # fmt: skip


class Received:
    """The one method that the services of all three signals have."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.requests: list[Any] = []

    def Export(self, request: Any, _: grpc.ServicerContext) -> Any:
        self.requests.append(request)
        return self.answer


def named(attributes: list[KeyValue]) -> dict[str, str]:
    return {a.key: a.value.string_value for a in attributes}
