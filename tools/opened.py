"""The backend for the length of one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backend import bootstrap, settings
from backend.adapters import schema
from backend.bootstrap import Backend


@contextmanager
def opened_backend() -> Iterator[Backend]:
    """A backend by the environment's settings, on a database of the newest schema.

    Raises:
        ConfigurationInvalid: the settings, a market or a text file do not hold.
    """
    backend = bootstrap.build(settings.load())
    try:
        schema.upgrade(backend.engine)
        yield backend
    finally:
        backend.close()
