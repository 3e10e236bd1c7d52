"""A fixture for pytest: `simulated_fermata`. Installed with this package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fermata.testing import SimulatedFermata


@pytest.fixture
def simulated_fermata() -> Iterator[SimulatedFermata]:
    """A `fermata.testing.SimulatedFermata` on the built-in site, for one test."""
    # Not before somebody asks for it: pytest loads this file in every project that has the package.
    from fermata.testing import SimulatedFermata

    with SimulatedFermata() as fermata:
        yield fermata
