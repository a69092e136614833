"""The documents of policies, as the area lists and opens them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from babel.dates import format_date

if TYPE_CHECKING:
    from backend.core.policy_documents import PolicyDocument

_LOCALES: Final = {"en": "en_GB"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    id: str
    title: str
    issued_on: date
    written_date: str
    """In the words of the customer's language."""


def by_policy(documents: Iterable[PolicyDocument], language: str) -> Mapping[int, list[Entry]]:
    """What is listed under each policy, in the order given."""
    listed: dict[int, list[Entry]] = {}
    for document in documents:
        written = format_date(document.issued_on, "long", locale=_LOCALES.get(language, language))
        entry = Entry(document.id, document.title, document.issued_on, written)
        listed.setdefault(document.policy_id, []).append(entry)
    return listed
