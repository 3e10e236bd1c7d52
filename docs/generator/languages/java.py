"""Examples in Java."""

import textwrap

from languages import Call, Example
from layout import Chain, Group, Node, lines
from values import Entries, Enumerator, Flag, Mask, Number, Record, Span, Text, Time, Value, camel, pascal

NAME, FENCE, FILE = "Java", "java", "Example{0}.java"
# Services that a connection has a stub of; others are made over its channel.
STUBS = {"sessions", "hosts", "notifications", "policies", "audit", "server"}


def example(call: Call) -> Example:
    imports: set[str] = set()
    built = node(call.request, imports)
    if isinstance(built, Chain):
        # Setters take builders as well as messages; a call takes messages only.
        built.calls.append(".build()")
    request = f"var request =\n    {lines(built, '    ', '    ', after=1)};"
    one_line = request.replace("=\n    ", "= ")
    if "\n" not in one_line and len(one_line) <= 100:
        request = one_line
    stub = f"fermata.{call.service}()"
    if call.service not in STUBS:
        stub = f"{call.method.containing_service.name}Grpc.newBlockingV2Stub(fermata.channel())"
    if call.watched:
        code = f"{request}\ntry (var items = fermata.watch(request)) {{\n    items.forEachRemaining(System.out::println);\n}}"
    elif call.streams:
        code = f"{request}\nvar parts = {stub}.{camel(call.method.name)}(request);\nwhile (parts.hasNext()) {{\n    System.out.println(parts.read());\n}}"
    else:
        made = lines(Group("Fermata.call(", [f"() -> {stub}.{camel(call.method.name)}(request)"], last="", tight=True), "    ", before=14)
        code = f"{request}\nvar answer = {made};\nSystem.out.println(answer);"
    return Example(sorted(imports), code)


def node(value: Value, imports: set[str]) -> Node:
    match value:
        case Text(text):
            return f'"{text}"'
        case Number(number, field):
            return f"{number}L" if field.type in (field.TYPE_INT64, field.TYPE_UINT64) else str(number)
        case Flag(flag):
            return str(flag).lower()
        case Enumerator(found):
            return f"{found.type.name}.{found.name}"
        case Time(text):
            imports |= {"com.google.protobuf.Timestamp", "java.time.Instant"}
            seconds = Group(".setSeconds(", [f'Instant.parse("{text}").getEpochSecond()'], last="", tight=True)
            return Chain("Timestamp.newBuilder()", [seconds])
        case Span(seconds):
            imports.add("com.google.protobuf.Duration")
            return f"Duration.newBuilder().setSeconds({seconds})"
        case Mask(paths):
            imports.add("com.google.protobuf.FieldMask")
            return Chain("FieldMask.newBuilder()", [f'.addPaths("{path}")' for path in paths])
        case Entries():
            raise NotImplementedError("a list stands in a message")
        case Record(message, []):
            return f"{message.name}.getDefaultInstance()"
        case Record(message, fields):
            calls = [setter for held in fields for setter in setters(*held, imports)]
            return Chain(f"{message.name}.newBuilder()", calls)


def setters(field, value: Value, imports: set[str]) -> list[Node]:
    if isinstance(value, Entries):
        return [Group(f".add{pascal(field.name)}(", [node(entry, imports)], last="", tight=True) for entry in value.entries]
    return [Group(f".set{pascal(field.name)}(", [node(value, imports)], last="", tight=True)]


def program(call: Call, found: Example) -> str:
    imports = sorted({*found.imports, "dev.fermata.client.Fermata", "dev.fermata.v1.*"})
    head = "\n".join(f"import {name};" for name in imports)
    raises = " throws Exception" if call.streams else ""
    name = pascal(call.method.name)
    body = textwrap.indent(found.code, "        ")
    return f"{head}\n\nfinal class Example{name} {{\n    static void run(Fermata fermata){raises} {{\n{body}\n    }}\n}}\n"
