"""An HTTP proxy between Fermata and Nova: it notes what passes, loses answers, and pretends to be older."""

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from nova import CLOUDS_FILE

# Of one connection only, so never handed on (RFC 9110, section 7.6.1); the length is known anew.
NOT_FORWARDED = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}


@dataclass
class Call:
    """A request that passed."""

    method: str
    path: str
    body: str
    traceparent: str | None

    def is_action(self, name: str, server_id: str) -> bool:
        """Whether this asks Nova to do something with a server."""
        return self.path.endswith(f"/servers/{server_id}/action") and f'"{name}"' in self.body


class NovaProxy:
    """Listens on a port and hands every request on to Nova."""

    def __init__(self, nova_url: str, port: int) -> None:
        self.nova = urlsplit(nova_url)
        self.calls: list[Call] = []
        self.highest_version: str | None = None
        self.lose_answer_of: Callable[[Call], bool] = lambda call: False
        self.lost = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                proxy.handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_one

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{port}{self.nova.path}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        call = Call(request.command, request.path, body.decode(), request.headers.get("traceparent"))
        self.calls.append(call)
        asked = request.headers.get("x-openstack-nova-api-version", "2.1")
        if self.highest_version and minor(asked) > minor(self.highest_version):
            answer = refusal(asked, self.highest_version)
            status, headers = 406, {"content-type": "application/json"}
        else:
            status, headers, answer = self.forward(request, body)
        if self.lose_answer_of(call):
            self.lost.set()
            request.close_connection = True
            # Holds the line until the caller is gone: it never learns what Nova said.
            request.rfile.read(1)
            return
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in NOT_FORWARDED}
        connection = http.client.HTTPConnection(self.nova.netloc, timeout=60)
        try:
            connection.request(request.command, request.path, body or None, headers)
            answer = connection.getresponse()
            kept = {k: v for k, v in answer.getheaders() if k.lower() not in NOT_FORWARDED}
            return answer.status, kept, answer.read()
        finally:
            connection.close()


def minor(version: str) -> int:
    return int(version.split(".")[1])


def refusal(asked: str, highest: str) -> bytes:
    """What a Nova says that does not know the version asked for."""
    message = f"Version {asked} is not supported by the API. Minimum is 2.1 and maximum is {highest}."
    return json.dumps({"computeFault": {"code": 406, "message": message}}).encode()


def clouds_file(directory: Path, cloud: str = "app-admin", **changes: object) -> Path:
    """A copy of the lab's clouds.yaml in which this cloud is changed; `auth` is merged, not replaced."""
    clouds = yaml.safe_load(CLOUDS_FILE.read_text())
    entry = clouds["clouds"][cloud]
    entry["auth"] |= changes.pop("auth", {})
    entry |= changes
    path = directory / "clouds.yaml"
    path.write_text(yaml.safe_dump(clouds))
    return path
