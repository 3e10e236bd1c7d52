"""Keystone's tokens, against a Keystone of a few lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
import pytest

import fermata
from fermata.keystone import Keystone


class FakeKeystone(ThreadingHTTPServer):
    """Gives tokens that are called after their number."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.lifetime = timedelta(hours=1)
        self.status = 201

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v3"


class _Handler(BaseHTTPRequestHandler):
    server: FakeKeystone

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append(json.loads(body)["auth"])
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("x-subject-token", f"token-{len(self.server.asked)}")
        self.end_headers()
        expires = (datetime.now(timezone.utc) + self.server.lifetime).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.wfile.write(json.dumps({"token": {"expires_at": expires, "methods": ["password"]}}).encode())

    def log_message(self, *values: object) -> None:
        pass


@pytest.fixture
def identity() -> Iterator[FakeKeystone]:
    made = FakeKeystone()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


async def test_a_token_is_remembered_until_a_minute_before_its_end(identity: FakeKeystone) -> None:
    keystone = Keystone.password(identity.url, "me", "s3cret", project_id="p")
    assert await keystone.header() == await keystone.header() == ("x-auth-token", "token-1")
    await keystone.renew()
    identity.lifetime = timedelta(seconds=50)
    assert await keystone.header() == ("x-auth-token", "token-2")
    assert await keystone.header() == ("x-auth-token", "token-3")
    assert identity.asked[0]["scope"] == {"project": {"id": "p"}}


async def test_an_application_credential(identity: FakeKeystone) -> None:
    await Keystone.application_credential(identity.url, "id", "s3cret").header()
    assert identity.asked[0]["identity"]["application_credential"] == {"id": "id", "secret": "s3cret"}


@pytest.mark.parametrize(
    ("variables", "method"),
    [
        (
            {"OS_USERNAME": "me", "OS_PASSWORD": "s3cret", "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_ID": "p"},
            "password",
        ),
        ({"OS_APPLICATION_CREDENTIAL_ID": "id", "OS_APPLICATION_CREDENTIAL_SECRET": "s"}, "application_credential"),
    ],
)
async def test_the_variables_of_openstack(
    identity: FakeKeystone, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], method: str
) -> None:
    monkeypatch.setenv("OS_AUTH_URL", identity.url)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    await Keystone.from_environment().header()
    assert identity.asked[0]["identity"]["methods"] == [method]


def test_variables_that_say_too_little(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="OS_AUTH_URL"):
        Keystone.from_environment()
    monkeypatch.setenv("OS_AUTH_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OS_AUTH_TYPE", "v3applicationcredential")
    with pytest.raises(ValueError, match="too little"):
        Keystone.from_environment()


@pytest.mark.parametrize(
    ("status", "code"), [(401, grpc.StatusCode.UNAUTHENTICATED), (503, grpc.StatusCode.UNAVAILABLE)]
)
async def test_no_token_is_to_be_had(identity: FakeKeystone, status: int, code: grpc.StatusCode) -> None:
    identity.status = status
    with pytest.raises(fermata.FermataError) as raised:
        await Keystone.password(identity.url, "me", "s3cret").header()
    assert raised.value.code is code
    assert "s3cret" not in str(raised.value)


async def test_a_keystone_that_is_away() -> None:
    with pytest.raises(fermata.FermataError) as raised:
        await Keystone.password("http://127.0.0.1:1/v3", "me", "s3cret").header()
    assert raised.value.code is grpc.StatusCode.UNAVAILABLE
