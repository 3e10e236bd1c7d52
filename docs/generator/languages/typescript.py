"""Examples in TypeScript."""

import textwrap

from languages import Call, Example
from layout import Group, Node, lines
from values import Entries, Enumerator, Flag, Mask, Number, Record, Span, Text, Time, Value, camel, short

NAME, FENCE, FILE = "TypeScript", "ts", "example_{}.ts"
PACKAGE = "@fermata/client"
# Services that a connection has a client of.
CLIENTS = {"sessions", "hosts", "notifications", "policies", "audit", "server"}


def example(call: Call) -> Example | None:
    """None if the SDK has no client of the service."""
    if call.service not in CLIENTS:
        return None
    imports: set[str] = set()
    request = node(call.request, imports)
    method = f"connection.{call.service}.{camel(call.method.name)}("
    if call.watched:
        schema = f"{call.request.message.name}Schema"
        imports |= {"create", schema, "watch"}
        made = lines(Group("create(", [schema, request], hugs=True), "  ", before=16, after=1)
        code = f"const request = {made};\nfor await (const item of watch(connection, request)) {{\n  console.log(item);\n}}"
    elif call.streams:
        made = lines(Group(method, [request], hugs=True), "  ", before=27, after=3)
        code = f"for await (const part of {made}) {{\n  console.log(part);\n}}"
    else:
        made = lines(Group(method, [request], hugs=True), "  ", before=21, after=1)
        code = f"const answer = await {made};\nconsole.log(answer);"
    names = sorted(imports, key=str.lower)
    return Example([f'import {{ {", ".join(names)} }} from "{PACKAGE}";'] if names else [], code)


def node(value: Value, imports: set[str]) -> Node:
    match value:
        case Text(text):
            return f'"{text}"'
        case Number(number, field):
            return f"{number}n" if field.type in (field.TYPE_INT64, field.TYPE_UINT64) else str(number)
        case Flag(flag):
            return str(flag).lower()
        case Enumerator(found):
            imports.add(found.type.name)
            return f"{found.type.name}.{short(found)}"
        case Time(text):
            imports.add("timestamp")
            return f'timestamp(new Date("{text}"))'
        case Span(seconds):
            imports.add("duration")
            return f"duration({seconds * 1000})"
        case Mask(paths):
            return Group("{ paths: [", [f'"{path}"' for path in paths], "] }")
        case Entries(entries):
            return Group("[", [node(entry, imports) for entry in entries], "]")
        case Record(_, fields):
            return Group("{", [part(*held, imports) for held in fields], "}", space=" ")


def part(field, value: Value, imports: set[str]) -> Node:
    name, held = camel(field.name), node(value, imports)
    if not field.containing_oneof or field.containing_oneof.name.startswith("_"):
        return (f"{name}: ", held)
    return (f"{camel(field.containing_oneof.name)}: ", Group("{", [f'case: "{name}"', ("value: ", held)], "}", space=" "))


def program(call: Call, found: Example) -> str:
    head = [f'import type {{ Connection }} from "{PACKAGE}";', *found.imports]
    body = textwrap.indent(found.code, "  ")
    return "\n".join([*head, "", f"export async function {camel(call.method.name)}(connection: Connection): Promise<void> {{", body, "}", ""])
