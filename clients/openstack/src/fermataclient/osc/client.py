"""Calls Fermata for a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import fermata
import grpc
from keystoneauth1 import exceptions as keystone
from osc_lib import exceptions

from fermataclient.osc.names import ProjectNames

T = TypeVar("T")


class SessionToken:
    """The token of the command line's own session with Keystone. Nothing where it has none (`--os-auth-type none`)."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def header(self) -> tuple[str, str] | None:
        """See `fermata.Credentials.header`."""
        try:
            token = await asyncio.to_thread(self._session.get_token)
        except keystone.ClientException as error:
            raise fermata.FermataError(grpc.StatusCode.UNAUTHENTICATED, f"Keystone gives no token: {error}") from error
        return ("x-auth-token", token) if token else None

    async def renew(self) -> bool:
        """See `fermata.Credentials.renew`."""
        return bool(await asyncio.to_thread(self._session.invalidate))


class Client:
    """A Fermata, for commands, which do one thing and end."""

    def __init__(
        self,
        target: str,
        credentials: fermata.Credentials,
        *,
        ca: str | None = None,
        certificate: str | None = None,
        key: str | None = None,
        project_id: str | None = None,
    ) -> None:
        self._target = target
        self._credentials = credentials
        self._tls = fermata.Tls(ca, certificate, key)
        self.project_id = project_id
        """The project of the session with Keystone."""
        self.names = ProjectNames()
        """Names of the projects that `run` was told of."""

    def run(
        self,
        work: Callable[[fermata.Connection], Awaitable[T]],
        projects: Callable[[T], Iterable[str]] = lambda _: (),
    ) -> T:
        """What the work returns, done with a connection; then `names` has those of its `projects`. CommandError for what
        Fermata refuses."""

        async def connected() -> T:
            async with fermata.connect(self._target, credentials=self._credentials, tls=self._tls) as connection:
                result = await work(connection)
                await self.names.learn(connection, projects(result))
                return result

        try:
            return asyncio.run(connected())
        except fermata.FermataError as error:
            raise exceptions.CommandError(str(error)) from error
        except (ValueError, OSError) as error:
            raise exceptions.CommandError(f"cannot reach Fermata: {error}") from error

    def owner_project(self, named: str | None) -> str:
        """The project that a command is about: the named one, else that of the session."""
        if found := named or self.project_id:
            return found
        raise exceptions.CommandError("which project? The session has none; name it by --project")
