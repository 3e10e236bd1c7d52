"""Examples in each language. A module of a language has

    NAME        what it is called
    FENCE       what its blocks are called in Markdown
    FILE        what a program with an example is called: `{}` is the method in words with `_` between, `{0}` as LikeThis
    example     writes the example of a method
    program     puts an example into a program that a compiler can look at
"""

from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor

from values import Record

# Streams that are read with the watch of each SDK, which opens them again after a cut.
WATCHED = {"Subscribe", "WatchSession", "WatchHosts"}


@dataclass
class Call:
    """A method, and what the example sends."""

    method: MethodDescriptor
    request: Record

    @property
    def service(self) -> str:
        """The service as connections call it, for example `sessions`."""
        name = self.method.containing_service.name.removesuffix("Service").lower()
        return {"policy": "policies", "audit": "audit", "server": "server"}.get(name, f"{name}s")

    @property
    def watched(self) -> bool:
        """Whether the SDKs have a watch for it."""
        return self.method.name in WATCHED

    @property
    def streams(self) -> bool:
        """Whether the answer is a stream."""
        return self.method.server_streaming


@dataclass
class Example:
    """An example in one language."""

    imports: list[str]
    """Lines that a file has before the code; some languages show them, others say once which ones they are."""
    code: str
