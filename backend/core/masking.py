"""Masks: enough to recognise one's own datum, too little to use somebody else's.

Of what matters at least `MIN_HIDDEN` characters stay hidden; what is too short for that is hidden
whole. The number of stars in an e-mail mask is fixed, so that it does not tell a length.
"""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

MIN_HIDDEN: Final = 4
STAR: Final = "*"
_CURTAIN: Final = STAR * MIN_HIDDEN
_PUBLIC_SECOND_LEVEL = re.compile(r"\.[a-z]{2,3}\.[a-z]{2}$")
_MOST_WORDS: Final = 4


def mask_contact(contact: str) -> str:
    """The mask of a normalised e-mail address or E.164 number."""
    return mask_email(contact) if "@" in contact else mask_mobile(contact)


def mask_email(address: str) -> str:
    """`giulia.bianchi@example.it` -> `gi****@e****.it`."""
    local, _, domain = address.rpartition("@")
    second_level = _PUBLIC_SECOND_LEVEL.search(domain)
    ending = second_level.group() if second_level else "." + domain.rpartition(".")[2]
    name = domain.removesuffix(ending)
    return f"{_head(local, 2)}{_CURTAIN}@{_head(name, 1)}{_CURTAIN}{ending}"


def mask_mobile(number: str) -> str:
    """`+393201234519` -> `320 *****19`, in the form people write at home."""
    digits, head = _national(number)
    hidden = len(digits) - head - 2
    if hidden < MIN_HIDDEN:
        return STAR * max(len(digits), MIN_HIDDEN)
    return f"{digits[:head]} {STAR * hidden}{digits[-2:]}"


def mask_tail(value: str, shown: int) -> str:
    """Only the last *shown* characters, as with a VAT or policy number."""
    compact = value.replace(" ", "").replace("-", "")
    hidden = len(compact) - shown
    if hidden < MIN_HIDDEN:
        return STAR * max(len(compact), MIN_HIDDEN)
    return STAR * hidden + compact[hidden:]


def mask_tax_code(code: str) -> str:
    """`BNCGLI85D43L219M` -> `BNC*********219M`."""
    return f"{code[:3]}{STAR * max(len(code) - 7, MIN_HIDDEN)}{code[-4:]}"


def mask_name(name: str) -> str:
    """`Anna Maria` -> `A**** M****`."""
    initials = [word[0] for word in name.split() if word[:1].isalnum()][:_MOST_WORDS]
    return " ".join(f"{initial.upper()}{_CURTAIN}" for initial in initials) or _CURTAIN


def mask_date(iso_date: str) -> str:
    """`1985-04-03` -> `**/**/1985`."""
    return f"**/**/{iso_date[:4]}"


def _head(text: str, most: int) -> str:
    return text[: max(0, min(most, len(text) - MIN_HIDDEN))]


def _national(number: str) -> tuple[str, int]:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", number), 0
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = re.sub(r"\D", "", written)
    return digits, 4 if digits.startswith("0") else 3
