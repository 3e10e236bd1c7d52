"""The request of an example as values with their types, from which each language writes its own expression."""

import re
from dataclasses import dataclass
from datetime import datetime

from google.protobuf.descriptor import Descriptor, EnumValueDescriptor, FieldDescriptor


@dataclass
class Text:
    """A string."""

    text: str


@dataclass
class Number:
    """A whole number."""

    number: int
    field: FieldDescriptor


@dataclass
class Flag:
    """A truth."""

    flag: bool


@dataclass
class Enumerator:
    """A value of an enum."""

    value: EnumValueDescriptor


@dataclass
class Time:
    """A google.protobuf.Timestamp in whole seconds."""

    text: str
    """RFC 3339, in UTC."""

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.text)


@dataclass
class Span:
    """A google.protobuf.Duration in whole seconds."""

    seconds: int


@dataclass
class Mask:
    """A google.protobuf.FieldMask."""

    paths: list[str]


@dataclass
class Entries:
    """A repeated field."""

    entries: list["Value"]


@dataclass
class Record:
    """A message of the contract: fields in the order in which the example names them."""

    message: Descriptor
    fields: list[tuple[FieldDescriptor, "Value"]]


Value = Text | Number | Flag | Enumerator | Time | Span | Mask | Entries | Record


def record(message: Descriptor, given: dict) -> Record:
    """A message, from JSON that the contract accepts."""
    fields = [(message.fields_by_name[name], value) for name, value in given.items()]
    return Record(message, [(field, field_value(field, value)) for field, value in fields])


def field_value(field: FieldDescriptor, given: object) -> Value:
    """What a field holds. A NotImplementedError for a type that no example has had so far."""
    if field.is_repeated:
        if not isinstance(given, list):
            raise NotImplementedError(f"{field.full_name} in an example: maps")
        return Entries([single(field, entry) for entry in given])
    return single(field, given)


def single(field: FieldDescriptor, given: object) -> Value:
    if field.message_type:
        match field.message_type.full_name:
            case "google.protobuf.Timestamp" if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", given):
                return Time(given)
            case "google.protobuf.Duration" if re.fullmatch(r"\d+s", given):
                return Span(int(given[:-1]))
            case "google.protobuf.FieldMask":
                return Mask(given["paths"])
            case name if name.startswith("fermata."):
                return record(field.message_type, given)
    elif field.enum_type:
        return Enumerator(field.enum_type.values_by_name[given])
    elif field.type == FieldDescriptor.TYPE_STRING:
        return Text(given)
    elif field.type == FieldDescriptor.TYPE_BOOL:
        return Flag(given)
    elif field.type in (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_UINT64):
        return Number(int(given), field)
    raise NotImplementedError(f"{field.full_name} in an example: {given}")


def words(name: str) -> list[str]:
    """The words of a name in snake case or camel case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)]


def pascal(name: str) -> str:
    """The name as LikeThis."""
    return "".join(word.capitalize() for word in words(name))


def camel(name: str) -> str:
    """The name as likeThis."""
    first, *more = words(name)
    return first + "".join(word.capitalize() for word in more)


def snake(name: str) -> str:
    """The name as like_this."""
    return "_".join(words(name))


def short(value: EnumValueDescriptor) -> str:
    """The name of an enum's value without the enum's name before it."""
    return value.name.removeprefix(f"{snake(value.type.name).upper()}_")
