"""Demo customers who have an account already, for the flows that need one."""

from __future__ import annotations

from backend.core.customers import Account
from backend.core.flow import Command
from tests.backend.desk import GOOD_PASSWORD, Desk

GIULIA, GIULIA_MOBILE = "giulia.bianchi@example.it", "+393201234519"
MARCO_MOBILE = "+393331112244"
BUDI_MOBILE, BUDI_EMAIL = "+6281234567890", "budi.santoso@example.co.id"

_REGISTRATIONS = {
    "giulia": (
        "it",
        {"profile": "person", "first_name": "Giulia Bianchi", "contact": GIULIA},
        GIULIA,
    ),
    "marco": (
        "it",
        {"profile": "person", "first_name": "Marco De Luca", "contact": "333 111 22 44"},
        MARCO_MOBILE,
    ),
    "elena": (
        "it",
        {"profile": "person", "first_name": "Elena Conti", "contact": "elena.conti@example.it"},
        "elena.conti@example.it",
    ),
    "brambilla": (
        "it",
        {
            "profile": "company",
            "company_name": "Officine Brambilla srl",
            "vat_number": "01288700154",
            "contact": "amministrazione@brambilla.example",
        },
        "amministrazione@brambilla.example",
    ),
    "budi": (
        "id",
        {
            "policy_number": "00120451",
            "first_name": "Budi Santoso",
            "date_of_birth": "17-08-1990",
        },
        BUDI_MOBILE,
    ),
    "agus": (
        "id",
        {
            "policy_number": "GRP-2201-0007",
            "first_name": "Agus Wijaya Kusuma",
            "date_of_birth": "14-03-1982",
        },
        "+628111222333",
    ),
    "ketut": (
        "id",
        {
            "policy_number": "DPLK-300145",
            "first_name": "Ketut Arnaya",
            "date_of_birth": "04-04-1974",
        },
        "+6281999888777",
    ),
}


def registered(desk: Desk, name: str) -> Account:
    """Open the account of a demo customer; nothing of that conversation counts afterwards."""
    market, answers, contact = _REGISTRATIONS[name]
    talk = desk.talk(market, client=f"client-of-{name}")
    talk.says(**answers)
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(contact))
    talk.sets_password(GOOD_PASSWORD)
    assert talk.step.outcome == "completed", talk.step
    desk.clock.forward(2 * 3600)  # codes of the registration no longer count
    with desk.backend.uow(read_only=True) as uow:
        proof = uow.identities.of(talk.id)
        assert proof is not None
        account = uow.accounts.get(proof.account_id)
    assert account is not None
    return account
