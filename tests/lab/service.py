"""A Fermata process under test, with a database and ports of its own."""

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from nova import CLOUDS_FILE
from waiting import until

NOT_SERVING = HealthCheckResponse.NOT_SERVING
SERVING = HealthCheckResponse.SERVING

# A client that lost its server looks for it again quickly.
CHANNEL_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.use_local_subchannel_pool", 1),
]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Fermata:
    """A Fermata process; after it ended it can be started again on the same database and ports."""

    def __init__(
        self,
        directory: Path,
        clouds: Path = CLOUDS_FILE,
        cloud: str = "app-admin",
        variables: dict[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.clouds, self.cloud = clouds, cloud
        self.port, self.http_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.metrics_url = f"http://127.0.0.1:{self.http_port}/metrics"
        self.log_file = directory / "fermata.log"
        self.process: subprocess.Popen[bytes] | None = None
        # Whoever runs the tests may have Fermata, OpenStack or OpenTelemetry set up for something else.
        foreign = ("FERMATA_", "OS_", "OTEL_")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)} | (variables or {})

    def start(self) -> None:
        command = [
            os.environ["FERMATA_BIN"], "serve",
            "--listen", self.address,
            "--http-listen", f"127.0.0.1:{self.http_port}",
            "--database-url", f"sqlite://{self.directory}/fermata.db?mode=rwc",
            "--cloud", "openstack",
            "--os-cloud", self.cloud,
            "--os-clouds-file", str(self.clouds),
            "--poll-interval", "500ms",
            "--heartbeat-interval", "1s",
            "--reconnect-spread", "100ms",
            "--log-format", "json",
            "--log", "info,openstack_sdk=warn,openstack_sdk_core=warn",
        ]  # fmt: skip
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def start_and_wait(self) -> None:
        self.start()
        until("Fermata to be SERVING", lambda: self.health() == SERVING, seconds=30)

    def health(self) -> int | None:
        """What grpc.health.v1 says; None while nobody answers."""
        assert self.process, "not started"
        with self.channel() as channel:
            try:
                return HealthStub(channel).Check(HealthCheckRequest(), timeout=2).status
            except grpc.RpcError:
                assert self.process.poll() is None, f"Fermata ended:\n{self.log()}"
                return None

    def channel(self) -> grpc.Channel:
        return grpc.insecure_channel(self.address, CHANNEL_OPTIONS)

    def terminate(self) -> int:
        """Ends it as an operator would; the exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """Ends it as a power cut would."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def wait(self, seconds: float = 40) -> int:
        """The exit code once it has ended by itself."""
        assert self.process
        return self.process.wait(seconds)

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def errors(self) -> list[str]:
        """Lines of the log that tell of a fault in Fermata itself."""
        return [line for line in self.log().splitlines() if "panicked at" in line or is_own_error(line)]


def is_own_error(line: str) -> bool:
    # The SDK has an ERROR of its own for a cloud that is away; Fermata's word for that is a WARN.
    try:
        event = json.loads(line)
    except ValueError:
        return False
    return event.get("level") == "ERROR" and event.get("target", "").startswith("fermata")
