"""The catalog and the token of a Keystone of a few lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fermata.testing import CORE_NETWORK, SimulatedFermata

from tests.command import Openstack


class FakeKeystone(ThreadingHTTPServer):
    """Gives everybody a token of the project, and a catalog."""

    def __init__(self, endpoint: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.endpoint = endpoint

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v3"

    def token(self) -> dict[str, Any]:
        services = {"identity": self.url} | ({"maintenance": self.endpoint} if self.endpoint else {})
        catalog = [
            {
                "type": name,
                "name": name,
                "id": name,
                "endpoints": [{"id": name, "interface": "public", "region": "R", "region_id": "R", "url": url}],
            }
            for name, url in services.items()
        ]
        project = {"id": CORE_NETWORK, "name": "core-network", "domain": {"id": "default", "name": "Default"}}
        user = {"id": "me", "name": "me", "domain": {"id": "default", "name": "Default"}}
        return {
            "methods": ["password"],
            "user": user,
            "project": project,
            "catalog": catalog,
            "roles": [{"id": "m", "name": "member"}],
            "expires_at": "2999-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
        }


class _Handler(BaseHTTPRequestHandler):
    server: FakeKeystone

    def do_GET(self) -> None:
        version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": self.server.url}]}
        self._answer(200, {"version": version})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(201, {"token": self.server.token()})

    def _answer(self, status: int, body: object) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-subject-token", "the-token")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *values: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[SimulatedFermata]:
    with SimulatedFermata() as server:
        yield server


def keystone(endpoint: str | None) -> Iterator[FakeKeystone]:
    made = FakeKeystone(endpoint)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def with_catalog(server: SimulatedFermata) -> Iterator[FakeKeystone]:
    yield from keystone(server.target)


@pytest.fixture
def without_catalog() -> Iterator[FakeKeystone]:
    yield from keystone(None)


def signed_in(identity: FakeKeystone, *options: str) -> Openstack:
    user = ["--os-username", "me", "--os-password", "s3cret", "--os-user-domain-id", "default"]
    project = ["--os-project-id", CORE_NETWORK, "--os-identity-api-version", "3"]
    return Openstack("--os-auth-url", identity.url, *user, *project, *options)


async def test_the_catalog_names_the_endpoint_and_the_session_the_project(with_catalog: FakeKeystone) -> None:
    openstack = signed_in(with_catalog)
    assert len(await openstack.json("host", "list")) == 6
    assert await openstack.json("notification", "list") == []


async def test_another_endpoint_by_an_option(without_catalog: FakeKeystone, server: SimulatedFermata) -> None:
    assert "the catalog has no endpoint" in await signed_in(without_catalog).refused("host", "list")
    openstack = signed_in(without_catalog, "--os-maintenance-endpoint", server.target)
    assert len(await openstack.json("host", "list")) == 6


async def test_another_endpoint_by_clouds_yaml(
    without_catalog: FakeKeystone, server: SimulatedFermata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = {
        "auth_url": without_catalog.url,
        "username": "me",
        "password": "s",
        "user_domain_id": "default",
        "project_id": CORE_NETWORK,
    }
    cloud = {"auth": auth, "maintenance_endpoint_override": server.target, "identity_api_version": "3"}
    # YAML contains JSON.
    (tmp_path / "clouds.yaml").write_text(json.dumps({"clouds": {"mine": cloud}}))
    monkeypatch.chdir(tmp_path)
    assert len(await Openstack("--os-cloud", "mine").json("host", "list")) == 6


async def test_a_server_that_is_away(without_catalog: FakeKeystone) -> None:
    openstack = signed_in(without_catalog, "--os-maintenance-endpoint", "http://127.0.0.1:1")
    assert "UNAVAILABLE" in await openstack.refused("host", "list")
    openstack = signed_in(without_catalog, "--os-maintenance-endpoint", "127.0.0.1:1")
    assert "not the address of a server" in await openstack.refused("host", "list")
