"""What the comment of a method or of a reason of errors says, in its parts. The comments of services tell their form."""

import json
import re
import shlex
from dataclasses import dataclass

from contract import Contract
from google.protobuf.descriptor import EnumValueDescriptor, MethodDescriptor
from google.protobuf.json_format import ParseDict, ParseError

MARKS = ("Errors", "Example", "Callers")


class Malformed(Exception):
    """A comment that is not of the form that the others have."""


@dataclass
class Remarks:
    """The comment of a method."""

    text: str
    """What it does, and how it may be repeated: paragraphs."""
    errors: str
    callers: str
    """The roles that may call it, as the contract writes them."""
    command: str
    """The example as a command for bash."""
    request: dict
    """The request of the example, in the JSON of protobuf with the contract's names; checked against the contract."""


def remarks(contract: Contract, method: MethodDescriptor) -> Remarks:
    """Takes the comment of a method apart."""
    parts: dict[str, list[str]] = {"": []}
    current = ""
    for line in contract.comment(method.full_name).splitlines():
        mark = next((mark for mark in MARKS if line.startswith(f"{mark}: ")), None)
        if mark:
            current, line = mark, line.removeprefix(f"{mark}: ")
            parts[current] = []
        parts[current].append(line)
    text = {mark: "\n".join(lines).strip() for mark, lines in parts.items()}
    if missing := [mark for mark in ("", "Example", "Callers") if not text.get(mark)]:
        raise Malformed(f"the comment of {method.full_name} has no {missing}")
    command = re.sub(r"\\\n\s*", "\\\n  ", text["Example"])
    return Remarks(text[""], text.get("Errors", ""), text["Callers"].rstrip("."), command, request(contract, method, command))


def request(contract: Contract, method: MethodDescriptor, command: str) -> dict:
    """The request that an example sends."""
    words = shlex.split(command.replace("\\\n", " "))
    if words[0] != "grpcurl" or words[-1] != f"{method.containing_service.full_name}/{method.name}":
        raise Malformed(f"the example of {method.full_name} does not call it with grpcurl: {command}")
    sent = json.loads(words[words.index("-d") + 1]) if "-d" in words else {}
    try:
        ParseDict(standard(sent), contract.new(method.input_type))
    except ParseError as error:
        raise Malformed(f"the example of {method.full_name}: {error}") from error
    return sent


def standard(value: object) -> object:
    """The same value in the JSON of protobuf. grpcurl takes a FieldMask as a message; the standard has a text for it."""
    if isinstance(value, list):
        return [standard(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["paths"]:
        return ",".join(re.sub("_([a-z])", lambda found: found[1].upper(), path) for path in value["paths"])
    return {name: standard(entry) for name, entry in value.items()}


@dataclass
class ReasonRemarks:
    """The comment of a reason of errors."""

    code: str
    """The status code."""
    text: str
    details: str
    """Messages of google.rpc that come with it."""
    metadata: list[tuple[str, str]]
    """Keys in the metadata of ErrorInfo, and what they hold."""


def reason_remarks(contract: Contract, value: EnumValueDescriptor) -> ReasonRemarks:
    """Takes the comment of a reason apart."""
    text, details, metadata = [], "", []
    for line in contract.comment(f"{value.type.full_name}.{value.name}").splitlines():
        if line.startswith("Details: "):
            details = line.removeprefix("Details: ").rstrip(".")
        elif found := re.fullmatch(r"Metadata (`\w+`): (.*)", line):
            metadata.append((found[1], found[2]))
        else:
            text.append(line)
    code, _, rest = " ".join(text).partition(". ")
    if not re.fullmatch("[A-Z_]+", code):
        raise Malformed(f"the comment of {value.name} does not begin with a status code")
    return ReasonRemarks(code, rest, details, metadata)
