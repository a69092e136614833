"""Chaos: many conversations while processes die, the provider fails and webhooks come as they like.

`make chaos` runs it (`__main__`); the tests in this package are of its pure parts only.
"""

from __future__ import annotations

from random import Random as Chance  # noqa: TID251 - what was thrown has to be repeatable

__all__ = ["Chance"]
