"""User names as people type them."""

from __future__ import annotations

import re

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.fields.contacts import parse_contact
from backend.core.masking import mask_contact, mask_tail
from backend.core.text import tidy

_LEAD_IN = re.compile(
    r"^(?:(?:il mio |my |your )?(?:nome utente|username|user name|user|utente|nama pengguna)"
    r"(?: saya| mio)?(?: è| e'| is| adalah)?|è|it's|yaitu)\b[\s:=]*",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w@.])[A-Za-z][A-Za-z0-9._\-]{3,63}(?![\w@])")


def parse_username(text: str, context: FieldContext) -> Field:
    """A contact where the market's user names are contacts, else a single word with a digit.

    Whether anybody has it is not said here.
    """
    tidied = _LEAD_IN.sub("", tidy(text))
    if context.market.username == "contact":
        try:
            contact = parse_contact(tidied, context).value
        except Invalid:
            raise Invalid("username_unreadable") from None
        return Field(contact, mask_contact(contact))
    found = [word for word in _NAME.findall(tidied) if any(char.isdigit() for char in word)]
    if not found and len(tidied.split()) == 1:
        found = _NAME.findall(tidied)
    if len(found) != 1:
        raise Invalid("username_unreadable")
    name = found[0].casefold()
    return Field(name, mask_tail(name, 2))
