"""One-time codes as people type them."""

from __future__ import annotations

import re

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.text import tidy

_JOINTS = re.compile(r"(?<=\d)[\s.\-]+(?=\d)")
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_MASK = "******"


def parse_code(text: str, _context: FieldContext) -> Field:
    """Six digits, wherever they stand in the sentence; `739 204` and `il codice è 739204` too."""
    written = tidy(text)
    found = _CODE.findall(written) or _CODE.findall(_JOINTS.sub("", written))
    if len(found) != 1:
        raise Invalid("code_malformed")
    return Field(found[0], _MASK)
