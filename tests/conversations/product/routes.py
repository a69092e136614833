"""Which customer is asked what: a route to every question that the forms of the domain may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from actions.flows import FORMS
from tests.conversations.cases import EVERY, Case, first_button
from tests.conversations.product.words import NOT_AVAILABLE
from tests.talk import Reply
from tests.walk import Answer
from tools.processes import ROOT

LANGUAGES: Final = ("it", "id", "en")
SLOTS: Final = {str(form.flow): form.slots for form in FORMS}
DOMAIN: Final = yaml.safe_load(Path(ROOT / "domain.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class ByPlace:
    """The button in that place, whatever its title is in the language."""

    place: int

    def __call__(self, reply: Reply) -> str:
        """Its title."""
        return reply.titles[self.place]


@dataclass(frozen=True)
class Route:
    """A flow and a demo customer who is asked these questions in it."""

    flow: str
    who: str
    asks: frozenset[str]
    """The questions that this route is for; those of the others are asked on the way."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    """The policies in the account, where not all."""
    has_account: bool = True
    filed: int = 0
    """How many requests the conversation has filed already."""
    lacks: str | None = None
    """The question to which the answer is that it is not at hand."""

    def case(self, language: str) -> Case:
        """The same customer, who writes *language*."""
        opening = next(
            one.opening for one in EVERY if (one.flow, one.language) == (self.flow, language)
        )
        answers = dict(self.answers)
        if self.lacks:
            answers[self.lacks] = NOT_AVAILABLE[language].data[0]
        return Case(
            self.flow, self.who, language, opening, answers,
            needs_account=self.has_account, extra_contacts=_NEW_NUMBERS,
        )  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One question of one flow, on its route, in the language whose turn it is."""

    route: Route
    slot: str
    language: str
    variant: int
    """Which of the wordings of an interruption."""

    @property
    def flow(self) -> str:
        """Its slug."""
        return self.route.flow

    def name(self, interruption: str) -> str:
        """The cell's."""
        return f"{self.flow}-{self.slot}-{interruption}-{self.language}"


_NEW_NUMBERS: Final = ("+393479998877", "+6281377778888", "+6285577778888")
_PERSON, _COMPANY = ByPlace(0), ByPlace(2)
_INDIVIDUAL, _GROUP, _DPLK = ByPlace(0), ByPlace(1), ByPlace(2)
_NONE: Final = ByPlace(-1)

_GIULIA: Final[Mapping[str, Answer]] = {
    "profile": _PERSON, "first_name": "Giulia", "last_name": "Bianchi",
    "tax_code": "BNCGLI85D43L219M", "policy_number": "401122334", "date_of_birth": "3/4/1985",
    "consent": first_button, "confirmation": first_button,
}  # fmt: skip
_BUDI: Final[Mapping[str, Answer]] = {
    "policy_type": _INDIVIDUAL, "policy_number": "00120451", "first_name": "Budi",
    "last_name": "Santoso", "date_of_birth": "17/8/1990", "consent": first_button,
    "confirmation": first_button,
}  # fmt: skip
_AGUS: Final[Mapping[str, Answer]] = {
    "policy_type": _GROUP, "policy_number": "GRP-2201-0007", "first_name": "Agus Wijaya Kusuma",
    "date_of_birth": "14/3/1982", "consent": first_button,
}  # fmt: skip
_KETUT: Final[Mapping[str, Answer]] = {
    "policy_type": _DPLK, "policy_number": "DPLK-300145", "first_name": "Ketut Arnaya",
    "date_of_birth": "4/4/1974", "confirmation": first_button,
}  # fmt: skip
_BRAMBILLA: Final[Mapping[str, Answer]] = {
    "profile": _COMPANY, "company_name": "Officine Brambilla srl", "vat_number": "01288700154",
    "policy_number": "409900457", "contact": "amministrazione@brambilla.example",
    "consent": first_button, "confirmation": first_button,
}  # fmt: skip
_DAVIDE: Final[Mapping[str, Answer]] = {
    "profile": ByPlace(1), "first_name": "Davide Moretti", "vat_number": "03914620277",
    "contact": "studio.moretti@example.it", "consent": first_button,
}  # fmt: skip
_MOVED: Final[Mapping[str, Answer]] = {
    "address": "Via Po 12", "city": "Torino", "new_mobile": "347 999 88 77",
    "consent": first_button,
}  # fmt: skip
_LOST: Final[Mapping[str, Answer]] = {
    "contact_choice": _NONE, "first_name": "Budi", "last_name": "Santoso",
    "place_of_birth": "Surabaya", "date_of_birth": "17/8/1990", "sex": first_button,
    "address": "Jalan Melati 12", "city": "Surabaya", "new_mobile": "0813 7777 8888",
    "consent": first_button,
}  # fmt: skip
_UNKNOWN_MAIL: Final = {**_GIULIA, "contact": "casella.nuova@example.com"}


def _route(
    flow: str,
    who: str,
    asks: str,
    answers: Mapping[str, Answer] | None = None,
    **options: object,
) -> Route:
    return Route(flow, who, frozenset(asks.split()), answers or {}, **options)  # type: ignore[arg-type]


ROUTES: Final = (
    _route(
        "register", "giulia", "profile first_name last_name contact",
        {**_GIULIA, "contact": "giulia.bianchi@example.it"}, has_account=False,
    ),
    _route("register", "brambilla", "company_name", _BRAMBILLA, has_account=False),
    _route("register", "davide", "vat_number consent", _DAVIDE, has_account=False),
    _route("register", "giulia", "tax_code contact_choice", _UNKNOWN_MAIL, has_account=False),
    _route("register", "budi", "policy_type date_of_birth otp_code", _BUDI, has_account=False),
    _route("register", "agus", "policy_number password_page", _AGUS, has_account=False),
    _route("reset_password", "budi", "username otp_code"),
    _route("reset_password", "giulia", "contact_choice password_page"),
    _route("recover_username", "giulia", "profile first_name last_name tax_code", _GIULIA),
    _route("recover_username", "giulia", "date_of_birth", _GIULIA, lacks="policy_number"),
    _route("recover_username", "brambilla", "company_name vat_number", _BRAMBILLA),
    _route("recover_username", "ketut", "policy_type policy_number confirmation", _KETUT),
    _route(
        "link_policy", "budi", "policy_type policy_number date_of_birth confirmation",
        {**_BUDI, "policy_number": "00120999"}, holds=("00120451",),
    ),
    _route(
        "link_policy", "brambilla", "username contact_choice otp_code vat_number", _BRAMBILLA,
        holds=("409900456",),
    ),
    _route("update_mobile", "giulia", "username address city document_upload consent", _MOVED),
    _route(
        "update_mobile", "budi", "contact_choice otp_code new_mobile confirmation",
        {"new_mobile": "0813 7777 8888", "confirmation": first_button},
    ),
    _route(
        "update_mobile", "budi", "first_name last_name place_of_birth date_of_birth sex", _LOST
    ),
    _route(
        "view_documents", "giulia",
        "username contact_choice otp_code policy_choice document_choice",
        {"policy_choice": first_button, "document_choice": first_button},
    ),
    _route(
        "check_request", "budi", "request_number contact",
        {"request_number": "REQ-00000017", "contact": "budi.santoso@example.co.id"},
        has_account=False,
    ),
    _route("check_request", "giulia", "confirmation", has_account=False, filed=1),
    _route("check_request", "budi", "request_choice", filed=2),
)  # fmt: skip
NEVER_ASKED: Final = {
    ("view_documents", "policy_number"): "said unasked, to choose the policy by its number",
}


def questions() -> list[tuple[str, str]]:
    """Flow and slot, of every form and every slot of the domain that the form may ask."""
    return [
        (flow, slot)
        for flow, slots in SLOTS.items()
        for slot in sorted(slots & set(DOMAIN["slots"]))
        if (flow, slot) not in NEVER_ASKED
    ]


def route_to(flow: str, slot: str) -> Route | None:
    """The route that is for this question."""
    return next((one for one in ROUTES if one.flow == flow and slot in one.asks), None)


def pairs() -> list[Pair]:
    """Every question that has a route, the languages and wordings taking turns."""
    found = []
    for place, (flow, slot) in enumerate(questions()):
        route = route_to(flow, slot)
        if route is not None:
            language = LANGUAGES[place % len(LANGUAGES)]
            found.append(Pair(route, slot, language, place // len(LANGUAGES)))
    return found
