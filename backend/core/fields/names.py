"""Names of people and companies."""

from __future__ import annotations

import re
from typing import Final

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.masking import mask_name
from backend.core.text import fold, tidy, words, wordset

_MOST_LETTERS: Final = 80
_MOST_WORDS: Final = 7
_NAME = re.compile(r"[^\W\d_][\w'.\- ]*", re.UNICODE)
_LEAD_IN = re.compile(
    r"^(?:mi chiamo|il mio nome (?:è|e'|e)|io sono|sono|nome e cognome|nome|cognome|"
    r"nama lengkap (?:saya )?(?:adalah )?|nama (?:saya )?(?:adalah )?|saya|"
    r"my (?:full |first |last )?name(?:'s| is)|(?:i'm|i am)|it's|the name is)\b[\s:,]*",
    re.IGNORECASE,
)
_TITLES: Final = wordset(
    "ibu bu bapak pak bpk sdr sdri tuan nyonya ny tn arch geom dott dottssa dottoressa "
    "dottor dr dra drs ing avv prof rag sig sigra sigr signor signora signorina mr mrs ms "
    "miss mx sir ir architetto geometra ingegnere avvocato ragioniere"
)
_PARTICLES: Final = wordset(
    "de di da do dal dalla dei del della delle degli dello d' dell' la le lo li san santa "
    "van von der den bin binti al el"
)
_LEGAL_FORMS: Final = wordset(
    "srl srls spa snc sas ss sapa scarl scrl soc coop sc onlus pt cv tbk ud ltd limited "
    "llc inc gmbh persero perseroan terbatas"
)


def parse_name(text: str, _context: FieldContext) -> Field:
    """A first, last or whole name, without titles; letters of any script."""
    name = _without_titles(_LEAD_IN.sub("", tidy(text)))
    letters = sum(char.isalpha() for char in name)
    if (
        not _NAME.fullmatch(name)
        or any(char.isdigit() for char in name)
        or not 2 <= letters <= _MOST_LETTERS
        or len(name.split()) > _MOST_WORDS
    ):
        raise Invalid("name_unreadable")
    return Field(name, mask_name(name))


def parse_company_name(text: str, _context: FieldContext) -> Field:
    """A company's name as registered."""
    name = tidy(text).strip(" .,;:\"'")
    letters = sum(char.isalpha() for char in name)
    if not 2 <= letters <= 2 * _MOST_LETTERS or "@" in name or len(name.split()) > 2 * _MOST_WORDS:
        raise Invalid("company_name_unreadable")
    return Field(name, mask_name(name))


def split_full_name(name: str, *, by_particles: bool) -> tuple[str, str | None]:
    """First and last name of a whole name; the last is None where there is only one word.

    *by_particles* keeps `De Luca` or `La Rosa` together, as Italian surnames are. The same word
    twice is one name written twice, as forms with two boxes make people do.
    """
    parts = name.split()
    if len(parts) == 1 or len({fold(part) for part in parts}) == 1:
        return parts[0], None
    cut = len(parts) - 1
    while by_particles and cut > 1 and fold(parts[cut - 1]) in _PARTICLES:
        cut -= 1
    return " ".join(parts[:cut]), " ".join(parts[cut:])


def same_person_name(given: str, on_file: str) -> bool:
    """Whether two whole names are equal but for case, accents, apostrophes, spaces and order."""
    joined = "".join(words(given))
    parts = words(on_file)
    if joined and sorted(words(given)) == sorted(parts):
        return True
    rotations = ("".join(parts[cut:] + parts[:cut]) for cut in range(len(parts)))
    return bool(joined) and joined in rotations


def same_company_name(given: str, on_file: str) -> bool:
    """Whether two company names are equal but for punctuation and legal form."""
    return bool(_company_core(given)) and _company_core(given) == _company_core(on_file)


def _company_core(name: str) -> str:
    # Dots go first, so that "S.r.l." is the word "srl".
    bare = words(re.sub(r"(?<=\w)\.\s?(?=\w\b|\w\.|$)", "", fold(name)).replace("'", ""))
    return "".join(word for word in bare if word not in _LEGAL_FORMS)


def _without_titles(name: str) -> str:
    # "Budi Santoso, S.T., M.M.": what follows the comma is a degree where it has dots.
    head, comma, tail = name.partition(",")
    kept = head if comma and "." in tail else name.replace(",", " ")
    parts = [part.strip('.;:!"') if len(part) > 2 else part.strip(';:!"') for part in kept.split()]
    while len(parts) > 1 and re.sub(r"\W", "", fold(parts[0])) in _TITLES:
        parts.pop(0)
    return " ".join(part for part in parts if part)
