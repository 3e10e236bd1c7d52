"""The plug-in of the OpenStack command line, with users of the lab's own Keystone."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nova import Nova
from service import Fermata
from test_keystone import Identity, identity
from waiting import until

__all__ = ["identity"]

CHECK = Path(__file__).parents[2] / "clients/openstack/check"


@pytest.fixture(scope="session")
def openstack() -> str:
    """The command, with the plug-in as it is built from this clone."""
    return subprocess.run([CHECK, "--install"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def server(nova: Nova, new_fermata: Callable[..., Fermata]) -> Iterator[Fermata]:
    """A Fermata that knows its callers by Keystone, on a clean lab."""
    fermata = new_fermata(variables={"FERMATA_KEYSTONE": "true"})
    fermata.start_and_wait()
    yield fermata
    fermata.close()
    assert not fermata.errors()


class Command:
    """`openstack maintenance …` of one user."""

    def __init__(self, program: str, server: Fermata, identity: Identity, **variables: str) -> None:
        self.program = program
        foreign = ("FERMATA_", "OS_")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)} | {
            "OS_AUTH_URL": identity.url,
            "OS_IDENTITY_API_VERSION": "3",
            "OS_MAINTENANCE_ENDPOINT": f"http://{server.address}",
        }
        self.environment |= variables

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self.program, "maintenance", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=300)

    def json(self, *arguments: str) -> Any:
        """What a command shows that succeeds."""
        done = self.run(*arguments, "-f", "json")
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout)

    def refused(self, *arguments: str) -> str:
        """The error of a command that fails."""
        done = self.run(*arguments)
        assert done.returncode != 0, f"{arguments}: {done.stdout}"
        return done.stderr


def test_a_whole_session_and_an_owner_that_sees_only_its_own(
    openstack: str, server: Fermata, identity: Identity, nova: Nova
) -> None:
    """The operator by a password, the owner by an application credential."""
    alpha, bravo = nova.project["alpha"], nova.project["bravo"]
    admin, secret = identity.user(alpha, "admin")
    operator = Command(openstack, server, identity, OS_USER_ID=admin, OS_PASSWORD=secret, OS_PROJECT_ID=alpha)
    member, secret = identity.user(alpha)
    credential = identity.application_credential(member, secret, alpha)
    owner = Command(
        openstack,
        server,
        identity,
        OS_AUTH_TYPE="v3applicationcredential",
        OS_APPLICATION_CREDENTIAL_ID=credential["id"],
        OS_APPLICATION_CREDENTIAL_SECRET=credential["secret"],
    )
    host = operator.json("host", "list")[0]["Name"]

    assert "ROLE_REQUIRED" in owner.refused("session", "list")
    assert "PROJECT_FOREIGN" in owner.refused("notification", "list", "--project", bravo)
    assert owner.json("notification", "list") == []
    assert owner.json("policy", "set", "a-server", "--lead-time", "1s")["project_id"] == alpha
    assert [policy["Server"] for policy in owner.json("policy", "list")] == ["a-server"]

    spec = ["--host", host, "--for", "1h", "--reason", "new firmware", "--announce-reply-period", "1s"]
    session = operator.json("session", "create", *spec)["id"]
    assert [listed["ID"] for listed in operator.json("session", "list")] == [session]
    until("the host to be held", lambda: operator.json("host", "show", host)["state"] == "IN_MAINTENANCE", seconds=120)
    assert operator.json("host", "complete", host, "--wait")["id"] == session
    watched = operator.run("session", "watch", session)
    assert watched.returncode == 0, watched.stderr
    assert operator.json("session", "show", session)["state"] == "COMPLETED"
