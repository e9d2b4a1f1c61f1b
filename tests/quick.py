"""Loaded before every other plugin (pyproject.toml): jsonschema, which nbformat checks notebooks with, builds 39 grammars for
formats of web addresses when it is imported. That takes more than a second of each of the tests' processes, and no notebook
has such a format; without this package jsonschema leaves those formats unchecked."""

import sys

sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
