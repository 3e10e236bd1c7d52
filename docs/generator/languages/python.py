"""Examples in Python."""

import textwrap

from languages import Call, Example
from layout import Group, Node, lines
from values import Entries, Enumerator, Flag, Mask, Number, Record, Span, Text, Time, Value, snake

NAME, FENCE, FILE = "Python", "python", "example_{}.py"


def example(call: Call) -> Example:
    imports: set[str] = set()
    request = node(call.request, imports)
    if call.watched:
        imports.add("import fermata")
        watch = Group("async for item in fermata.watch(", ["connection", request], "):", hugs=True)
        code = f"{lines(watch, '    ')}\n    print(item)"
    elif call.streams:
        code = f"async for part in {lines(method(call, request), '    ', after=1, before=18)}:\n    print(part)"
    else:
        code = f"answer = await {lines(method(call, request), '    ', before=15)}\nprint(answer)"
    return Example(together(imports), code)


def method(call: Call, request: Node) -> Group:
    return Group(f"connection.{call.service}.{call.method.name}(", [request], hugs=True)


def node(value: Value, imports: set[str]) -> Node:
    match value:
        case Text(text):
            return f'"{text}"'
        case Number(number):
            return str(number)
        case Flag(flag):
            return str(flag)
        case Enumerator(found):
            imports.add(imported(found.type))
            return f"{found.type.name}.{found.name}"
        case Time():
            imports.add("from google.protobuf.timestamp_pb2 import Timestamp")
            return f"Timestamp(seconds={int(value.at.timestamp())})"
        case Span(seconds):
            imports.add("from google.protobuf.duration_pb2 import Duration")
            return f"Duration(seconds={seconds})"
        case Mask(paths):
            imports.add("from google.protobuf.field_mask_pb2 import FieldMask")
            return Group("FieldMask(paths=[", [f'"{path}"' for path in paths], "])")
        case Entries(entries):
            return Group("[", [node(entry, imports) for entry in entries], "]")
        case Record(message, fields):
            imports.add(imported(message))
            return Group(f"{message.name}(", [(f"{field.name}=", node(held, imports)) for field, held in fields])


def imported(declared) -> str:
    module = declared.file.name.removesuffix(".proto").replace("/", ".")
    return f"from {module}_pb2 import {declared.name}"


def together(imports: set[str]) -> list[str]:
    """One line for each module: names of the same one follow each other in order."""
    found: dict[str, list[str]] = {}
    for line in sorted(imports, key=lambda line: (line.startswith("from "), line)):
        module, _, name = line.partition(" import ")
        found.setdefault(module, []).append(name)
    return [f"{module} import {', '.join(names)}" if names != [""] else module for module, names in found.items()]


def program(call: Call, found: Example) -> str:
    return "\n".join(["from fermata import Connection", *found.imports, "", "", f"async def {snake(call.method.name)}(connection: Connection) -> None:",
                      textwrap.indent(found.code, "    "), ""])  # fmt: skip
