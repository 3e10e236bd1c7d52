"""The contract as it stands in proto/fermata/v1: descriptors, and the comment of each of them."""

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "fermata/v1"

Commented = Descriptor | EnumDescriptor | FieldDescriptor | MethodDescriptor | ServiceDescriptor


class Contract:
    """All files of the contract."""

    def __init__(self) -> None:
        files = descriptor_pb2.FileDescriptorSet.FromString(compiled())
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        own = [file for file in files.file if file.name.startswith(PACKAGE)]
        self.files: list[FileDescriptor] = [pool.FindFileByName(file.name) for file in own]
        self.services: list[ServiceDescriptor] = [s for file in self.files for s in file.services_by_name.values()]
        self._comments = {name: text for file in own for name, text in comments(file).items()}
        self._notes = {name: text for file in own for name, text in comments(file, detached=True).items()}
        self._messages = message_factory.GetMessageClassesForFiles([file.name for file in files.file], pool)

    def comment(self, of: str) -> str:
        """The comment above a declaration, by its full name; a KeyError if there is none."""
        return self._comments[of]

    def note(self, of: str) -> str:
        """The comment that stands before a declaration with an empty line between; empty if there is none."""
        return self._notes.get(of, "")

    def new(self, message: Descriptor) -> Message:
        """An empty message of this type."""
        return self._messages[message.full_name]()

    def messages(self, file: FileDescriptor) -> list[Descriptor]:
        """The messages of a file in the order in which they are written; none of them holds another one."""
        return list(file.message_types_by_name.values())

    def enums(self, file: FileDescriptor) -> list[EnumDescriptor]:
        """The enums of a file in the order in which they are written."""
        return list(file.enum_types_by_name.values())


def compiled() -> bytes:
    """The encoded descriptors of all files, with their comments."""
    names = sorted(str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto" / PACKAGE).glob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "contract.binpb")
        protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={ROOT / 'proto'}", "--include_imports",
                  "--include_source_info", f"--descriptor_set_out={out}"]  # fmt: skip
        subprocess.run([*protoc, *names], check=True)
        return out.read_bytes()


def comments(file: descriptor_pb2.FileDescriptorProto, detached: bool = False) -> dict[str, str]:
    """The comments of a file by the full name of what they are about; that of the file itself by its name. `detached`: those
    instead that have an empty line after them."""
    F, M, E, S = (
        descriptor_pb2.FileDescriptorProto,
        descriptor_pb2.DescriptorProto,
        descriptor_pb2.EnumDescriptorProto,
        descriptor_pb2.ServiceDescriptorProto,
    )
    named = {(F.SYNTAX_FIELD_NUMBER,): file.name}
    for i, message in enumerate(file.message_type):
        at = (F.MESSAGE_TYPE_FIELD_NUMBER, i)
        named[at] = f"{file.package}.{message.name}"
        for j, field in enumerate(message.field):
            named[*at, M.FIELD_FIELD_NUMBER, j] = f"{named[at]}.{field.name}"
        for j, oneof in enumerate(message.oneof_decl):
            named[*at, M.ONEOF_DECL_FIELD_NUMBER, j] = f"{named[at]}.{oneof.name}"
    for i, enum in enumerate(file.enum_type):
        at = (F.ENUM_TYPE_FIELD_NUMBER, i)
        named[at] = f"{file.package}.{enum.name}"
        for j, value in enumerate(enum.value):
            named[*at, E.VALUE_FIELD_NUMBER, j] = f"{named[at]}.{value.name}"
    for i, service in enumerate(file.service):
        at = (F.SERVICE_FIELD_NUMBER, i)
        named[at] = f"{file.package}.{service.name}"
        for j, method in enumerate(service.method):
            named[*at, S.METHOD_FIELD_NUMBER, j] = f"{named[at]}.{method.name}"
    found = {}
    for location in file.source_code_info.location:
        texts = location.leading_detached_comments if detached else [location.leading_comments]
        text = "\n".join(plain(text) for text in texts if text)
        if text and (name := named.get(tuple(location.path))):
            found[name] = text
    return found


def plain(comment: str) -> str:
    """A comment without the blank after each `//`."""
    return "\n".join(line.removeprefix(" ").rstrip() for line in comment.splitlines()).strip()
