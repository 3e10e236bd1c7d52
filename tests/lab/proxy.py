"""An HTTP proxy between Fermata and Nova: it notes what passes, loses answers, and gives others."""

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
    version: str
    traceparent: str | None

    def is_action(self, name: str, server_id: str) -> bool:
        """Whether this asks Nova to do something with a server."""
        return self.path.endswith(f"/servers/{server_id}/action") and f'"{name}"' in self.body


# A status and a body.
Answer = tuple[int, bytes]


class NovaProxy:
    """Listens on a port and hands every request on to Nova, but for those that get an answer of its own."""

    def __init__(self, nova_url: str, port: int) -> None:
        self.nova = urlsplit(nova_url)
        self.calls: list[Call] = []
        self.answer_itself: Callable[[Call], Answer | None] = lambda call: None
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
        call = Call(
            method=request.command,
            path=request.path.rstrip("?"),
            body=body.decode(),
            version=version_asked(request),
            traceparent=request.headers.get("traceparent"),
        )
        self.calls.append(call)
        own = self.answer_itself(call)
        if own:
            status, answer = own
            headers = {"content-type": "application/json"}
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


def version_asked(request: BaseHTTPRequestHandler) -> str:
    """The microversion, in the header's newer or older form; 2.1 is what Nova takes if none is named."""
    newer = request.headers.get("openstack-api-version", "").removeprefix("compute ")
    return newer or request.headers.get("x-openstack-nova-api-version", "2.1")


def fault(status: int, name: str, message: str) -> Answer:
    """A refusal as Nova words it."""
    return status, json.dumps({name: {"code": status, "message": message}}).encode()


def knows_versions_up_to(highest: str) -> Callable[[Call], Answer | None]:
    """The answer of a Nova that is too old for a call, which names what it does offer."""

    def answer(call: Call) -> Answer | None:
        if minor(call.version) <= minor(highest):
            return None
        message = f"Version {call.version} is not supported by the API. Minimum is 2.1 and maximum is {highest}."
        return fault(406, "computeFault", message)

    return answer


def minor(version: str) -> int:
    return int(version.split(".")[1])


def clouds_file(directory: Path, cloud: str = "app-admin", **changes: object) -> Path:
    """A copy of the lab's clouds.yaml in which this cloud is changed; `auth` is merged, not replaced."""
    clouds = yaml.safe_load(CLOUDS_FILE.read_text())
    entry = clouds["clouds"][cloud]
    entry["auth"] |= changes.pop("auth", {})
    entry |= changes
    path = directory / "clouds.yaml"
    path.write_text(yaml.safe_dump(clouds))
    return path
