"""The backend of this action server process, built on first use.

The SDK's server pickles action instances into its workers, so nothing that holds a connection or a
lock may live on an action or be made at import.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import lru_cache

from backend import bootstrap, settings
from backend.bootstrap import Backend


@lru_cache(maxsize=1)
def _built() -> Backend:
    built = bootstrap.build(settings.load())
    gc.freeze()  # what is loaded stays: no turn is to wait until it was looked through for garbage
    return built


_provide: Callable[[], Backend] = _built


def backend() -> Backend:
    """The one backend of this process."""
    return _provide()


def use(provider: Callable[[], Backend] | None) -> None:
    """Let tests provide another backend; None goes back to the real one."""
    global _provide  # noqa: PLW0603  the composition root of a process that the SDK starts
    _provide = provider or _built
