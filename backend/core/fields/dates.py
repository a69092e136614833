"""Dates of birth, as three languages write them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import dateparser

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.masking import mask_date
from backend.core.text import tidy

_MOST_YEARS: Final = 120
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{4})(?!\d)")
_WORDED = re.compile(
    r"(?<!\d)\d{1,2}(?:st|nd|rd|th|°|º)?\s*[-/., ]?\s*(?:of |de |di )?[^\W\d_]{3,15}\.?"
    r"\s*[-/., ]?\s*(?:\d{4}|'?\d{2})(?!\d)"
    r"|[^\W\d_]{3,15}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}(?!\d)",
    re.UNICODE,
)
_LANGUAGES: Final = ["it", "id", "en"]


def parse_date_of_birth(text: str, context: FieldContext) -> Field:
    """A day, day before month, as an ISO date; not in the future, not beyond 120 years."""
    tidied = tidy(text)
    found = _numeric(tidied, context.today) or _worded(tidied, context.today)
    if found is None:
        raise Invalid("date_malformed")
    if not context.today.year - _MOST_YEARS <= found.year or found > context.today:
        raise Invalid("date_impossible")
    return Field(found.isoformat(), mask_date(found.isoformat()))


def _numeric(text: str, today: date) -> date | None:
    if iso := _ISO.search(text):
        year, month, day = map(int, iso.groups())
    elif match := _NUMERIC.search(text) or _COMPACT.search(text):
        day, month, year = map(int, match.groups())
        if len(match.group(3)) == 2:
            year = _whole_year(year, today)
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        raise Invalid("date_impossible") from None


def _worded(text: str, today: date) -> date | None:
    match = _WORDED.search(text)
    if not match:
        return None
    found = dateparser.parse(
        match.group().replace("°", "").replace("º", "").replace("'", ""),
        languages=_LANGUAGES,
        settings={
            "DATE_ORDER": "DMY",
            "REQUIRE_PARTS": ["day", "month", "year"],
            "PARSERS": ["absolute-time"],
        },
    )
    if found is None:
        return None
    year = found.year
    if not re.search(r"\d{4}", match.group()):
        year = _whole_year(year % 100, today)
    try:
        return date(year, found.month, found.day)
    except ValueError:
        raise Invalid("date_impossible") from None


def _whole_year(two_digits: int, today: date) -> int:
    century = today.year - today.year % 100
    return century + two_digits if two_digits <= today.year % 100 else century - 100 + two_digits
