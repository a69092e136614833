"""Customers who do not know their user name any more, and what they answer."""

from __future__ import annotations

from typing import Any, Final

from backend.core.flow import Command, Step
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import BUDI_EMAIL, BUDI_MOBILE, GIULIA, GIULIA_MOBILE

GIULIA_SAYS: Final = {
    "profile": "person",
    "first_name": "Giulia Bianchi",
    "tax_code": "BNCGLI85D43L219M",
    "policy_number": "401122334",
}
DAVIDE_SAYS: Final = {
    "profile": "professional",
    "first_name": "Davide Moretti",
    "tax_code": "MRTDVD83H17L781C",
    "policy_number": "408800123",
}
BRAMBILLA_SAYS: Final = {
    "profile": "company",
    "company_name": "Officine Brambilla",
    "vat_number": "01288700154",
    "policy_number": "409900457",
}
BUDI_SAYS: Final = {
    "policy_type": "individual",
    "policy_number": "00120451",
    "first_name": "Budi Santoso",
    "date_of_birth": "17/08/1990",
}
SULASTRI_SAYS: Final = {
    "policy_type": "individual",
    "policy_number": "00140003",
    "first_name": "Sulastri",
    "last_name": "-",
    "date_of_birth": "31 Desember 1979",
}
GIULIA_CONTACTS: Final = (GIULIA_MOBILE, GIULIA)
BUDI_CONTACTS: Final = (BUDI_MOBILE, BUDI_EMAIL)


def forgot(desk: Desk, market: str = "it", **about: Any) -> Talk:
    return desk.talk(market, flow="recover_username", **about)


def asks(desk: Desk, answers: dict[str, str], market: str = "it", **about: Any) -> Talk:
    """Everything up to the summary, one message at a time."""
    talk = forgot(desk, market, **about)
    talk.gives(**answers)
    assert talk.step.asking == "confirmation", talk.step
    return talk


def confirms(desk: Desk, answers: dict[str, str], market: str = "it", **about: Any) -> Step:
    return asks(desk, answers, market, **about).says(Command.AFFIRM)


def outbox(desk: Desk) -> list[tuple[str, str]]:
    """Who got what so far, newest first."""
    return [(notice["to"], notice["body"]) for notice in desk.backend.notices.listing()]
