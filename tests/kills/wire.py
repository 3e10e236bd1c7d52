"""Protobuf's wire format, as far as it takes to look at messages without their types."""

from collections.abc import Iterator
from typing import NamedTuple


class Field(NamedTuple):
    """A field of a message: where it stands, from its tag on, and what it holds."""

    number: int
    start: int
    end: int
    value: int | bytes


def fields(data: bytes) -> Iterator[Field]:
    """The fields of a message, in the order in which they were written."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        value: int | bytes
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
            case 1:
                value, at = data[at : at + 8], at + 8
            case 2:
                length, at = _varint(data, at)
                value, at = data[at : at + length], at + length
            case 5:
                value, at = data[at : at + 4], at + 4
            case kind:
                raise ValueError(f"there is no wire type {kind}")
        if at > len(data):
            raise ValueError("the message ends within a field")
        yield Field(tag >> 3, start, at, value)


def varint(value: int) -> bytes:
    """A number as it is written."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise ValueError("the message ends within a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
