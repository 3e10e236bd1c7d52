"""Who calls: what each call sends along. Keystone's tokens are in `fermata.keystone`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import grpc

from fermata.errors import FermataError


class Credentials(Protocol):
    """Who calls. An object of your own with these two may be given to `connect`, too."""

    async def header(self) -> tuple[str, str] | None:
        """The header to send, for example `("authorization", "Bearer …")`. None: nothing.

        It is asked for with each call, so it should remember what is dear. Raises `FermataError` if there is none to be had.
        """

    async def renew(self) -> bool:
        """The server says that the credential has expired: forget what is remembered. False: there will be no other one."""


class Token:
    """A bearer token, for example one of `fermata token create`."""

    def __init__(self, token: str) -> None:
        self._header = _bearer(token, "the token")

    async def header(self) -> tuple[str, str]:
        """See `Credentials.header`."""
        return self._header

    async def renew(self) -> bool:
        """A token stays what it is."""
        return False

    def __repr__(self) -> str:
        return "Token(…)"


class TokenFile:
    """A bearer token in a file, which is read for each call, so that it may be renewed there."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    async def header(self) -> tuple[str, str]:
        """See `Credentials.header`. UNAUTHENTICATED if the file cannot be read."""
        try:
            # A token is a line; reading it takes less than handing it to a thread.
            token = self.path.read_text()
        except OSError as error:
            text = f"the token file {self.path} cannot be read: {error.strerror}"
            raise FermataError(grpc.StatusCode.UNAUTHENTICATED, text) from error
        return _bearer(token, f"the token in {self.path}")

    async def renew(self) -> bool:
        """The next call reads the file again."""
        return True

    def __repr__(self) -> str:
        return f"TokenFile({str(self.path)!r})"


def _bearer(token: str, what: str) -> tuple[str, str]:
    token = token.strip()
    # What HTTP/2 allows in a header. The value is not shown: it may be most of a secret.
    if not token or not all("!" <= character <= "~" for character in token):
        raise FermataError(grpc.StatusCode.UNAUTHENTICATED, f"{what} is empty or has characters that no token has")
    return "authorization", f"Bearer {token}"
