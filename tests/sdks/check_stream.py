"""What a watch gives: every event once, in order, as it was told; a snapshot only for what was missed; and whether it is connected."""

from collections.abc import Iterator

from sdks.finding import Finding
from sdks.journal import Life, Line
from sdks.observer import Fields, Store
from sdks.record import Record

COMPARED = ("what", "id", "change", "plan_revision")


def check_stream(record: Record) -> Iterator[Finding]:
    """Life after life. An owner goes on where it has acknowledged, which `check_positions` looks at."""
    stores = {store.id: store for store in record.stores}
    if not record.stores:
        return
    at, reached = record.stores[0], -1
    for number, life in enumerate(record.lives, 1):
        reader = _Reader(f"life {number}", stores, at, record.layer == "watch" or number == 1)
        yield from reader.read(life)
        at = reader.store
        if reader.position is not None:
            reached = reader.position
        elif record.layer == "watch" and life.ended == "stopped" and record.expected.ended == "stopped":
            yield Finding("lost", f"{reader.who} read nothing")
    last = record.stores[-1]
    if record.expected.ended == "stopped" and not record.trouble and (at.id, reached) != (last.id, last.last):
        yield Finding("lost", f"in the end {reached} of {last.last} was read")


def check_foreign(record: Record) -> Iterator[Finding]:
    """Nothing is told of servers of others."""
    foreign = set(record.outcome.get("foreign", []))
    for number, life in enumerate(record.lives, 1):
        for line in life.lines:
            named = {line.get("id"), *line.get("servers", [])}
            if named & foreign:
                yield Finding("foreign", f"life {number} was told of a server of another owner: {line}")


class _Reader:
    """Where a life is in the truth."""

    def __init__(self, who: str, stores: dict[str, Store], store: Store, is_new: bool) -> None:
        self.who, self.stores, self.store = who, stores, store
        # It has nothing to go on from.
        self._is_new = is_new
        self.position: int | None = None
        self._missed = False
        self._is_connected = False

    def read(self, life: Life) -> Iterator[Finding]:
        for line in life.lines:
            if line["kind"] in ("connected", "snapshot", "event"):
                yield from self._connection(line)
            match line["kind"]:
                case "interrupted":
                    self._is_connected = False
                    self._missed = self._missed or line["cause"] == "missed"
                case "snapshot":
                    yield from self._snapshot(line)
                case "event":
                    yield from self._event(line)

    def _connection(self, line: Line) -> Iterator[Finding]:
        is_news = line["kind"] == "connected"
        if is_news is self._is_connected:
            yield Finding("connected", f"{self.who} {'said so twice' if is_news else f'did not say so before {line}'}")
        self._is_connected = True

    def _snapshot(self, line: Line) -> Iterator[Finding]:
        if self.position is not None and not self._missed:
            yield Finding(
                "snapshot", f"{self.who} got one at {line['sequence']}, though nothing was missed after {self.position}"
            )
        self._missed = False
        store = self.stores.get(line["store_id"])
        if store is None:
            yield Finding("snapshot", f"{self.who} got one of store {line['store_id']}, which there never was")
            return
        if store is self.store and self.position is not None and line["sequence"] < self.position:
            yield Finding("order", f"{self.who} got a snapshot of {line['sequence']} after event {self.position}")
        self.store, self.position = store, line["sequence"]
        wanted = standing(store, line["sequence"])
        got = {(one[0], one[1]): one[2] for one in line["notifications"]}
        if wanted is not None and got != wanted:
            yield Finding(
                "snapshot", f"{self.who}: that of {line['sequence']} has {_shown(got)}, but these stood: {_shown(wanted)}"
            )
        if len(got) < len(line["notifications"]) or len(set(line["servers"])) < len(line["servers"]):
            yield Finding("snapshot", f"{self.who}: that of {line['sequence']} has something twice")

    def _event(self, line: Line) -> Iterator[Finding]:
        sequence = line["sequence"]
        if self.position is None and self._is_new:
            yield Finding("snapshot", f"{self.who} begins with event {sequence}, not with a snapshot")
        if self.position is not None and sequence <= self.position:
            yield Finding("order", f"{self.who} got event {sequence} after {self.position}")
        elif self.position is not None and sequence > self.position + 1:
            yield Finding("lost", f"{self.who} got event {sequence} after {self.position}")
        self.position = max(self.position or 0, sequence)
        told = find(self.store, sequence)
        if told is None:
            yield Finding("invented", f"{self.who} got event {sequence}, which nobody told")
        elif any(told[name] != line[name] for name in COMPARED):
            yield Finding("invented", f"{self.who} got event {sequence} as {line}, but it was {told}")


def find(store: Store, sequence: int) -> Fields | None:
    """The event of a sequence."""
    index = sequence - store.first - 1
    return store.events[index] if 0 <= index < len(store.events) else None


def standing(store: Store, sequence: int) -> dict[tuple[str, int], str] | None:
    """The notifications of a snapshot: not closed, of sessions that have not ended. None: the observer came later."""
    if sequence < store.first or sequence > store.last:
        return None
    found: dict[str, Fields] = {}
    for event in store.events[: sequence - store.first]:
        if event["what"] == "notification":
            found[event["id"]] = event
        elif event["what"] == "session" and event["change"] in ("COMPLETED", "CANCELLED"):
            found = {id: one for id, one in found.items() if one["session"] != event["session"]}
    return {(id, one["plan_revision"]): one["change"] for id, one in found.items() if one["change"] != "CLOSED"}


def _shown(notifications: dict[tuple[str, int], str]) -> str:
    return ", ".join(f"{id}/{revision} {state}" for (id, revision), state in sorted(notifications.items())) or "none"
