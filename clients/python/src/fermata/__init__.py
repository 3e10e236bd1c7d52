"""Fermata's SDK for Python.

Fermata maintains compute hosts together with the owners of the servers on them. This package is for both sides:

- `Owner` answers what Fermata asks about the servers of a project (a VNFM). `serve` runs one.
- `Operator` creates maintenance sessions and follows them (an NFVO).
- `watch` follows a stream for as long as it is read.
- `connect` gives the generated stubs, with credentials, TLS and time limits.

Beside it: `fermata.testing` runs a server on a simulated cloud, `fermata.keystone` has tokens of OpenStack, `fermata.etsi` turns
notifications into alarms of SOL002 and SOL003, `fermata.v1` has the generated messages and stubs.
"""

from fermata._version import VERSION as __version__
from fermata.actions import KEEP, LIVE_MIGRATE, MIGRATE, OWN_ACTION, Action
from fermata.answers import Answer, accept, counter_offer, no_answer, own_action_done, reject
from fermata.connection import Connection, Tls, connect
from fermata.credentials import Credentials, Token, TokenFile
from fermata.errors import FermataError, FieldViolation, PreconditionViolation
from fermata.hooks import HandlerCall, Hooks
from fermata.operator import HostHandler, Operator
from fermata.owner import Owner, serve
from fermata.v1.event_pb2 import SessionEvent
from fermata.v1.notification_pb2 import (
    AffectedServer,
    Notification,
    OwnerSessionChange,
    OwnerSessionEvent,
    ServerChange,
    ServerEvent,
)
from fermata.v1.session_pb2 import (
    Session,
    SessionHost,
    SessionHostState,
    SessionReport,
    SessionSpec,
    SessionState,
)
from fermata.watching import Cause, Connected, Event, Interrupted, Position, Snapshot, Watch, watch

__all__ = [
    "KEEP",
    "LIVE_MIGRATE",
    "MIGRATE",
    "OWN_ACTION",
    "Action",
    "AffectedServer",
    "Answer",
    "Cause",
    "Connected",
    "Connection",
    "Credentials",
    "Event",
    "FermataError",
    "FieldViolation",
    "HandlerCall",
    "Hooks",
    "HostHandler",
    "Interrupted",
    "Notification",
    "Operator",
    "Owner",
    "OwnerSessionChange",
    "OwnerSessionEvent",
    "Position",
    "PreconditionViolation",
    "ServerChange",
    "ServerEvent",
    "Session",
    "SessionEvent",
    "SessionHost",
    "SessionHostState",
    "SessionReport",
    "SessionSpec",
    "SessionState",
    "Snapshot",
    "Tls",
    "Token",
    "TokenFile",
    "Watch",
    "__version__",
    "accept",
    "connect",
    "counter_offer",
    "no_answer",
    "own_action_done",
    "reject",
    "serve",
    "watch",
]
