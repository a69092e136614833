"""The counter at which policies are linked: customers taken in, and who has proved what."""

from __future__ import annotations

import csv

from sqlalchemy import func, select

from backend.adapters.crypto import new_id
from backend.adapters.tables.accounts import account_policies
from backend.core.customers import Account
from backend.core.flow import Command, Step
from backend.core.importing import COLUMNS
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import registered

BORN = {"budi": "17/8/1990", "agus": "14-03-1982", "ketut": "4 April 1974", "giulia": "3/4/1985"}
BUDI = {
    "market": "id", "customer_id": "ID-0001", "holder_kind": "person", "first_name": "Budi",
    "last_name": "Santoso", "date_of_birth": "1990-08-17", "place_of_birth": "Surabaya",
    "sex": "M", "email": "budi.santoso@example.co.id", "mobile": "+6281234567890",
    "policy_type": "individual", "product": "Kesehatan Plus", "status": "active", "language": "id",
}  # fmt: skip
OFFICE, OFFICE_MOBILE = "budi@kantor.example.co.id", "+6281355501234"
BUDI_AT_THE_OFFICE = BUDI | {
    "customer_id": "ID-9001", "policy_number": "00190001", "email": OFFICE,
    "mobile": OFFICE_MOBILE, "product": "Proteksi Karyawan",
}  # fmt: skip
"""The same person once more, with other contacts."""
GIULIA = {
    "market": "it", "customer_id": "IT-0001", "holder_kind": "person", "first_name": "Giulia",
    "last_name": "Bianchi", "tax_code": "BNCGLI85D43L219M", "date_of_birth": "1985-04-03",
    "place_of_birth": "Torino", "sex": "F", "email": "giulia.bianchi@example.it",
    "mobile": "+393201234519", "policy_number": "401122399", "policy_type": "individual",
    "scheme": "agency", "product": "Viaggi Sereni", "status": "active", "language": "it",
}  # fmt: skip
BRAMBILLA = {
    "market": "it", "customer_id": "IT-0009", "holder_kind": "company",
    "company_name": "Officine Brambilla S.r.l.", "tax_code": "01288700154",
    "vat_number": "01288700154", "email": "amministrazione@brambilla.example",
    "mobile": "+393351239876", "policy_number": "409900499", "policy_type": "individual",
    "scheme": "agency", "product": "Cantieri", "status": "active", "language": "it",
}  # fmt: skip


def takes_in(desk: Desk, *rows: dict[str, str]) -> None:
    """The insurer's file of the day."""
    file = desk.backend.settings.var_dir / "of_the_day.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    report = desk.backend.customers.import_file(file)
    assert report.is_clean, report.problems


def opens(desk: Desk, account: Account, *, contact: str | None = None, **answers: str) -> Talk:
    """A conversation in which *account*'s owner is proved, with *contact* or by the page around."""
    conversation = new_id("c")
    with desk.backend.uow() as uow:
        desk.backend.identities.prove(uow, conversation, account, contact=contact)
        uow.commit()
    return desk.talk(
        account.market,
        flow="link_policy",
        conversation=conversation,
        client=f"of-{account.id}",
        saying=answers,
    )


def by_code(desk: Desk, name: str, contact: str, market: str = "id", **answers: str) -> Talk:
    """A conversation in which a demo customer has proved who they are by a code."""
    account = registered(desk, name)
    talk = desk.talk(market, flow="link_policy", client="a-client")
    assert talk.step.asking == "username"
    talk.says(username=account.username, **answers)
    if talk.step.asking == "contact_choice":
        talk.says(contact_choice="email" if "@" in contact else "sms")
    talk.says(otp_code=desk.code_to(contact))
    return talk


def summed_up(talk: Talk, policy_number: str, born: str, policy_type: str | None = None) -> Step:
    """Everything is given; the summary is shown."""
    if policy_type:
        talk.says(policy_type=policy_type)
    talk.gives(policy_number=policy_number, date_of_birth=born)
    assert talk.step.asking == "confirmation", talk.step
    return talk.step


def confirmed(talk: Talk, policy_number: str, born: str = BORN["budi"]) -> Step:
    """Everything is given, and the summary is right."""
    summed_up(talk, policy_number, born)
    return talk.says(Command.AFFIRM)


def policies_of(desk: Desk, account: Account) -> list[str]:
    """What the account sees, in the order in which it was linked."""
    with desk.backend.uow(read_only=True) as uow:
        return [policy.number for policy in uow.customers.policies_in_account(account.id)]


def accounts_with(desk: Desk, number: str, market: str = "id") -> int:
    """How many accounts see a policy."""
    with desk.backend.uow(read_only=True) as uow:
        held = uow.customers.with_policy(market, number)
        assert held
        query = select(func.count()).where(account_policies.c.policy_id == held[1].id)
        return int(uow.connection.execute(query).scalar_one())
