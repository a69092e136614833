"""Titles of buttons that are put together at run time, taken from the domain's responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

type Button = dict[str, str]
type Responses = Mapping[str, Any]


def buttons_of(responses: Responses, names: Iterable[str], language: str) -> list[Button]:
    """The buttons of the named responses in *language*; names that have none are passed over."""
    found: list[Button] = []
    for name in names:
        variation = _variation(responses.get(name) or [], language)
        if variation:
            found += variation.get("buttons") or []
    return found


def text_of(responses: Responses, name: str, language: str) -> str:
    """The text of a response in *language*; empty where there is no such response."""
    variation = _variation(responses.get(name) or [], language)
    return str(variation.get("text") or "") if variation else ""


def _variation(variations: list[Mapping[str, Any]], language: str) -> Mapping[str, Any] | None:
    default = None
    for variation in variations:
        conditions = variation.get("condition") or []
        if not conditions:
            default = variation
        elif all(c.get("name") == "language" and c.get("value") == language for c in conditions):
            return variation
    return default
