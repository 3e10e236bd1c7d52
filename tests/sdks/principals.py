"""Who may call the server of a play: a file of principals, and the token files of its callers."""

import hashlib
import secrets
from pathlib import Path

from sdks.topology import PROJECT

OPERATOR, OWNER = "operator", "owner"


class Principals:
    """An operator who may do everything, and the owner, whose token is renewed."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "principals.toml"
        self.token_file = directory / "token"
        self.operator = secrets.token_hex(16)
        self._owner = ""
        self.replace()
        self.renew()

    def replace(self) -> None:
        """From now on only another token of the owner is good. The owner does not have it yet."""
        self._owner = secrets.token_hex(16)
        text = _principal(OPERATOR, ["operator", "owner", "auditor"], ["*"], self.operator)
        text += _principal(OWNER, ["owner"], [PROJECT], self._owner)
        _write(self.file, text)

    def renew(self) -> None:
        """The owner has the token that is good."""
        _write(self.token_file, self._owner + "\n")


def _principal(name: str, roles: list[str], projects: list[str], token: str) -> str:
    digest = hashlib.sha256(token.encode()).hexdigest()
    return f'[[principal]]\nname = "{name}"\nroles = {roles}\nprojects = {projects}\ntokens = ["sha256:{digest}"]\n\n'


def _write(file: Path, text: str) -> None:
    # In one step, so that nobody reads half of it.
    new = file.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o600)
    new.rename(file)
