"""Tokens of an OpenStack's Keystone. Needs `fermata-client[keystone]`."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import grpc
from keystoneauth1 import exceptions, loading
from keystoneauth1.identity import v3
from keystoneauth1.identity.base import BaseIdentityPlugin
from keystoneauth1.session import Session

from fermata.errors import FermataError

RENEW_BEFORE = 60
"""A token is renewed so many seconds before it ends."""
_TIMEOUT = 30
# Of the `OS_*` variables that OpenStack's clients know, those that the plugins of keystoneauth1 take as they are called.
_OPTIONS = (
    "auth_url",
    "username",
    "password",
    "user_id",
    "user_domain_id",
    "user_domain_name",
    "project_id",
    "project_name",
    "project_domain_id",
    "project_domain_name",
    "system_scope",
    "trust_id",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    "token",
)


class Keystone:
    """A token of Keystone, renewed a minute before it ends, and when the server says that it has expired."""

    def __init__(self, auth: BaseIdentityPlugin, session: Session | None = None) -> None:
        """`auth` is a plug-in of keystoneauth1; `session` reaches Keystone, for example with a CA of its own."""
        self._auth = auth
        self._session = session or Session(timeout=_TIMEOUT)
        self._lock = asyncio.Lock()
        self._access: Any = None

    @classmethod
    def password(cls, auth_url: str, username: str, password: str, **options: Any) -> Keystone:
        """By a password. `options` are those of `keystoneauth1.identity.v3.Password`, for example `project_id`."""
        if not {"user_id", "user_domain_id", "user_domain_name"} & options.keys():
            options["user_domain_id"] = "default"
        return cls(v3.Password(auth_url, username=username, password=password, **options))

    @classmethod
    def application_credential(cls, auth_url: str, credential_id: str, secret: str) -> Keystone:
        """By an application credential, which is best: it has its project in it, and can be withdrawn alone."""
        made = v3.ApplicationCredential(
            auth_url, application_credential_id=credential_id, application_credential_secret=secret
        )
        return cls(made)

    @classmethod
    def from_environment(cls) -> Keystone:
        """By the `OS_*` variables. ValueError if they do not say enough."""
        given = {name: os.environ[f"OS_{name.upper()}"] for name in _OPTIONS if os.environ.get(f"OS_{name.upper()}")}
        kind = os.environ.get("OS_AUTH_TYPE")
        if not kind:
            kind = "v3applicationcredential" if "application_credential_secret" in given else "password"
        if "auth_url" not in given:
            raise ValueError("OS_AUTH_URL is not set: it names the Keystone to ask for tokens")
        loader: Any = loading.get_plugin_loader(kind)
        known = {option.dest for option in loader.get_options()}
        try:
            auth = loader.load_from_options(**{name: value for name, value in given.items() if name in known})
        except exceptions.OptionError as error:
            raise ValueError(f"the OS_* variables say too little for {kind}: {error}") from error
        ca = os.environ.get("OS_CACERT")
        return cls(auth, Session(timeout=_TIMEOUT, verify=ca or True))

    async def header(self) -> tuple[str, str]:
        """See `fermata.Credentials.header`. UNAVAILABLE while Keystone does not answer, UNAUTHENTICATED if it refuses."""
        async with self._lock:
            if self._access is None or self._access.will_expire_soon(RENEW_BEFORE):
                try:
                    self._access = await asyncio.to_thread(self._auth.get_auth_ref, self._session)
                except (
                    exceptions.ConnectFailure,
                    exceptions.HttpServerError,
                    exceptions.RetriableConnectionFailure,
                ) as e:
                    raise FermataError(grpc.StatusCode.UNAVAILABLE, f"Keystone does not answer: {e}") from e
                except exceptions.ClientException as e:
                    raise FermataError(grpc.StatusCode.UNAUTHENTICATED, f"Keystone gives no token: {e}") from e
            return "x-auth-token", self._access.auth_token

    async def renew(self) -> bool:
        """See `fermata.Credentials.renew`."""
        self._access = None
        return True
