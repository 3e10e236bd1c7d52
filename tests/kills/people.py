"""Owners, who reply to what they are asked, and operators, who keep sessions going."""

import asyncio
import hashlib
import random
import time
import uuid
from typing import Any

from fermata.v1 import notification_service_pb2 as notifications
from fermata.v1 import session_pb2 as sessions
from fermata.v1 import session_service_pb2 as session_service
from fermata.v1 import types_pb2 as contract_types
from fermata.v1.notification_pb2 import NOTIFICATION_STATE_PENDING, Notification
from fermata.v1.session_pb2 import SessionHost, SessionHostState, SessionState
from fermata.v1.types_pb2 import Action, ServerState
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from kills.calls import Answer, Doors
from kills.record import Command, Reply

LIVE_MIGRATE, MIGRATE, KEEP = contract_types.ACTION_LIVE_MIGRATE, contract_types.ACTION_MIGRATE, contract_types.ACTION_KEEP
# How long owners may reply. One that is silent costs its session this long.
REPLY_SECONDS = 8


def wish(server: str) -> int:
    """What its owner wants for a server: always the same."""
    return [LIVE_MIGRATE, LIVE_MIGRATE, LIVE_MIGRATE, LIVE_MIGRATE, MIGRATE, MIGRATE, KEEP, KEEP][
        hashlib.sha256(server.encode()).digest()[0] % 8
    ]


def short(enum: Any, value: int) -> str:
    """The name of an enum's value without the enum's own name."""
    prefix = enum.Name(0).removesuffix("UNSPECIFIED")
    return str(enum.Name(value).removeprefix(prefix))


class Owner:
    """Replies for one project; is given the messages of one of its subscribers."""

    def __init__(self, project: str, doors: Doors, seed: int) -> None:
        self.project = project
        self.doors = doors
        self.rng = random.Random(f"{seed}/owner/{project}")
        self.replies: list[Reply] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self._asked: set[tuple[str, int]] = set()

    def hear(self, message: bytes) -> None:
        heard = notifications.SubscribeResponse.FromString(message)
        asked = list(heard.snapshot.notifications)
        if heard.event.HasField("notification"):
            asked.append(heard.event.notification)
        for notification in asked:
            key = (notification.id, notification.plan_revision)
            if notification.state != NOTIFICATION_STATE_PENDING or key in self._asked:
                continue
            self._asked.add(key)
            # Some questions are never answered.
            if hashlib.sha256(f"{key}".encode()).digest()[0] % 20 == 0:
                continue
            times = 2 if self.rng.random() < 0.15 else 1
            for _ in range(times):
                task = asyncio.create_task(self._reply(notification, self.rng.uniform(0, 0.8) / times))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    async def _reply(self, asked: Notification, pause: float) -> None:
        await asyncio.sleep(pause)
        decisions = {server.server_id: wish(server.server_id) for server in asked.servers}
        request = notifications.ReplyRequest(
            project_id=self.project,
            notification_id=asked.id,
            plan_revision=asked.plan_revision,
            accept=notifications.Accept(
                decisions=[notifications.Decision(server_id=s, action=a) for s, a in sorted(decisions.items())]
            ),
            request_id=f"{asked.id}/{asked.plan_revision}",
        )
        answer = await self.doors.call("Reply", lambda door: door.notifications.Reply, request)
        shown = {}
        if answer.ok:
            for server in answer.response.notification.servers:
                shown[server.server_id] = [short(Action, server.decision), short(ServerState, server.state)]
        reply = Reply(
            notification=asked.id,
            session=asked.session_id,
            project=self.project,
            plan_revision=asked.plan_revision,
            decisions={server: short(Action, action) for server, action in decisions.items()},
            asked_at=answer.asked_at,
            answered_at=answer.answered_at,
            result=answer.result,
            shown=shown,
        )
        self.replies.append(reply)


class Operator:
    """Keeps one session going over a pair of hosts: when one ends, the next begins."""

    def __init__(self, number: int, hosts: list[str], doors: Doors, seed: int) -> None:
        self.number = number
        self.hosts = hosts
        self.doors = doors
        self.rng = random.Random(f"{seed}/operator/{number}")
        self.commands: list[Command] = []
        self.ended: list[str] = []
        self.session = ""
        self.stopping = False

    async def work(self) -> None:
        """Until it is told to stop and its last session has ended."""
        while not self.stopping:
            created = await self._create(self.hosts)
            if created.ok:
                self.session = created.response.session.id
                await self._see_through(self.session)
                self.session = ""
            else:
                # A rival has one of the hosts for a moment.
                await asyncio.sleep(0.5)

    async def compete(self, pairs: list[list[str]]) -> None:
        """Asks for hosts that others have, which must be refused; one that is free by chance is given back."""
        while not self.stopping:
            await asyncio.sleep(self.rng.uniform(0.5, 2))
            created = await self._create(self.rng.sample(self.rng.choice(pairs), 1))
            if created.ok:
                self.session = created.response.session.id
                await self._command("CancelSession", self.session)
                await self._see_through(self.session)
                self.session = ""

    async def _create(self, hosts: list[str]) -> Answer:
        end = Timestamp()
        end.FromSeconds(int(time.time()) + 7200)
        request_id = f"create-{uuid.UUID(int=self.rng.getrandbits(128))}"
        period = Duration(seconds=REPLY_SECONDS)
        spec = sessions.SessionSpec(
            hosts=sessions.HostSelection(names=hosts),
            window=contract_types.MaintenanceWindow(end_time=end),
            reason=request_id,
            metadata={"firmware": "2026.2", "slot": str(self.number), "kind": "test"},
            announce_reply_period=period,
            drain_reply_period=period,
            lead_time=Duration(seconds=1) if self.rng.random() < 0.3 else None,
            on_failure=sessions.ON_FAILURE_CONTINUE,
            max_parallel_hosts=self.rng.choice([1, 1, 2]),
            max_parallel_actions=4,
            action_attempts=5,
            action_timeout=Duration(seconds=60),
            drain_timeout=Duration(seconds=900),
        )
        request = session_service.CreateSessionRequest(spec=spec, request_id=request_id)
        answer = await self.doors.call("CreateSession", lambda door: door.sessions.CreateSession, request)
        session = answer.response.session.id if answer.ok else ""
        self._note("CreateSession", session, "", request_id, answer)
        return answer

    async def _see_through(self, session: str) -> None:
        """Works on hosts that are empty, and does now and then what operators do, until the session is over."""
        began = time.monotonic()
        cancel_at = began + self.rng.uniform(1, 25) if self.rng.random() < 0.12 else None
        pause_at = began + self.rng.uniform(1, 15) if self.rng.random() < 0.15 else None
        resume_at = None
        request = session_service.GetSessionRequest(session_id=session)
        while True:
            answer = await self.doors.call("GetSession", lambda door: door.sessions.GetSession, request)
            if not answer.ok:
                self._note("GetSession", session, "", "", answer)
                await asyncio.sleep(1)
                continue
            status = answer.response.session.status
            state = short(SessionState, status.state)
            if state in ("COMPLETED", "CANCELLED"):
                self.ended.append(session)
                return
            now = time.monotonic()
            if cancel_at and now > cancel_at:
                cancel_at = None
                await self._command("CancelSession", session)
            if pause_at and now > pause_at and state == "RUNNING":
                pause_at, resume_at = None, now + self.rng.uniform(1, 4)
                await self._command("PauseSession", session)
            if state in ("PAUSED", "FAILED") and (resume_at is None or now > resume_at):
                resume_at = None
                await self._command("ResumeSession", session)
            for host in await self._hosts(session):
                there = short(SessionHostState, host.state)
                if there == "IN_MAINTENANCE":
                    await self._command("CompleteHost", session, host.host)
            await asyncio.sleep(self.rng.uniform(0.8, 1.6))

    async def _hosts(self, session: str) -> list[SessionHost]:
        request = session_service.ListSessionHostsRequest(session_id=session, page_size=1000)
        answer = await self.doors.call("ListSessionHosts", lambda door: door.sessions.ListSessionHosts, request)
        if not answer.ok:
            self._note("ListSessionHosts", session, "", "", answer)
            return []
        return list(answer.response.hosts)

    async def _command(self, method: str, session: str, host: str = "") -> None:
        request_id = f"{method}-{uuid.UUID(int=self.rng.getrandbits(128))}"
        more = {"host": host} if host else {}
        kind = getattr(session_service, f"{method}Request")
        request = kind(session_id=session, reason=request_id, request_id=request_id, **more)
        answer = await self.doors.call(method, lambda door: getattr(door.sessions, method), request)
        self._note(method, session, host, request_id, answer)

    def _note(self, method: str, session: str, host: str, request: str, answer: Answer) -> None:
        command = Command(
            method, session, host, request, answer.asked_at, answer.answered_at, answer.result, answer.tries
        )
        self.commands.append(command)
