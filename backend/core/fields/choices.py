"""Answers that pick one of a few known things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
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


def parse_code_channel(text: str, _context: FieldContext) -> Field:
    """sms, email or whatsapp."""
    return _known(text.replace("-", ""), _CHANNELS, tuple(_CHANNELS))


def _known(text: str, choices: Mapping[str, frozenset[str]], open_ones: tuple[str, ...]) -> Field:
    said = set(words(text))
    named = [choice for choice in open_ones if said & (choices[choice] | {choice})]
    if len(named) != 1:
        raise Invalid("choice_unknown")
    return Field(named[0], named[0])
