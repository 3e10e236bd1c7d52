"""Examples in Go."""

import textwrap

from languages import Call, Example
from layout import Group, Node, flat, lines
from values import Entries, Enumerator, Flag, Mask, Number, Record, Span, Text, Time, Value, pascal

NAME, FENCE, FILE = "Go", "go", "example_{}.go"
MODULE = "fermata.dev/clients/go"
KNOWN = "google.golang.org/protobuf/types/known"


def example(call: Call) -> Example:
    imports = {f'"{MODULE}/fermatav1"'}
    request = lines(node(call.request, imports), "\t", before=10)
    client = f"connection.{pascal(call.service)}()"
    handled = "if err != nil {\n\treturn err\n}\n"
    if call.watched:
        imports.add(f'fermata "{MODULE}"')
        code = (
            f"request := {request}\nfor item, err := range fermata.{call.method.name}(ctx, connection, request) {{\n"
            f"{textwrap.indent(handled, '	')}\tfmt.Println(item)\n}}"
        )
    elif call.streams:
        imports |= {'"errors"', '"io"'}
        code = (
            f"request := {request}\nparts, err := {client}.{call.method.name}(ctx, request)\n{handled}"
            "for {\n\tpart, err := parts.Recv()\n\tif errors.Is(err, io.EOF) {\n\t\tbreak\n\t}\n"
            f"{textwrap.indent(handled, '	')}\tfmt.Println(part)\n}}"
        )
    else:
        code = f"request := {request}\nanswer, err := {client}.{call.method.name}(ctx, request)\n{handled}fmt.Println(answer)"
    return Example(sorted(imports), code)


def node(value: Value, imports: set[str]) -> Node:
    match value:
        case Text(text):
            return f'"{text}"'
        case Number(number):
            return str(number)
        case Flag(flag):
            return str(flag).lower()
        case Enumerator(found):
            return f"fermatav1.{found.type.name}_{found.name}"
        case Time():
            imports |= {'"time"', f'"{KNOWN}/timestamppb"'}
            at = value.at
            date = f"time.Date({at.year}, {at.month}, {at.day}, {at.hour}, {at.minute}, {at.second}, 0, time.UTC)"
            return f"timestamppb.New({date})"
        case Span(seconds):
            imports |= {'"time"', f'"{KNOWN}/durationpb"'}
            return f"durationpb.New({seconds} * time.Second)"
        case Mask(paths):
            imports.add(f'"{KNOWN}/fieldmaskpb"')
            return Group("&fieldmaskpb.FieldMask{Paths: []string{", [f'"{path}"' for path in paths], "}}")
        case Entries(entries):
            return Group(f"{slice_of(entries[0])}{{", [node(entry, imports) for entry in entries], "}")
        case Record(message, fields):
            return Group(f"&fermatav1.{message.name}{{", [part(message, *held, imports) for held in fields], "}", aligned=True)


def part(message, field, value: Value, imports: set[str]) -> Node:
    name = pascal(field.name)
    if not field.containing_oneof or field.has_presence and field.containing_oneof.name.startswith("_"):
        return (f"{name}: ", node(value, imports))
    return (f"{pascal(field.containing_oneof.name)}: ", Group(f"&fermatav1.{message.name}_{name}{{", [(f"{name}: ", node(value, imports))], "}"))


def slice_of(value: Value) -> str:
    match value:
        case Text():
            return "[]string"
        case Enumerator(found):
            return f"[]fermatav1.{found.type.name}"
        case Record(message):
            return f"[]*fermatav1.{message.name}"
    raise NotImplementedError(f"a list of {flat(node(value, set()))}")


def program(call: Call, found: Example) -> str:
    imports = sorted({*found.imports, '"context"', '"fmt"', f'fermata "{MODULE}"'}, key=lambda line: ("." in line, line.split()[-1]))
    standard = [line for line in imports if "." not in line]
    others = [line for line in imports if "." in line]
    block = "\n".join(f"\t{line}" if line else "" for line in [*standard, "", *others])
    name = call.method.name
    body = textwrap.indent(found.code, "\t")
    return (
        f"package examples\n\nimport (\n{block}\n)\n\nfunc example{name}(ctx context.Context, connection *fermata.Connection) error {{\n{body}\n"
        f"\treturn nil\n}}\n\nvar _ = example{name}\n"
    )
