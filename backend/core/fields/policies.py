"""Policy numbers, by the patterns of the market."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.masking import mask_tail
from backend.core.text import tidy

_CANDIDATE = re.compile(r"(?:\b[A-Z]{2,5}[\s.\-]*)?\d(?:[\s.\-/]*\d)+")
_SEPARATORS = re.compile(r"[\s.\-/]")


def parse_policy_number(text: str, context: FieldContext) -> Field:
    """A number as printed; spaces, dashes and dots do not matter. The type narrows the patterns."""
    patterns = [
        (re.compile(number.pattern), number.form)
        for number in context.market.policy_numbers
        if context.policy_type in {None, number.type}
    ]
    for candidate in _candidates(tidy(text).upper()):
        for pattern, form in patterns:
            if match := pattern.fullmatch(candidate):
                number = form.format(*match.groups())
                return Field(number, mask_tail(number, 3))
    raise Invalid("policy_number_malformed")


def _candidates(text: str) -> Iterator[str]:
    for match in _CANDIDATE.finditer(text):
        squeezed = _SEPARATORS.sub("", match.group())
        yield squeezed
        # "polizza 401122334": the word before a bare number is not part of it.
        yield squeezed.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
