"""Answers that pick one of a few known things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.masking import MIN_HIDDEN, STAR
from backend.core.text import words, wordset

_PROFILES: Final[Mapping[str, frozenset[str]]] = {
    "person": wordset(
        "person persona persone privato privata individuo perorangan pribadi personal private "
        "individual"
    ),
    "professional": wordset(
        "professional professionista professionale freelance profesional autonomo"
    ),
    "company": wordset(
        "company azienda impresa societa ditta business perusahaan badan usaha firm"
    ),
}
_POLICY_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "individual": wordset("individual individu individuale perorangan pribadi"),
    "group": wordset("group grup gruppo kumpulan collettiva"),
    "dplk": wordset("dplk pensiun pensione pension"),
}
_SEXES: Final[Mapping[str, frozenset[str]]] = {
    "m": wordset("maschio maschile uomo male man laki lelaki pria cowok signore ragazzo"),
    "f": wordset(
        "femmina femminile donna female woman perempuan wanita cewek signora signorina ragazza"
    ),
}
_SEX_LETTERS: Final[Mapping[str, str]] = {"m": "m", "l": "m", "f": "f", "p": "f"}
"""As forms have them; L and P are Indonesian."""
_ABOUT_SEX: Final = wordset("sesso genere sex gender jenis kelamin")
_BADLY: Final = wordset("capito scritto letto sto sta fatto detto sentito risposto messo")
"""Before these the Italian "male" is no sex."""
_CHANNELS: Final[Mapping[str, frozenset[str]]] = {
    "sms": wordset("sms messaggio cellulare mobile phone telefono hp ponsel text"),
    "email": wordset("email mail posta surel"),
    "whatsapp": frozenset({"whatsapp", "wa"}),
}


def parse_profile(text: str, context: FieldContext) -> Field:
    """person, professional or company, where the market has them."""
    return _known(text, _PROFILES, context.market.profiles)


def parse_policy_type(text: str, context: FieldContext) -> Field:
    """individual, group or dplk, where the market has them."""
    return _known(text, _POLICY_TYPES, context.market.policy_types)


def parse_sex(text: str, _context: FieldContext) -> Field:
    """m or f, by a letter of its own or by a word of a sentence; never shown."""
    said = set(words(text)) - _ABOUT_SEX
    if len(said) == 1 and (letter := _SEX_LETTERS.get(next(iter(said)))):
        return Field(letter, STAR * MIN_HIDDEN)
    if said & _BADLY:
        said.discard("male")
    named = [sex for sex, names in _SEXES.items() if said & names]
    if len(named) != 1:
        raise Invalid("choice_unknown")
    return Field(named[0], STAR * MIN_HIDDEN)


def parse_code_channel(text: str, _context: FieldContext) -> Field:
    """sms, email or whatsapp."""
    return _known(text.replace("-", ""), _CHANNELS, tuple(_CHANNELS))


def _known(text: str, choices: Mapping[str, frozenset[str]], open_ones: tuple[str, ...]) -> Field:
    said = set(words(text))
    named = [choice for choice in open_ones if said & (choices[choice] | {choice})]
    if len(named) != 1:
        raise Invalid("choice_unknown")
    return Field(named[0], named[0])
