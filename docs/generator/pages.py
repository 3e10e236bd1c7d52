"""The pages of the reference, in Markdown that GitHub and MkDocs show alike."""

import re

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, MethodDescriptor

import languages.go
import languages.java
import languages.python
import languages.rust
import languages.typescript
from contract import ROOT, Contract
from languages import Call
from links import REASON, Links, page
from remarks import reason_remarks, remarks
from values import record, short

LANGUAGES = (languages.python, languages.go, languages.java, languages.typescript, languages.rust)
GRPCURL = "```sh shown: tests/checks/reference.py runs it"
# Languages whose blocks show their imports. In the others editors add them, and the first page names them.
SHOW_IMPORTS = (languages.python, languages.typescript, languages.rust)
NOTE = "<!-- Written by docs/generate from proto/fermata/v1. Change the comments there. -->"


def all_pages(contract: Contract) -> dict[str, str]:
    """The text of every page by its file name."""
    links = Links(contract)
    pages = {page(file): file_page(contract, links, file) for file in contract.files}
    pages["index.md"] = index(contract, links, (ROOT / "docs/generator/introduction.md").read_text())
    return pages


def calls(contract: Contract) -> list[Call]:
    """The example of every method."""
    methods = [method for service in contract.services for method in service.methods]
    return [Call(method, record(method.input_type, remarks(contract, method).request)) for method in methods]


def index(contract: Contract, links: Links, introduction: str) -> str:
    """The first page: every method, every file."""
    methods = ["| method | callers | what it does |", "| --- | --- | --- |"]
    for service in sorted(contract.services, key=lambda service: -len(service.methods)):
        methods.append(f"| **{links.to(service.name)}** | | {first_sentence(links, contract.comment(service.full_name))} |")
        for method in service.methods:
            found = remarks(contract, method)
            methods.append(f"| {links.to(method.name)} | {found.callers} | {first_sentence(links, found.text)} |")
    files = ["| page | what is there |", "| --- | --- |"]
    for file in contract.files:
        if not file.services_by_name:
            files.append(f"| [{page(file).removesuffix('.md')}]({page(file)}) | {first_sentence(links, contract.comment(file.name))} |")
    return introduction.replace("{methods}", "\n".join(methods)).replace("{types}", "\n".join(files))


def first_sentence(links: Links, comment: str) -> str:
    text = " ".join(comment.split("\n\n")[0].split())
    return links.cell(text.split(". ")[0].rstrip(".") + ".")


def file_page(contract: Contract, links: Links, file) -> str:
    """The page of a file: its services with requests and responses, then what is left."""
    services = list(file.services_by_name.values())
    title = services[0].name if services else page(file).removesuffix(".md").replace("_", " ").capitalize()
    parts = [f"# {title}", NOTE, f"`{file.name}`" if services else f"{contract.comment(file.name)}\n\n`{file.name}`"]
    shown: set[str] = set()
    for service in services:
        parts.append(links.text(contract.comment(service.full_name), service.name))
        for method in service.methods:
            parts += method_parts(contract, links, method)
            shown |= {method.input_type.name, method.output_type.name}
    left = [message for message in contract.messages(file) if message.name not in shown]
    if services and left:
        parts.append("## Other messages")
    level = "###" if services else "##"
    for message in left:
        parts += [links.text(contract.note(message.full_name)), f"{level} {message.name}"]
        parts += [links.text(contract.comment(message.full_name), message.name), *fields(contract, links, message), users(contract, links, message)]
    for enum in contract.enums(file):
        parts += reasons(contract, links, enum) if enum.name == "ErrorReason" else values(contract, links, enum, level)
    text = "\n\n".join(part for part in parts if part) + "\n"
    return text.replace(f"]({page(file)}#", "](#")


def method_parts(contract: Contract, links: Links, method: MethodDescriptor) -> list[str]:
    """A method: what it does, who calls it, its messages, its errors, an example in each language."""
    found = remarks(contract, method)
    answer = "a stream of " if method.server_streaming else ""
    call = Call(method, record(method.input_type, found.request))
    parts = [f"## {method.name}", links.text(found.text, method.name), f"**Callers:** {found.callers}."]
    if found.errors:
        parts.append(f"**Errors:** {links.text(found.errors, method.name)}")
    for what, message in (("Request", method.input_type), (f"Response, {answer}this message" if answer else "Response", method.output_type)):
        parts += [f"### {message.name}", f"{what}.", *(fields(contract, links, message) or ["It has no fields."])]
        comment = contract.comment(message.full_name)
        if comment != f"Request of {method.name}." and comment != f"Response of {method.name}.":
            parts[-2] = f"{what}. {links.text(comment, message.name)}"
    parts.append(f"**{method.name} with grpcurl:**\n\n{GRPCURL}\n{found.command}\n```")
    for language in LANGUAGES:
        example = language.example(call)
        if not example:
            parts.append(f"The SDK for {language.NAME} has no client of this service.")
        else:
            imports = example.imports if language in SHOW_IMPORTS else []
            code = "\n".join([*imports, "", example.code] if imports else [example.code])
            parts.append(f"<details>\n<summary>{language.NAME}</summary>\n\n```{language.FENCE}\n{code}\n```\n\n</details>")
    return parts


def fields(contract: Contract, links: Links, message: Descriptor) -> list[str]:
    """The fields of a message as a table; nothing if there are none."""
    rows, oneof = [], ""
    for field in message.fields:
        group = field.containing_oneof
        if group and not group.name.startswith("_") and group.name != oneof:
            oneof = group.name
            rows.append(f"| *one of* `{oneof}` | | {links.cell(contract.comment(f'{message.full_name}.{oneof}'), message.name)} |")
        inside = "· " if group and not group.name.startswith("_") else ""
        comment = links.cell(contract.comment(field.full_name), message.name)
        for service in message.file.services_by_name:
            comment = comment.replace("See the service's comment.", f"See {links.to(service)}.")
        rows.append(f"| {inside}`{field.name}` | {type_of(links, field)} | {comment} |")
    return ["\n".join(["| field | type | |", "| --- | --- | --- |", *rows])] if rows else []


def type_of(links: Links, field: FieldDescriptor) -> str:
    """The type of a field, with a link if it is the contract's."""
    declared = field.message_type or field.enum_type
    if declared and field.message_type and declared.GetOptions().map_entry:
        key, value = (declared.fields_by_name[name] for name in ("key", "value"))
        return f"map of {type_of(links, key)} to {type_of(links, value)}"
    if declared:
        name = links.to(declared.name) if declared.name in links.places else declared.name
    else:
        name = SCALARS[field.type]
    if field.is_repeated:
        return f"repeated {name}"
    optional = field.containing_oneof and field.containing_oneof.name.startswith("_")
    return f"optional {name}" if optional else name


SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_FLOAT: "float",
}


def values(contract: Contract, links: Links, enum: EnumDescriptor, level: str) -> list[str]:
    """An enum. Values go by their short names, with what stands before all of them said once."""
    full = enum.values[0].name
    prefix = full.removesuffix(short(enum.values[0]))
    rows = [f"| `{short(value)}` | {value.number} | {links.cell(contract.comment(f'{enum.full_name}.{value.name}'), enum.name)} |"
            for value in enum.values]  # fmt: skip
    return [
        f"{level} {enum.name}",
        links.text(contract.comment(enum.full_name), enum.name),
        f"In the contract each name begins with `{prefix}`, for example `{full}`.",
        "\n".join(["| value | number | |", "| --- | --- | --- |", *rows]),
        users(contract, links, enum),
    ]


def users(contract: Contract, links: Links, declared: Descriptor | EnumDescriptor) -> str:
    """The messages that have fields of this type."""
    messages = [message for file in contract.files for message in contract.messages(file)]
    found = [links.to(message.name) for message in messages if any(of(field, declared) for field in message.fields)]
    return f"Part of {', '.join(found)}." if found else ""


def of(field: FieldDescriptor, declared: Descriptor | EnumDescriptor) -> bool:
    """Whether a field is of this type."""
    return (field.message_type or field.enum_type) == declared


def reasons(contract: Contract, links: Links, enum: EnumDescriptor) -> list[str]:
    """The reasons of errors: a table of all, then each one."""
    given = givers(contract)
    known = [(value.name.removeprefix(REASON), value.number, reason_remarks(contract, value)) for value in enum.values[1:]]
    table = ["| reason | status code | |", "| --- | --- | --- |"]
    parts = [f"## {enum.name}", links.text(contract.comment(enum.full_name), enum.name), ""]
    for name, number, found in known:
        table.append(f"| {links.to(name)} | `{found.code}` | {links.cell(found.text.split('. ')[0].rstrip('.'), name)}. |")
        parts += [f"### {name}", f"`{found.code}`, number {number}. {links.text(found.text, name)}"]
        if found.details:
            parts.append(f"Details: {found.details}.")
        if found.metadata:
            rows = [f"| {key} | {links.cell(text)} |" for key, text in found.metadata]
            parts.append("\n".join(["| metadata | |", "| --- | --- |", *rows]))
        if methods := given.get(name):
            parts.append(f"Comes from {', '.join(links.to(method) for method in methods)}.")
    parts[2] = "\n".join(table)
    return parts


def givers(contract: Contract) -> dict[str, list[str]]:
    """The methods whose comments name a reason of errors, by the reason."""
    found: dict[str, list[str]] = {}
    for service in contract.services:
        for method in service.methods:
            for name in sorted(set(re.findall(r"[A-Z_]{2,}", remarks(contract, method).errors))):
                found.setdefault(name, []).append(method.name)
    return found
