"""TLS, certificates and tokens, against the real server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

import fermata
from fermata.testing import CORE_NETWORK, SimulatedFermata, find_program
from fermata.v1.host_service_pb2 import ListHostsRequest
from fermata.v1.notification_service_pb2 import ListNotificationsRequest


class Authority:
    """A CA, made with the openssl command."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.certificate, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        self._openssl(name, self.certificate, self._key, "-addext", "basicConstraints=critical,CA:TRUE")

    def issue(self, name: str, alternative: str) -> tuple[Path, Path]:
        """A certificate for a subject alternative name, and its key."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        signer = ("-CA", self.certificate, "-CAkey", self._key, "-addext", "basicConstraints=critical,CA:FALSE")
        self._openssl(name, certificate, key, *signer, "-addext", f"subjectAltName={alternative}")
        return certificate, key

    def _openssl(self, name: str, certificate: Path, key: Path, *options: str | Path) -> None:
        # The machine's own configuration would make every certificate one of a CA.
        config = self.folder / "openssl.cnf"
        config.write_text("[req]\ndistinguished_name = dn\n[dn]\n")
        command: list[str | Path] = ["openssl", "req", "-x509", "-config", config, "-subj", f"/CN={name}", "-days", "1"]
        command += ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        command += ["-keyout", key, "-out", certificate, *options]
        subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"), "ca")


@pytest.fixture(scope="module")
def owner_token(authority: Authority) -> str:
    """That of a principal of the file below."""
    (authority.folder / "principals.toml").write_text(
        '[[principal]]\nname = "noc"\nroles = ["operator"]\ncertificates = ["dns:noc.example"]\n'
    )
    command: list[str | Path] = [
        find_program(),
        "token",
        "create",
        "--principals",
        authority.folder / "principals.toml",
        "vnfm",
    ]
    command += ["--role", "owner", "--project", CORE_NETWORK]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def server(authority: Authority, owner_token: str) -> Iterator[SimulatedFermata]:
    certificate, key = authority.issue("server", "IP:127.0.0.1")
    arguments = ["--server-cert", str(certificate), "--server-key", str(key), "--client-ca", str(authority.certificate)]
    with SimulatedFermata(arguments=[*arguments, "--principals", str(authority.folder / "principals.toml")]) as server:
        yield server


@pytest.fixture
def target(server: SimulatedFermata) -> str:
    return server.target.replace("http:", "https:")


async def hosts(connection: fermata.Connection) -> str:
    """What an operator asks: OK, or why not."""
    try:
        async with connection:
            await connection.hosts.ListHosts(ListHostsRequest(), timeout=30)
    except fermata.FermataError as error:
        return error.reason_or_code
    return "OK"


async def test_a_certificate_of_ones_own(authority: Authority, target: str) -> None:
    certificate, key = authority.issue("noc", "DNS:noc.example")
    tls = fermata.Tls(ca=authority.certificate, certificate=certificate, key=key)
    assert await hosts(fermata.connect(target, tls=tls)) == "OK"
    stranger = fermata.Tls(authority.certificate, *authority.issue("stranger", "DNS:stranger.example"))
    assert await hosts(fermata.connect(target, tls=stranger)) == "CREDENTIALS_INVALID"


async def test_tokens(authority: Authority, target: str, owner_token: str, tmp_path: Path) -> None:
    tls = fermata.Tls(ca=authority.certificate)
    file = tmp_path / "token"
    file.write_text(owner_token + "\n")
    async with fermata.connect(target, credentials=fermata.TokenFile(file), tls=tls) as connection:
        request = ListNotificationsRequest(project_id=CORE_NETWORK)
        assert list((await connection.notifications.ListNotifications(request)).notifications) == []
        with pytest.raises(fermata.FermataError, match="PROJECT_FOREIGN") as raised:
            await connection.notifications.ListNotifications(ListNotificationsRequest(project_id="other"))
    assert raised.value.code is grpc.StatusCode.PERMISSION_DENIED
    assert await hosts(fermata.connect(target, credentials=owner_token, tls=tls)) == "ROLE_REQUIRED"
    assert await hosts(fermata.connect(target, tls=tls)) == "CREDENTIALS_MISSING"
    assert await hosts(fermata.connect(target, credentials="wrong", tls=tls)) == "CREDENTIALS_INVALID"


async def test_an_owner_of_a_foreign_project_ends(authority: Authority, target: str, owner_token: str) -> None:
    async with fermata.connect(
        target, credentials=owner_token, tls=fermata.Tls(ca=authority.certificate)
    ) as connection:
        with pytest.raises(fermata.FermataError, match="PROJECT_FOREIGN"):
            await fermata.Owner("other", "vnfm").run(connection)


async def test_a_server_of_another_authority(target: str, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    assert await hosts(fermata.connect(target, tls=fermata.Tls(ca=other.certificate))) == "UNAVAILABLE"
