"""What every parser takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.core.markets import Market


@dataclass(frozen=True, slots=True)
class Field:
    """A datum in its normalised form, with the mask that may leave the backend."""

    value: str = field(repr=False)
    mask: str


@dataclass(frozen=True, slots=True)
class FieldContext:
    """What a parser must know beside the text."""

    market: Market
    today: date
    profile: str | None = None
    policy_type: str | None = None
