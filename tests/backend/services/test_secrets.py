"""After a whole registration and a login nothing personal lies open in the database."""

from __future__ import annotations

import re

from sqlalchemy import select

from backend.adapters import schema
from backend.core.flow import Command
from tests.backend.desk import GOOD_PASSWORD, Desk

PERSONAL = (
    "Bianchi", "Giulia", "BNCGLI85D43L219M", "1985-04-03", "03/04/1985", "Torino",
    "3201234519", "giulia.bianchi@example.it", GOOD_PASSWORD,
)  # fmt: skip


def everything_kept(desk: Desk) -> str:
    with desk.backend.uow(read_only=True) as uow:
        return "\n".join(
            f"{table.name}: "
            + " ".join(
                bytes(value).decode("latin-1") if isinstance(value, bytes) else str(value)
                for value in row
            )
            for table in schema.load_tables().sorted_tables
            for row in uow.connection.execute(select(table))
        )


def test_no_datum_password_or_code_is_readable(desk: Desk) -> None:
    codes, tokens = [], []
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="giulia@elsewhere.it")
    talk.says(Command.AFFIRM)
    talk.gives(tax_code="BNCGLI85D43L219M")
    talk.says(Command.NOT_AVAILABLE)
    talk.gives(date_of_birth="03/04/1985", contact_choice="sms")
    talk.says(otp_code="135790")
    codes.append(desk.code_to("+393201234519"))
    page = talk.says(otp_code=codes[-1]).page
    assert page
    tokens.append(desk.backend.pages.mint(page.id).rsplit("/", 1)[1])
    during = everything_kept(desk)
    desk.backend.pages.set_password(tokens[-1], GOOD_PASSWORD)
    talk.says(Command.PAGE_DONE)
    login = desk.backend.area.login("3201234519", GOOD_PASSWORD)
    assert login.token
    tokens.append(login.token)
    codes.append(desk.code_to("+393201234519"))
    desk.backend.area.confirm(login.token, codes[-1])

    kept = during + everything_kept(desk)

    for secret in (*PERSONAL, *tokens, "elsewhere"):
        assert secret not in kept
    for code in (*codes, "135790"):
        assert not re.search(rf"(?<![\d.]){code}(?!\d)", kept)
