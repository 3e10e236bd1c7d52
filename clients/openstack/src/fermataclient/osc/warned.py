"""Tells what Fermata stored and what may not be what was meant."""

from __future__ import annotations

from collections.abc import Iterable

from fermata.v1.types_pb2 import Warning as StoredWarning
from osc_lib.command import command


def warn(told_by: command.Command, warnings: Iterable[StoredWarning]) -> None:
    """A line for each on the error output, so that what is shown can still be read by programs."""
    for warning in warnings:
        told_by.app.stderr.write(f"warning: {warning.field}: {warning.message}\n")
