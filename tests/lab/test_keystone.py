"""Callers with tokens of the lab's own Keystone."""

import secrets
from collections.abc import Callable, Iterator

import grpc
import pytest
import requests
from fermata.v1.host_service_pb2 import ListHostsRequest
from fermata.v1.host_service_pb2_grpc import HostServiceStub
from fermata.v1.notification_service_pb2 import ListNotificationsRequest, SubscribeRequest
from fermata.v1.notification_service_pb2_grpc import NotificationServiceStub

from nova import Nova
from service import Fermata
from waiting import until

# What Keystone says is remembered for 30 s, and asked again for open streams every 20 s.
REVOCATION = 60


class Identity:
    """The lab's Keystone, as its administrator and its users see it."""

    def __init__(self, nova: Nova) -> None:
        self.admin = nova.admin.identity
        self.url = nova.admin.config.auth["auth_url"].rstrip("/")
        self.users: list[str] = []

    def user(self, project: str, role: str = "member") -> tuple[str, str]:
        """A new user with a role in a project: its id and its password."""
        password = secrets.token_urlsafe()
        user = self.admin.create_user(name=f"caller-{secrets.token_hex(4)}", password=password, domain_id="default")
        self.users.append(user.id)
        self.admin.assign_project_role_to_user(project, user, self.role(role))
        return user.id, password

    def role(self, name: str) -> str:
        return self.admin.find_role(name, ignore_missing=False).id

    def sign_in(self, user: str, password: str, scope: object) -> str:
        """A token of a user; `scope` as Keystone has it, None: unscoped."""
        identity = {"methods": ["password"], "password": {"user": {"id": user, "password": password}}}
        auth = {"identity": identity} | ({"scope": scope} if scope else {"scope": "unscoped"})
        return self._token(auth)

    def application_credential(self, user: str, password: str, project: str) -> dict[str, str]:
        """An application credential that the user makes: its id and its secret."""
        token = self.sign_in(user, password, of_project(project))
        made = requests.post(
            f"{self.url}/users/{user}/application_credentials",
            json={"application_credential": {"name": "fermata"}},
            headers={"x-auth-token": token},
            timeout=30,
        )
        made.raise_for_status()
        credential = made.json()["application_credential"]
        return {"id": credential["id"], "secret": credential["secret"]}

    def by_application_credential(self, user: str, password: str, project: str) -> str:
        """A token by an application credential that the user makes for it."""
        named = self.application_credential(user, password, project)
        return self._token({"identity": {"methods": ["application_credential"], "application_credential": named}})

    def _token(self, auth: object) -> str:
        answer = requests.post(f"{self.url}/auth/tokens", json={"auth": auth}, timeout=30)
        answer.raise_for_status()
        return answer.headers["x-subject-token"]

    def revoke(self, token: str) -> None:
        headers = {"x-auth-token": token, "x-subject-token": token}
        requests.delete(f"{self.url}/auth/tokens", headers=headers, timeout=30).raise_for_status()

    def close(self) -> None:
        for user in self.users:
            self.admin.delete_user(user)


def of_project(project: str) -> dict[str, object]:
    return {"project": {"id": project}}


@pytest.fixture
def identity(connections: Nova) -> Iterator[Identity]:
    identity = Identity(connections)
    yield identity
    identity.close()


@pytest.fixture
def channel(connections: Nova, new_fermata: Callable[..., Fermata]) -> Iterator[grpc.Channel]:
    fermata = new_fermata(variables={"FERMATA_KEYSTONE": "true"})
    fermata.start_and_wait()
    with fermata.channel() as channel:
        yield channel
    fermata.close()
    assert not fermata.errors()


def answer(call: Callable[[], object]) -> str:
    """OK, or the reason of the refusal."""
    try:
        call()
    except grpc.RpcError as error:
        known = ["CREDENTIALS_MISSING", "CREDENTIALS_INVALID", "CREDENTIALS_EXPIRED", "ROLE_REQUIRED", "PROJECT_FOREIGN"]
        details = dict(error.trailing_metadata() or {}).get("grpc-status-details-bin", b"")
        return next((reason for reason in known if reason.encode() in details), f"{error.code()}: {error.details()}")
    return "OK"


def hosts(channel: grpc.Channel, token: str, header: str = "x-auth-token") -> str:
    """What an operator asks."""
    value = token if header == "x-auth-token" else f"Bearer {token}"
    return answer(lambda: HostServiceStub(channel).ListHosts(ListHostsRequest(), metadata=[(header, value)], timeout=60))


def notifications(channel: grpc.Channel, token: str, project: str) -> str:
    """What an owner asks."""
    request = ListNotificationsRequest(project_id=project)
    metadata = [("x-auth-token", token)]
    return answer(lambda: NotificationServiceStub(channel).ListNotifications(request, metadata=metadata, timeout=60))


def test_who_may_do_what(channel: grpc.Channel, identity: Identity, connections: Nova) -> None:
    """Owners by their project, operators by their role in any project or in the system; nobody else."""
    alpha, bravo = connections.project["alpha"], connections.project["bravo"]
    owner, secret = identity.user(alpha)
    token = identity.sign_in(owner, secret, of_project(alpha))
    assert notifications(channel, token, alpha) == "OK"
    assert notifications(channel, token, bravo) == "PROJECT_FOREIGN"
    assert hosts(channel, token) == "ROLE_REQUIRED"
    credential = identity.by_application_credential(owner, secret, alpha)
    assert notifications(channel, credential, alpha) == "OK"
    assert notifications(channel, credential, bravo) == "PROJECT_FOREIGN"
    unscoped = identity.sign_in(owner, secret, None)
    assert notifications(channel, unscoped, alpha) == "ROLE_REQUIRED"

    admin, secret = identity.user(alpha, "admin")
    token = identity.sign_in(admin, secret, of_project(alpha))
    assert hosts(channel, token) == hosts(channel, token, "authorization") == "OK"
    # Operators read what any owner was asked.
    assert notifications(channel, token, bravo) == "OK"
    identity.admin.assign_system_role_to_user(admin, identity.role("admin"), "all")
    assert hosts(channel, identity.sign_in(admin, secret, {"system": {"all": True}})) == "OK"

    assert hosts(channel, "") in ("CREDENTIALS_INVALID", "CREDENTIALS_MISSING")
    for forged in (token[:-1], token + "A", "gAAAA" + "x" * 100, "x" * 5000):
        assert hosts(channel, forged) == "CREDENTIALS_INVALID"
    assert answer(lambda: HostServiceStub(channel).ListHosts(ListHostsRequest(), timeout=60)) == "CREDENTIALS_MISSING"


def test_a_revoked_token_is_out_within_a_minute(channel: grpc.Channel, identity: Identity, connections: Nova) -> None:
    """Calls are refused, and an open stream ends; so it is with a user who is disabled. Who has another token stays."""
    alpha = connections.project["alpha"]
    owner, secret = identity.user(alpha)
    disabled, its_secret = identity.user(alpha)
    stays, revoked = (identity.sign_in(owner, secret, of_project(alpha)) for _ in range(2))
    gone = identity.sign_in(disabled, its_secret, of_project(alpha))
    stub = NotificationServiceStub(channel)
    streams = {
        token: stub.Subscribe(SubscribeRequest(project_id=alpha), metadata=[("x-auth-token", token)])
        for token in (stays, revoked, gone)
    }
    for stream in streams.values():
        next(stream)
    identity.revoke(revoked)
    identity.admin.update_user(disabled, is_enabled=False)
    for token in (revoked, gone):
        assert answer(lambda token=token: list(streams[token])) == "CREDENTIALS_EXPIRED"
        until("the token to be refused", lambda t=token: notifications(channel, t, alpha) != "OK", seconds=REVOCATION)
    assert notifications(channel, stays, alpha) == "OK"
    assert streams[stays].is_active()
    streams[stays].cancel()
