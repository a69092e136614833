"""Numbers of requests, as they are quoted."""

from __future__ import annotations

import re

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.masking import mask_tail
from backend.core.text import tidy

_WITH_PREFIX = re.compile(r"(?<![A-Z])REQ[\s.\-#:°]*((?:\d[\s.\-]?){7}\d)(?!\d)")
_BARE = re.compile(r"(?<![\d/+])\d(?:[\s.\-]?\d)*(?![\d/])")
_SEPARATORS = re.compile(r"\D")
_DIGITS = 8


def parse_request_number(text: str, _context: FieldContext) -> Field:
    """`REQ-` and eight digits, with or without the prefix, wherever they stand in the sentence."""
    written = tidy(text).upper()
    found = _WITH_PREFIX.findall(written) or [
        match for match in _BARE.findall(written) if len(_SEPARATORS.sub("", match)) == _DIGITS
    ]
    digits = {_SEPARATORS.sub("", match) for match in found}
    if len(digits) != 1:
        raise Invalid("request_number_malformed")
    number = f"REQ-{digits.pop()}"
    return Field(number, mask_tail(number, 3))
