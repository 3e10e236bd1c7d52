"""The version of this SDK. The same as in pyproject.toml, which a test checks."""

VERSION = "0.1.0"
