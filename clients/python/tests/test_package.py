from __future__ import annotations

import importlib.metadata
import importlib.resources
import re

import fermata
from tests.asking import FOLDER


def test_the_version_is_one() -> None:
    # Python 3.10 reads no TOML.
    (in_project,) = re.findall(r'^version = "(.*)"$', (FOLDER / "pyproject.toml").read_text(), re.MULTILINE)
    assert in_project == fermata.__version__ == importlib.metadata.version("fermata-client")


def test_types_and_the_site_are_in_the_package() -> None:
    assert importlib.resources.files("fermata").joinpath("py.typed").is_file()
    assert importlib.resources.files("fermata.testing").joinpath("site.toml").is_file()


def test_every_name_is_there() -> None:
    for name in fermata.__all__:
        assert getattr(fermata, name) is not None
