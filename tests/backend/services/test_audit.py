"""The audit: what it keeps, and that nobody can touch it unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update

from backend.adapters.tables.audit import audit, audit_head
from backend.core.audit import AuditReport
from backend.core.flow import Command
from tests.backend.desk import Desk


@pytest.fixture
def busy_desk(desk: Desk) -> Desk:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    talk.says(otp_code="000000")
    talk.says(otp_code=desk.code_to("+393201234519"))
    talk.sets_password()
    return desk


def verify(desk: Desk) -> AuditReport:
    with desk.backend.uow(read_only=True) as uow:
        return uow.audit.verify()


def tamper(desk: Desk, *statements: object) -> None:
    with desk.backend.uow() as uow:
        for statement in statements:
            uow.connection.execute(statement)  # type: ignore[call-overload]
        uow.connection.commit()


def test_an_untouched_chain_holds(busy_desk: Desk) -> None:
    report = verify(busy_desk)

    assert report.holds
    assert report.entries == len(busy_desk.audited())


def test_a_registration_leaves_its_trace_in_order(busy_desk: Desk) -> None:
    of_the_desk = [event for event in busy_desk.audited() if not event.endswith("_imported")]

    assert of_the_desk == [
        "consent_given", "match_ok", "challenge_issued", "code_wrong", "code_ok",
        "account_created", "password_set", "identity_proved",
    ]  # fmt: skip


def test_nothing_secret_or_personal_is_in_it(busy_desk: Desk) -> None:
    with busy_desk.backend.uow(read_only=True) as uow:
        kept = " ".join(str(tuple(row)) for row in uow.connection.execute(select(audit)))

    for secret in ("3201234519", "Bianchi", "BNCGLI", "1985-04-03", "000000", "Girasole"):
        assert secret not in kept
    assert "320 *****19" in kept


@pytest.mark.parametrize("column", ["event", "subject", "reason", "destination", "at", "seal"])
def test_a_changed_entry_is_found(busy_desk: Desk, column: str) -> None:
    value = busy_desk.clock.now().replace(year=2020) if column == "at" else "changed"
    tamper(busy_desk, update(audit).where(audit.c.seq == 4).values({column: value}))

    assert verify(busy_desk).broken_at == 4


def test_a_removed_entry_is_found(busy_desk: Desk) -> None:
    tamper(busy_desk, delete(audit).where(audit.c.seq == 4))

    assert verify(busy_desk).broken_at == 4


def test_a_cut_off_end_is_found(busy_desk: Desk) -> None:
    last = len(busy_desk.audited())
    tamper(
        busy_desk,
        delete(audit).where(audit.c.seq == last),
        update(audit_head).values(seq=last - 1),
    )

    assert not verify(busy_desk).holds


def test_an_emptied_audit_is_found(busy_desk: Desk) -> None:
    tamper(busy_desk, delete(audit))

    assert not verify(busy_desk).holds


def test_an_entry_of_somebody_without_the_key_is_found(busy_desk: Desk) -> None:
    with busy_desk.backend.uow(read_only=True) as uow:
        last = uow.connection.execute(select(audit).order_by(audit.c.seq.desc())).first()
    assert last
    forged = {**last._mapping, "seq": last.seq + 1, "previous": last.seal, "seal": "f" * 64}
    tamper(busy_desk, insert(audit).values(**forged), update(audit_head).values(seq=last.seq + 1))

    assert verify(busy_desk).broken_at == last.seq + 1


def test_what_is_rolled_back_is_not_audited(desk: Desk) -> None:
    before = desk.audited()
    talk = desk.talk()
    talk.gives(profile="person")

    with desk.backend.uow() as uow:
        desk.backend.challenges.abort(uow, talk.id, "register")

    assert desk.audited() == before
