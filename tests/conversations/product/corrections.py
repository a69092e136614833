"""Putting right what was said before, at every question that comes after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import yaml

from backend.core.fields import PARSERS, FieldContext
from backend.core.masking import mask_tail
from tests.conversations.product import words
from tests.conversations.product.going import Going
from tests.talk import Reply
from tools.processes import ROOT

_VALUES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "it": {
            "first_name": "Marta", "last_name": "Rossi", "company_name": "Fonderie Lario srl",
            "vat_number": "07765100883", "tax_code": "DLCMRC72S20F839X",
            "date_of_birth": "18/8/1991", "place_of_birth": "Milano",
            "contact": "anna.neri@example.it", "new_mobile": "347 999 88 76",
            "address": "Via Verdi 8", "city": "Milano", "username": "sara.rizzo@example.it",
            "policy_choice": "401122335",
        },
        "id": {
            "first_name": "Marta", "last_name": "Hidayat", "date_of_birth": "18/8/1991",
            "place_of_birth": "Bandung", "contact": "dewi.wibowo@example.co.id",
            "new_mobile": "0813 7777 8876", "address": "Jalan Mawar 8", "city": "Bandung",
            "username": "wayan4821kt",
        },
    }
)  # fmt: skip
# As the buttons have it: what was chosen, and what is chosen instead.
_CHOICES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = MappingProxyType(
    {
        "profile": {
            "it": ("Professionista", "Azienda"),
            "id": ("Profesional", "Perusahaan"),
            "en": ("Professional", "Company"),
        },
        "policy_type": {
            "it": ("DPLK", "Individuale"),
            "id": ("DPLK", "Individu"),
            "en": ("DPLK", "Individual"),
        },
    }
)
_A_DAY: Final = dt.date(2026, 1, 1)
_NAME: Final = frozenset({"first_name", "last_name"})
_ASKED_WITH: Final = {"last_name": "first_name"}
_PROVING: Final = frozenset({"contact_choice", "otp_code"})
_SEARCHED: Final = frozenset({"tax_code", "policy_number"})
# Where a datum that changes leads, beside to where it was and to itself.
_FOLLOWS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "profile": frozenset({"first_name", "company_name", "vat_number"}),
        "policy_type": frozenset({"policy_number"}),
        "username": frozenset({"contact_choice"}),
        "request_number": frozenset({"contact"}),
        # Whose data fit nobody is asked for more, or for the same once more.
        "first_name": _SEARCHED,
        "last_name": _SEARCHED,
        "date_of_birth": _SEARCHED,
        "tax_code": _SEARCHED,
    }
)


@dataclass(frozen=True)
class _Correction:
    datum: str
    value: str
    reply: Reply


def corrects(going: Going) -> None:
    """The new value counts, and the flow goes on where it was or with what depends on it.

    Where nothing was said yet that may change, a mistake is owned up to: the question stays, and
    what is offered for correction can be corrected.
    """
    pair, data = going.pair, _given(going)
    datum = data[-1 - pair.variant % len(data)] if data else ""
    wordings = (words.CORRECTION[datum] if data else words.MISTAKE)[pair.language]
    said = wordings[pair.variant % len(wordings)]
    reply = going.talk.says(said.format(_value(going, datum)))
    offered = [title for title in reply.titles if title in _details(pair.language).values()]
    if offered:
        _is_right(going, _step_by_step(going, datum, offered))
    elif data:
        _is_right(going, _Correction(datum, _value(going, datum), reply))
    else:
        going.goes_on(reply)


def _is_right(going: Going, made: _Correction) -> None:
    pair, reply, datum = going.pair, made.reply, made.datum
    assert reply.flow == pair.flow, f"{datum}: now {reply.flow}: {reply.text}"
    places = {pair.slot, datum, *_FOLLOWS.get(datum, ())}
    # A whole name answers the question for one half of it, too.
    is_answered = pair.slot in _NAME and " " in made.value and reply.asking is not None
    assert is_answered or reply.asking in places, f"{datum}: {reply.asking}: {reply.text}"
    shown = _shown(going, made)
    assert shown.casefold() in reply.text.casefold(), f"{datum} is not {shown}: {reply.text}"


def _step_by_step(going: Going, datum: str, offered: list[str]) -> _Correction:
    """The detail is chosen from those on offer, and asked again."""
    title = _details(going.pair.language).get(_ASKED_WITH.get(datum, datum), "")
    asked = going.talk.presses(title if title in offered else offered[0])
    again = str(asked.asking)
    value = _whole_name(going, datum or again) if again == "first_name" else _value(going, again)
    return _Correction(datum or again, value, going.walk.gives(value))


def _given(going: Going) -> list[str]:
    """What was said so far and may still change: a code that was met settles what it has proved."""
    slot, asked = going.pair.slot, [one for one in going.asked if one in words.CORRECTION]
    if slot == "password_page":
        return []
    is_proving = slot in _PROVING and "otp_code" not in going.asked
    data = [one for one in asked if one != "username" or is_proving]
    if "first_name" in asked and "last_name" not in asked and " " in _said(going, "first_name"):
        data.append("last_name")
    return [one for one in data if one not in _CHOICES] or data


def _said(going: Going, slot: str) -> str:
    answer = going.walk.answers.get(slot, "")
    return answer if isinstance(answer, str) else ""


def _value(going: Going, datum: str) -> str:
    language = going.pair.language
    if datum in {"policy_number", "request_number"}:
        given = _said(going, datum) or "REQ-00000017"
        return given[:-1] + str((int(given[-1]) + 1) % 10)
    if datum in _CHOICES:
        one, other = _CHOICES[datum][language]
        return other if going.titles.get(datum) == one else one
    return _VALUES[going.talk.market].get(datum, "")


def _whole_name(going: Going, datum: str) -> str:
    """First and last name, one of them put right."""
    said = f"{_said(going, 'first_name')} {_said(going, 'last_name')}".split() or ["Dewi", "Sari"]
    new = _value(going, datum)
    return " ".join([new, *said[1:]] if datum == "first_name" else [*said[:-1], new])


def _shown(going: Going, made: _Correction) -> str:
    """What must be read of the new value."""
    if made.datum == "policy_choice":
        return mask_tail(made.value, 3)
    if made.datum in _CHOICES:
        return made.value
    value = _value(going, made.datum) if made.datum in _NAME else made.value
    return PARSERS[made.datum](value, FieldContext(going.market, _A_DAY)).mask


@cache
def _details(language: str) -> dict[str, str]:
    """Slot -> title of the button by which it is chosen for correction."""
    written = yaml.safe_load((ROOT / "data/shared/questions.yml").read_text(encoding="utf-8"))
    titles = {}
    for name, variants in written["responses"].items():
        if name.startswith("utter_detail__"):
            fitting = [one for one in variants if _fits(one, language)]
            titles[name.removeprefix("utter_detail__")] = str(fitting[0]["buttons"][0]["title"])
    return titles


def _fits(variant: dict[str, Any], language: str) -> bool:
    return all(
        one["value"] == language
        for one in variant.get("condition", [])
        if one["name"] == "language"
    )
