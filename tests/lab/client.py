"""Clients of Fermata: an operator, and an owner with a stream of its own."""

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import grpc
from fermata.v1 import notification_service_pb2 as notifications
from fermata.v1 import policy_pb2 as policies
from fermata.v1 import policy_service_pb2 as policy_service
from fermata.v1 import session_pb2 as sessions
from fermata.v1 import session_service_pb2 as session_service
from fermata.v1 import types_pb2 as contract_types
from fermata.v1.notification_pb2 import NOTIFICATION_STATE_PENDING, Notification
from fermata.v1.notification_service_pb2_grpc import NotificationServiceStub
from fermata.v1.policy_service_pb2_grpc import PolicyServiceStub
from fermata.v1.session_service_pb2_grpc import SessionServiceStub
from fermata.v1.stream_pb2 import StreamStart
from fermata.v1.subscription_pb2 import Subscription
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from waiting import until

# One decision for all servers of a notification, or one for each by id.
Decisions = int | Mapping[str, int]


class Operator:
    """Creates sessions and works on hosts."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub = SessionServiceStub(channel)

    def create_session(self, *hosts: str, metadata: tuple[tuple[str, str], ...] = (), **spec: Any) -> str:
        """Creates a session with short reply periods; other fields of the spec by name. Its id."""
        end = Timestamp()
        end.FromSeconds(int(time.time()) + 3600)
        fields: dict[str, Any] = {
            "hosts": sessions.HostSelection(names=hosts),
            "window": contract_types.MaintenanceWindow(end_time=end),
            "reason": "new firmware",
            "announce_reply_period": Duration(seconds=2),
            "drain_reply_period": Duration(seconds=2),
        }
        request = session_service.CreateSessionRequest(spec=sessions.SessionSpec(**fields | spec))
        return self.stub.CreateSession(request, timeout=30, metadata=metadata).session.id

    def start(self, session_id: str) -> None:
        self.stub.StartSession(session_service.StartSessionRequest(session_id=session_id), timeout=10)

    def get(self, session_id: str) -> sessions.Session:
        request = session_service.GetSessionRequest(session_id=session_id)
        return self.stub.GetSession(request, timeout=10, wait_for_ready=True).session

    def hosts(self, session_id: str) -> list[sessions.SessionHost]:
        request = session_service.ListSessionHostsRequest(session_id=session_id, page_size=1000)
        return list(self.stub.ListSessionHosts(request, timeout=10, wait_for_ready=True).hosts)

    def host_states(self, session_id: str) -> dict[str, str]:
        """{host: state}, the states without their prefix."""
        return {h.host: short(sessions.SessionHostState, h.state) for h in self.hosts(session_id)}

    def wait_for_hosts(self, session_id: str, seconds: float = 180, **wanted: str) -> None:
        """Until the hosts are in these states: wait_for_hosts(id, compute01="IN_MAINTENANCE")."""

        def reached() -> bool:
            states = self.host_states(session_id)
            return all(states[host] == state for host, state in wanted.items())

        self._wait(session_id, f"hosts to be {wanted}", reached, seconds)

    def wait_for_session(self, session_id: str, state: str, seconds: float = 180) -> None:
        self._wait(session_id, f"session to be {state}", lambda: self.state(session_id) == state, seconds)

    def state(self, session_id: str) -> str:
        return short(sessions.SessionState, self.get(session_id).status.state)

    def _wait(self, session_id: str, what: str, condition: Callable[[], bool], seconds: float) -> None:
        try:
            until(what, condition, seconds, pause=0.2)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.get(session_id)}") from None

    def complete_host(self, session_id: str, host: str) -> None:
        request = session_service.CompleteHostRequest(session_id=session_id, host=host)
        self.stub.CompleteHost(request, timeout=10)

    def report(self, session_id: str) -> dict[str, sessions.SessionServer]:
        """What happened to each server, by name."""
        request = session_service.GetSessionReportRequest(session_id=session_id)
        hosts = self.stub.GetSessionReport(request, timeout=10).report.hosts
        return {server.name: server for host in hosts for server in host.servers}


class Owner:
    """Follows a project's stream in a thread, keeps every message, and answers what is asked.

    A connection that is lost is taken up again after the last message, until the owner is told to leave.
    """

    def __init__(
        self,
        channel: grpc.Channel,
        project: str,
        decide: Callable[[Notification], Decisions] | None = None,
    ) -> None:
        self.stub = NotificationServiceStub(channel)
        self.policies = PolicyServiceStub(channel)
        self.project = project
        self.decide = decide
        self.messages: list[notifications.SubscribeResponse] = []
        self.connections = 0
        self._leaving = threading.Event()
        self._stream: grpc.Call | None = None
        self._thread: threading.Thread | None = None

    def take_part(self) -> "Owner":
        """Subscribes for good, so that the project's silence counts, and begins to listen."""
        subscription = Subscription(project_id=self.project, id="vnfm", display_name="VNFM")
        self.stub.PutSubscription(notifications.PutSubscriptionRequest(subscription=subscription), timeout=10)
        return self.listen()

    def put_group(self, *members: str, **policy: Any) -> None:
        """Stores a group of servers, given by their ids; what it asks for by name."""
        group = policies.ServerGroup(project_id=self.project, id="group", member_ids=members, **policy)
        self.policies.PutServerGroup(policy_service.PutServerGroupRequest(server_group=group), timeout=10)

    def listen(self) -> "Owner":
        """Begins, or goes on after the last message. Returns when the stream is open."""
        self._leaving.clear()
        before = self.connections
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        until("the owner's stream to open", lambda: self.connections > before, seconds=20)
        return self

    def leave(self) -> None:
        """Drops the connection at once, as a process does that is killed."""
        self._leaving.set()
        if self._stream:
            self._stream.cancel()
        if self._thread:
            self._thread.join(10)

    def _follow(self) -> None:
        while not self._leaving.is_set():
            # None inside a snapshot that was cut: then it comes again.
            token = self.messages[-1].resume_token if self.messages else b""
            start = StreamStart(resume_token=token) if token else None
            request = notifications.SubscribeRequest(project_id=self.project, start=start)
            try:
                self._stream = self.stub.Subscribe(request, wait_for_ready=True)
                # An event, a heartbeat at the latest: only then was the stream more than an attempt.
                first = next(self._stream)
                self.connections += 1
                for message in itertools.chain([first], self._stream):
                    self.messages.append(message)
                    self._answer(message)
            except StopIteration:
                pass
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                    raise
            self._leaving.wait(0.1)

    def _answer(self, message: notifications.SubscribeResponse) -> None:
        if not self.decide:
            return
        asked = list(message.snapshot.notifications)
        if message.event.HasField("notification"):
            asked.append(message.event.notification)
        for notification in asked:
            if notification.state == NOTIFICATION_STATE_PENDING:
                self.accept(notification, self.decide(notification))

    def accept(self, notification: Notification, decisions: Decisions) -> None:
        if isinstance(decisions, int):
            accept = notifications.Accept(action=decisions)
        else:
            each = [notifications.Decision(server_id=i, action=a) for i, a in decisions.items()]
            accept = notifications.Accept(decisions=each)
        self.reply(notification, accept=accept)

    def reply(self, notification: Notification, **answer: Any) -> None:
        """Answers in this way, given by its name in the contract."""
        request = notifications.ReplyRequest(
            project_id=self.project,
            notification_id=notification.id,
            plan_revision=notification.plan_revision,
            **answer,
        )
        self.stub.Reply(request, timeout=10)

    # ---- what was heard

    def events(self) -> list[notifications.SubscribeResponse]:
        """The messages that carry an event."""
        return [m for m in list(self.messages) if m.HasField("event")]

    def notifications(self) -> list[Notification]:
        """Every notification in the order it came, those of snapshots included."""
        found: list[Notification] = []
        for message in list(self.messages):
            found.extend(message.snapshot.notifications)
            if message.event.HasField("notification"):
                found.append(message.event.notification)
        return found

    def server_changes(self, server_id: str) -> list[int]:
        """What was told of a server: SERVER_CHANGE_… in order."""
        events = [m.event.server for m in self.events() if m.event.HasField("server")]
        return [e.change for e in events if e.server_id == server_id]

    def session_changes(self, session_id: str) -> list[int]:
        """What was told of a session: OWNER_SESSION_CHANGE_… in order."""
        events = [m.event.session for m in self.events() if m.event.HasField("session")]
        return [e.change for e in events if e.session_id == session_id]


def short(enum: Any, value: int) -> str:
    """The name of an enum's value without the enum's own name: SESSION_STATE_RUNNING is RUNNING."""
    prefix = enum.Name(0).removesuffix("UNSPECIFIED")
    return enum.Name(value).removeprefix(prefix)
