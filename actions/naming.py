"""Which detail customers call by its name: "the surname is Neri", "I got the user name wrong".

The recogniser finds data by their shape and by how people put them first; what is said to put
something right is told here by the word for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

# Of words that begin alike the longer one is meant: "nome utente" is no "nome".
_WORDS: Final[Mapping[str, str]] = {
    "username": r"nome utente|utente|user ?name|nama pengguna",
    "company_name": (
        r"ragione sociale|(?:nome dell')?(?:azienda|impresa)|(?:nome della )?(?:società|ditta)"
        r"|company(?: name)?|(?:nama )?perusahaan"
    ),
    "first_name": (
        r"nome e cognome|nome(?: di battesimo)?|first name|given name|full name|name"
        r"|nama(?: depan| lengkap)?"
    ),
    "last_name": r"cognome|last name|surname|family name|nama (?:belakang|keluarga)",
    "place_of_birth": r"(?:luogo|città|comune) di nascita|place of birth|birth ?place|tempat lahir",
    "date_of_birth": r"data di nascita|date of birth|birth ?date|birthday|tanggal lahir",
    "address": (
        r"indirizzo(?! (?:e-?mail|mail|di posta))|via|residenza|(?<!e-mail )(?<!email )address"
        r"|street|alamat(?! e?-?mail)"
    ),
    "city": r"città|comune|city|town|kota",
    "sex": r"sesso|genere|sex|gender|jenis kelamin",
    "profile": r"profilo|profile?",
    "policy_type": r"tipo(?: di polizza)?|(?:policy )?type|(?:jenis|tipe)(?: polis)?",
    "policy_number": r"numero (?:di|della) polizza|policy number|nomor polis",
    "request_number": r"numero (?:di|della) richiesta|request number|nomor permohonan",
    "vat_number": r"partita iva|p\.? ?iva|vat(?: number)?",
    "tax_code": r"codice fiscale|tax code",
    "new_mobile": (
        r"(?:numero di )?(?:cellulare|telefono)|numero nuovo|(?:mobile|phone)(?: number)?"
        r"|new number|(?:nomor )?(?:hp|ponsel|telepon)|nomor baru"
    ),
    "contact": (
        r"(?:indirizzo |alamat )?(?:e-?mail|posta)(?: address)?|recapito|contatto|contact|kontak"
        r"|(?:numero di )?(?:cellulare|telefono)|(?:mobile|phone)(?: number)?"
        r"|(?:nomor )?(?:hp|ponsel|telepon)"
    ),
}
_QUALIFIED: Final = (
    r"(?:\s+(?:giust[oa]|corrett[oa]|esatt[oa]|ver[oa]|mi[oa]|saya|yang (?:benar|betul|tepat)))*"
)
_IS: Final = (
    r"(?:\s+(?:è|e'|sarebbe|si chiama|is called|is|should (?:be|read)|must be|adalah|ialah|yaitu"
    r"|bernama)\s+|\s*[:=]\s*)"
)
# Indonesian puts the value right behind: "kotanya Bandung", "alamat saya Jalan Mawar 8".
_ITS: Final = r"(?:-?nya\b|\s+saya|\s+yang (?:benar|betul|tepat))+\s+(?:adalah\s+|bernama\s+)?"
_MISTAKEN: Final = re.compile(
    r"\b(?:sbagli\w*|errat[oaie]|errore|corregg\w*|correg\w*|wrong\w*|mistak\w+"
    r"|incorrect|typo|mistyped|misspel\w+|correct|fix|salah|keliru|perbaiki|ralat|koreksi)\b",
    re.IGNORECASE,
)
_PUT_RIGHT: Final = re.compile(
    r"^\W*(?:no|anzi|aspett\w+|un attimo|scus\w+|mi scusi|ops|sorry|wait|actually|oops|maaf|bukan"
    r"|eh|aduh|ralat|salah)\b|\b(?:giust[oa]|corrett[oa]|esatt[oa]|sbagli\w*|should be|wrong|right"
    r"|yang benar|yang betul|salah|keliru)\b",
    re.IGNORECASE,
)
_OWNED_UP: Final = re.compile(
    r"\b(?:mi sono sbagliat[oa]|mi sbagliav[oa]|ho sbagliato|ho fatto un errore"
    r"|(?:errore|colpa) mi[oa]"
    r"|saya (?:tadi )?(?:salah|keliru)|saya (?:ada )?kesalahan|salah (?:ketik|tulis|isi|ngetik)"
    r"|i(?:'ve| have)? (?:made|typed|wrote|got|gave|put) (?:\w+ )?(?:a |an )?(?:mistake|error|typo"
    r"|something wrong|it wrong)|my mistake|my bad)\b",
    re.IGNORECASE,
)
_MOST_WORDS_OWNING_UP: Final = 8
_MOST_BEFORE: Final = 40
"""Characters before the word for a detail; further back it is a part of something else."""


@dataclass(frozen=True, slots=True)
class Named:
    """A detail that was called by its name."""

    slot: str
    value: str | None = None
    """What it is said to be; None where only that it is wrong was said."""


def named_in(text: str, slots: Collection[str]) -> Named | None:
    """The detail of *slots* that *text* puts right or calls wrong; None where it does neither."""
    if "?" in text:
        return None
    put_right = _value_in(text, slots) if _PUT_RIGHT.search(text) else None
    if put_right is not None:
        return put_right
    if not _MISTAKEN.search(text):
        return None
    said = _first(text, slots, r"\b(?:{})(?:-?nya)?\b")
    return Named(said[0]) if said else None


def names(text: str, slot: str) -> bool:
    """Whether *text* mentions the detail by its name."""
    return _first(text, (slot,), r"\b(?:{})(?:-?nya)?\b") is not None


def owns_up(text: str) -> bool:
    """Whether *text* says that something before was a mistake, and little else."""
    is_short = len(text.split()) <= _MOST_WORDS_OWNING_UP
    return is_short and "?" not in text and _OWNED_UP.search(text) is not None


def _value_in(text: str, slots: Collection[str]) -> Named | None:
    said = _first(text, slots, rf"\b(?:{{}})(?:{_QUALIFIED}{_IS}|{_ITS})(?P<value>\S.*)$")
    if said is None:
        return None
    slot, found = said
    before, value = text[: found.start()], found.group("value").strip(" .,;!")
    too_late = len(before) > _MOST_BEFORE or any(char.isdigit() for char in before)
    if too_late or not value or _MISTAKEN.match(value):
        return None
    return Named(slot, value)


def _first(text: str, slots: Collection[str], pattern: str) -> tuple[str, re.Match[str]] | None:
    """The detail that is named first; of two at the same place the one with the longer name."""
    found = []
    for slot, called in _WORDS.items():
        if slot in slots:
            match = re.search(pattern.replace("{}", called), text, re.IGNORECASE | re.DOTALL)
            if match:
                found.append((match.start(), -_length(called, text, match), slot, match))
    if not found:
        return None
    _, _, slot, match = min(found, key=lambda one: one[:2])
    return slot, match


def _length(called: str, text: str, match: re.Match[str]) -> int:
    name = re.compile(called, re.IGNORECASE).match(text, match.start())
    return len(name.group()) if name else 0
