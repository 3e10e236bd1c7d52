"""What projects are called, beside their ids."""

from __future__ import annotations

from collections.abc import Iterable

import fermata
from fermata.v1.server_service_pb2 import ListProjectsRequest
from fermata.v1.session_pb2 import Session

from fermataclient.osc.arguments import every

_MOST = 500  # ids that a call may name


class ProjectNames:
    """Names of projects, each read once for a command."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    async def learn(self, connection: fermata.Connection, ids: Iterable[str]) -> None:
        """Reads the names of projects that were not asked for yet."""
        new = sorted({project for project in ids if project} - self._names.keys())
        for start in range(0, len(new), _MOST):
            part = new[start : start + _MOST]
            self._names |= dict.fromkeys(part, "")
            try:
                found = await every(connection.server.ListProjects, ListProjectsRequest(ids=part), "projects")
            except fermata.FermataError:
                # A caller that may not read names, or an older Fermata: ids are shown without them.
                continue
            self._names |= {project.project_id: project.name for project in found}

    def name(self, project_id: str) -> str:
        """The name of a project; empty where none is known."""
        return self._names.get(project_id, "")

    def beside(self, project_id: str) -> str:
        """`ims (8b1d7e04…)`, or the id alone."""
        name = self.name(project_id)
        return f"{name} ({project_id})" if name else project_id


def of_session(session: Session) -> list[str]:
    """The projects that a session waits for."""
    return [wait.project_id for wait in session.status.waits]
