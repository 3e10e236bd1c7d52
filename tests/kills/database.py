"""The database: ending it at once and starting it again, a look at who works on what, and its tables at the end."""

import asyncio
import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from kills.record import Event, Record

CTL = Path(__file__).parent.parent / "postgres" / "ctl"
# Between two looks at who works on what.
LOOK = 0.075

WHO = """
SELECT extract(epoch FROM clock_timestamp())::float8, id::text, owner::text, epoch, active FROM sessions
UNION ALL SELECT extract(epoch FROM clock_timestamp())::float8, NULL, NULL, 0, false
"""


class Database:
    """A PostgreSQL server of the test's own, reached directly."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = int(url.rpartition(":")[2].partition("/")[0])
        self.tenures: list[dict[str, Any]] = []
        # Times at which nobody could look for longer than usual.
        self.blind: list[tuple[float, float]] = []

    async def restart(self) -> None:
        """Ends it as a power cut would, and starts it again."""
        command = [str(CTL), "restart", "-m", "immediate", "--silent"]
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
        )
        assert await process.wait() == 0, f"{' '.join(command)} failed"

    async def watch(self) -> None:
        """Notes who works on what whenever that changes, until it is cancelled."""
        known: dict[str, tuple[Any, ...]] = {}
        seen_at = time.time()
        connection: psycopg.AsyncConnection[Any] | None = None
        while True:
            try:
                if connection is None:
                    connect = psycopg.AsyncConnection.connect(self.url, autocommit=True, connect_timeout=2)
                    connection = await connect
                async with asyncio.timeout(2):
                    rows = await (await connection.execute(WHO)).fetchall()
            except (psycopg.Error, TimeoutError):
                if connection is not None:
                    with contextlib.suppress(psycopg.Error):
                        await connection.close()
                connection = None
                await asyncio.sleep(LOOK)
                continue
            now = max(at for at, *_ in rows)
            if now - seen_at > 0.4:
                self.blind.append((seen_at, now))
            seen_at = now
            for at, session, owner, epoch, active in rows:
                if session and known.get(session) != (owner, epoch, active):
                    known[session] = (owner, epoch, active)
                    row = {"at": at, "session": session, "owner": owner, "epoch": epoch, "active": active}
                    self.tenures.append(row)
            await asyncio.sleep(LOOK)

    async def is_up(self) -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(self.url, connect_timeout=2) as connection:
                await connection.execute("SELECT 1")
                return True
        except psycopg.Error:
            return False

    def last_sequences(self) -> dict[str, int]:
        """Every topic's counter."""
        with psycopg.connect(self.url) as connection:
            return dict(connection.execute("SELECT topic, last FROM topics").fetchall())

    def dump(self, record: Record) -> None:
        """Takes the tables into the record."""
        with psycopg.connect(self.url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            rows = connection.execute("SELECT topic, sequence, at, payload FROM events ORDER BY topic, sequence")
            for topic, sequence, at, payload in rows:
                event = Event(sequence, at / 1e6, bytes(payload))
                record.events.setdefault(topic, []).append(event)
            record.topics = dict(connection.execute("SELECT topic, last FROM topics").fetchall())
            for table in ["audit_records", "audit_chain", "sessions", "session_hosts", "session_servers"]:
                query = sql.SQL("SELECT row_to_json(t)::text FROM {} t ORDER BY 1").format(sql.Identifier(table))
                found = [json.loads(row[0]) for row in connection.execute(query)]
                for row in found:
                    if "body" in row:
                        row["body"] = json.loads(row["body"])
                setattr(record, table, found)
