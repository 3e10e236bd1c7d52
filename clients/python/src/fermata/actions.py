"""What may happen to a server, in short names: `fermata.KEEP` is `ACTION_KEEP` of the contract."""

from __future__ import annotations

from typing import Final

from fermata.v1 import types_pb2
from fermata.v1.types_pb2 import Action

__all__ = ["KEEP", "LIVE_MIGRATE", "MIGRATE", "OWN_ACTION", "Action"]

LIVE_MIGRATE: Final = types_pb2.ACTION_LIVE_MIGRATE
"""Fermata moves the server while it runs."""
MIGRATE: Final = types_pb2.ACTION_MIGRATE
"""Fermata moves the server stopped, and starts it again."""
OWN_ACTION: Final = types_pb2.ACTION_OWN_ACTION
"""The owner moves, rebuilds or deletes the server itself, and then reports `own_action_done`."""
KEEP: Final = types_pb2.ACTION_KEEP
"""The server stays on its host, stopped during the work. Only where the host comes back."""
