"""Who may call the server of a play: a file of principals, and the token files of its callers."""

import hashlib
import secrets
from pathlib import Path

from sdks.topology import PROJECT

LONG_AGO = "2020-01-01T00:00:00Z"


class Principals:
    """An operator who may do everything, and the owner, whose token is renewed. The server reads the file every two seconds."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "principals.toml"
        self.token_file = directory / "token"
        self.operator = _token()
        # The newest is the last.
        self._owners = [_token()]
        self._expired: set[str] = set()
        self._write()
        self.renew()

    def add(self) -> None:
        """Another token of the owner is good, too. The owner does not have it yet."""
        self._owners.append(_token())
        self._write()

    def expire(self) -> None:
        """The owner's tokens have expired."""
        self._expired.update(self._owners)
        self._write()

    def remove(self) -> None:
        """All tokens of the owner but the newest are unknown."""
        del self._owners[:-1]
        self._write()

    def renew(self) -> None:
        """The owner has its newest token."""
        _replace(self.token_file, self._owners[-1] + "\n")

    def _write(self) -> None:
        text = _principal("operator", ["operator", "owner", "auditor"], "*", self.operator, False)
        for number, token in enumerate(self._owners):
            text += _principal(f"owner-{number}", ["owner"], PROJECT, token, token in self._expired)
        _replace(self.file, text)


def _token() -> str:
    # As the server makes them.
    return f"fermata_{secrets.token_hex(32)}"


def _principal(name: str, roles: list[str], project: str, token: str, is_expired: bool) -> str:
    digest = hashlib.sha256(token.encode()).hexdigest()
    expires = f'expires = "{LONG_AGO}"\n' if is_expired else ""
    return (
        f'[[principal]]\nname = "{name}"\nroles = {roles}\nprojects = ["{project}"]\ntokens = ["sha256:{digest}"]\n{expires}\n'
    )


def _replace(file: Path, text: str) -> None:
    # In one step, so that nobody reads half of it.
    new = file.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o600)
    new.rename(file)
