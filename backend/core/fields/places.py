"""Where somebody was born and lives, as the form of the insurer asks it."""

from __future__ import annotations

import re
from typing import Final

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.fields.contacts import parse_mobile
from backend.core.masking import mask_name
from backend.core.text import tidy

_MOST_LETTERS: Final = 60
_MOST_WORDS: Final = 6
_MOST_OF_AN_ADDRESS: Final = 120
_LEAST_OF_AN_ADDRESS: Final = 5

_BORN = re.compile(
    r"^(?:(?:il |la |the )?(?:mi[ao] |my )?(?:città|luogo|comune|tempat|kota|place|town)"
    r" (?:di nascita|lahir|of birth)"
    r"(?: (?:mia|saya|è|adalah|is))*"
    r"|(?:io )?(?:sono )?nat[oaie](?:/a)?"
    r"|(?:saya )?(?:di)?lahir(?:kan)?"
    r"|(?:i was |i'm |i am )?born)\b[\s:,]*",
    re.IGNORECASE,
)
_LIVE = re.compile(
    r"^(?:(?:il mio|la mia|my|l')?\s*(?:indirizzo|residenza|domicilio|address|città|city|town)\b"
    r"|(?:alamat|kota|domisili)\b"
    r"|(?:io )?(?:abito|vivo|risiedo|sono residente|residente|sto)\b"
    r"|(?:saya )?(?:tinggal|berdomisili|menetap)\b"
    r"|(?:i live|i'm living|i am living|i reside)\b)"
    r"(?:\s*(?:di rumah|rumah|saya|mia|attuale|sekarang|adalah|è|e'|is))*[\s:,]*",
    re.IGNORECASE,
)
_TOWARDS = re.compile(r"^(?:a|ad|in|at|di|nella città di|nel comune di|in the city of)[\s:]+", re.I)
# "Torino il 3 aprile 1985", "Torino, 3/4/1985"
_DATE_BEHIND = re.compile(
    r"[\s,]+(?:(?:il|l'|in data|on|the|pada|tanggal|tgl)[\s.]*)*\d{1,2}\W.*$", re.IGNORECASE
)
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_PLACE = re.compile(r"[^\W\d_][^\d@?!:;<>]*", re.UNICODE)
_NOT_IN_AN_ADDRESS = re.compile(r"[@?!<>]")


def parse_place_of_birth(text: str, _context: FieldContext) -> Field:
    """A town or country, also out of `sono nata a Torino il 3 aprile 1985`."""
    bare = _TOWARDS.sub("", _BORN.sub("", tidy(text)))
    return _place(_DATE_BEHIND.sub("", bare), "place_unreadable")


def parse_city(text: str, _context: FieldContext) -> Field:
    """The town somebody lives in; the postcode is not part of it."""
    bare = _TOWARDS.sub("", _LIVE.sub("", tidy(text)))
    return _place(" ".join(_POSTCODE.sub(" ", bare).split()), "city_unreadable")


def parse_address(text: str, context: FieldContext) -> Field:
    """Street and number, as written; whether the street exists is for whoever reads the form."""
    address = _TOWARDS.sub("", _LIVE.sub("", tidy(text))).strip(" .,;:\"'")
    parts = address.split()
    letters = sum(char.isalpha() for char in address)
    if (
        not _LEAST_OF_AN_ADDRESS <= len(address) <= _MOST_OF_AN_ADDRESS
        or letters < 2
        or len(parts) < 2
        or _NOT_IN_AN_ADDRESS.search(address)
        or _holds_a_number_to_call(address, context)
    ):
        raise Invalid("address_unreadable")
    return Field(address, _mask_of_words(parts))


def _holds_a_number_to_call(text: str, context: FieldContext) -> bool:
    try:
        parse_mobile(text, context)
    except Invalid:
        return False
    return True


def _place(text: str, error: str) -> Field:
    place = text.strip(" .,;:\"'")
    letters = sum(char.isalpha() for char in place)
    if (
        not _PLACE.fullmatch(place)
        or not 2 <= letters <= _MOST_LETTERS
        or len(place.split()) > _MOST_WORDS
    ):
        raise Invalid(error)
    return Field(place, _mask_of_words(place.split()))


def _mask_of_words(parts: list[str]) -> str:
    """The words by their first letters; of numbers nothing."""
    return mask_name(" ".join(part for part in parts if not any(map(str.isdigit, part))))
