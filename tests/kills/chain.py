"""The audit trail as `proto/fermata/v1/audit.proto` describes it, apart from what Fermata makes of that."""

import hashlib
from typing import Any

Row = dict[str, Any]


def hash_of(row: Row) -> str:
    """What the hash of a record has to be; `row` as PostgreSQL writes it in JSON."""
    digest = hashlib.sha256()
    for field in (
        b"fermata.audit.1",
        blob(row["previous_hash"]),
        row["sequence"].to_bytes(8, "big"),
        row["at"].to_bytes(8, "big", signed=True),
        row["principal"].encode(),
        row["role"].encode(),
        row["action"].to_bytes(4, "big", signed=True),
        row["resource_kind"].to_bytes(4, "big", signed=True),
        row["project"].encode(),
        row["resource"].encode(),
        row["detail"].encode(),
        row["reason"].encode(),
        blob(row["before_digest"]),
        blob(row["after_digest"]),
    ):
        digest.update(len(field).to_bytes(8, "big") + field)
    return "\\x" + digest.hexdigest()


def blob(text: str) -> bytes:
    r"""The bytes of `\x0102`."""
    return bytes.fromhex(text.removeprefix("\\x"))


def first() -> str:
    """What the first record carries of the one before."""
    return "\\x" + "00" * 32
