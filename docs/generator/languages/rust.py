"""Examples in Rust."""

import textwrap

from languages import Call, Example
from layout import Group, Node, lines
from values import Entries, Enumerator, Flag, Mask, Number, Record, Span, Text, Time, Value, pascal, snake

NAME, FENCE, FILE = "Rust", "rust", "example_{}.rs"
CRATE = "fermata_client"


def example(call: Call) -> Example:
    types: set[str] = set()
    request = lines(node(call.request, types), "    ", before=14, after=1)
    uses = {f"use {CRATE}::v1::{name};" for name in types}
    head = f"let request = {request};\n"
    if call.watched:
        uses |= {f"use {CRATE}::{{WatchOptions, watch}};", "use futures::TryStreamExt;"}
        code = f'{head}let mut items = watch(channel, request, WatchOptions::default());\nwhile let Some(item) = items.try_next().await? {{\n    println!("{{item:?}}");\n}}'
    else:
        answered = f"channel.{call.service}().{snake(call.method.name)}(request).await?.into_inner();\n"
        if call.streams:
            code = f'{head}let mut parts = {answered}while let Some(part) = parts.message().await? {{\n    println!("{{part:?}}");\n}}'
        else:
            code = f'{head}let answer = {answered}println!("{{answer:?}}");'
    return Example(together(uses), code)


def together(uses: set[str]) -> list[str]:
    """Types of the contract in one line."""
    prefix = f"use {CRATE}::v1::"
    types = sorted(use.removeprefix(prefix).rstrip(";") for use in uses if use.startswith(prefix))
    others = [use for use in uses if not use.startswith(prefix)]
    joined = types[0] if len(types) == 1 else lines(Group("{", types, "}"), "    ", before=len(prefix), after=1)
    return sorted([*others, f"{prefix}{joined};"])


def node(value: Value, types: set[str]) -> Node:
    match value:
        case Text(text):
            return f'"{text}".into()'
        case Number(number):
            return str(number)
        case Flag(flag):
            return str(flag).lower()
        case Enumerator(found):
            types.add(found.type.name)
            return f"{found.type.name}::{variant(found)}.into()"
        case Time():
            return f"prost_types::Timestamp {{ seconds: {int(value.at.timestamp()):_}, nanos: 0 }}"
        case Span(seconds):
            return f"prost_types::Duration {{ seconds: {seconds:_}, nanos: 0 }}"
        case Mask(paths):
            return Group("prost_types::FieldMask { paths: vec![", [f'"{path}".into()' for path in paths], "] }")
        case Entries(entries):
            return Group("vec![", [node(entry, types) for entry in entries], "]")
        case Record(message, fields):
            types.add(message.name)
            if not fields:
                return f"{message.name}::default()"
            whole = {field.containing_oneof.name if field.containing_oneof else field.name for field in message.fields}
            left = "..Default::default()" if len(whole) > len(fields) else ""
            return Group(f"{message.name} {{", [part(message, *held, types) for held in fields], "}", space=" ", bare=left)


def part(message, field, value: Value, types: set[str]) -> Node:
    held = node(value, types)
    if field.containing_oneof and not field.containing_oneof.name.startswith("_"):
        oneof = field.containing_oneof.name
        types.add(snake(message.name))
        return (f"{oneof}: ", Group(f"Some({snake(message.name)}::{pascal(oneof)}::{pascal(field.name)}(", [held], "))", hugs=True))
    if isinstance(value, Record | Time | Span | Mask):
        return (f"{field.name}: ", Group("Some(", [held], hugs=True))
    name = f"{field.name}: "
    return (name, held)


def variant(found) -> str:
    enum = pascal(found.type.name)
    return pascal(found.name).removeprefix(enum)


def program(call: Call, found: Example) -> str:
    body = textwrap.indent("\n".join([*found.imports, "", found.code]), "    ")
    return f"async fn {snake(call.method.name)}(channel: Channel) -> Result<(), Failure> {{\n{body}\n    Ok(())\n}}\n"
