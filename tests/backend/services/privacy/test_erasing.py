"""After an erasure nothing of the person is left but proofs that name nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.adapters import schema
from backend.adapters.repositories import erasing
from backend.adapters.tables.accounts import accounts, consents, customers
from backend.adapters.tables.conversations import conversations
from backend.adapters.tables.notices import notices
from backend.core.errors import LoginRefused, NotFound, SessionExpired, Unavailable
from backend.core.flow import Command
from backend.core.notices import Words
from tests.backend.desk import GOOD_PASSWORD, Desk
from tests.backend.services.kept import (
    CHOICE,
    MOBILE,
    SAID,
    approves,
    registers,
    tracked,
    tracks,
)

STAYING = {"customers", "policies", "policy_documents", "files", "audit", "audit_head", "consents"}


def rows(desk: Desk) -> dict[str, int]:
    with desk.backend.uow(read_only=True) as uow:
        found = {
            table.name: uow.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in schema.load_tables().sorted_tables
        }
    return {name: number for name, number in found.items() if number}


def handles(desk: Desk) -> dict[str, bytes]:
    """What in clear bytes of the database belongs to Giulia: texts, hashes, keyed indexes."""
    with desk.backend.uow(read_only=True) as uow:
        customer = uow.customers.by_number("it", "IT-0001")
        assert customer
        account = uow.accounts.of_customer(customer.id)
        assert account
        file = uow.connection.execute(select(customers).where(customers.c.id == customer.id)).one()
        row = uow.connection.execute(select(accounts)).one()
    return {
        "said": SAID.encode(),
        "choice": CHOICE.encode(),
        "password": (account.password_hash or "").encode(),
        "username": row.username_index.encode(),
        "sealed username": bytes(row.username),
        "email": file.email_index.encode(),
        "mobile": file.mobile_index.encode(),
        "details": bytes(file.details),
        "subject": desk.backend.vault.index("subject", f"customer/{customer.id}").encode(),
    }


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def found_on_disk(desk: Desk, secrets: dict[str, bytes]) -> set[str]:
    kept = bytes_on_disk(desk.backend.settings.var_dir)
    return {name for name, secret in secrets.items() if secret in kept}


def test_what_was_said_on_whatsapp_goes_whatever_the_number(desk: Desk) -> None:
    kept = registers(desk)
    with desk.backend.uow() as uow:
        uow.notices.add(
            channel="whatsapp",
            to="+393339999999",
            template="reply",
            language="it",
            words=Words(None, SAID),
            now=desk.clock.now(),
            lane=kept.conversation_id,
        )
        uow.commit()
    desk.backend.privacy.erase("it", "IT-0001", also_file=True)
    with desk.backend.uow(read_only=True) as uow:
        assert not uow.connection.execute(
            select(notices.c.id).where(notices.c.lane == kept.conversation_id)
        ).all()


def test_nothing_of_the_person_is_left_in_any_file(desk: Desk) -> None:
    before = rows(desk)
    kept = registers(desk)
    approves(desk, kept.request)
    secrets = handles(desk)
    assert found_on_disk(desk, secrets) == set(secrets)

    desk.backend.privacy.erase("it", "IT-0001", also_file=True)
    desk.backend.privacy.scrub()

    assert found_on_disk(desk, secrets) == set()
    after = rows(desk)
    assert set(after) <= STAYING | {"budget_entries"}
    assert after["customers"] == before["customers"] - 1
    assert after["policies"] == before["policies"] - 2
    assert tracked(desk) == []


def test_the_insurers_file_stays_unless_asked_for(desk: Desk) -> None:
    before = rows(desk)
    registers(desk)
    secrets = handles(desk)
    file = {"email", "mobile", "details"}

    erased = desk.backend.privacy.erase("it", "IT-0001")
    desk.backend.privacy.scrub()

    assert found_on_disk(desk, secrets) == file
    assert {name: rows(desk)[name] for name in ("customers", "policies")} == {
        name: before[name] for name in ("customers", "policies")
    }
    assert set(rows(desk)) <= STAYING | {"budget_entries"}
    assert erased.tracker_events == 2
    assert {"account", "transcripts", "requests", "identity_documents", "notices", "challenges",
            "sessions", "drafts", "identity_proofs", "pages"} <= set(erased.rows)  # fmt: skip


def test_every_way_in_is_shut(desk: Desk) -> None:
    kept = registers(desk)

    desk.backend.privacy.erase("it", "IT-0001")

    with pytest.raises(SessionExpired):
        desk.backend.area.session(kept.session)
    with pytest.raises(LoginRefused):
        desk.backend.area.login("3201234519", GOOD_PASSWORD)


def test_consents_stay_as_proofs_without_a_name(desk: Desk) -> None:
    kept = registers(desk)

    desk.backend.privacy.erase("it", "IT-0001")

    with desk.backend.uow(read_only=True) as uow:
        found = uow.connection.execute(select(consents)).all()
    assert [(row.kind, row.account_id, row.withdrawn_at) for row in found] == [
        ("privacy_notice", None, desk.clock.now()),
        ("request_data", None, desk.clock.now()),
    ]
    told = desk.backend.privacy.consents_of_customer("it", "IT-0001")
    assert [consent.kind for consent in told] == ["privacy_notice", "request_data"]
    assert kept.account_id not in str(found)


def test_the_audit_stays_whole_and_says_it_was_done(desk: Desk) -> None:
    registers(desk)
    before = desk.audited()

    desk.backend.privacy.erase("it", "IT-0001")

    assert desk.audited() == [*before, "customer_erased"]
    with desk.backend.uow(read_only=True) as uow:
        assert uow.audit.verify().holds


def test_whoever_else_is_here_loses_nothing(desk: Desk) -> None:
    registers(desk)
    other = desk.talk()
    other.gives(profile="person", first_name="Marco De Luca", contact="3331112244")
    other.says(Command.AFFIRM)
    tracks(desk, other.id)

    desk.backend.privacy.erase("it", "IT-0001", also_file=True)

    other.says(otp_code=desk.code_to("+393331112244"))
    other.sets_password()
    assert desk.backend.area.login("3331112244", GOOD_PASSWORD).token
    assert {sender for sender, _ in tracked(desk)} == {other.id}


def test_the_same_again_and_registering_again_both_work(desk: Desk) -> None:
    registers(desk)
    desk.backend.privacy.erase("it", "IT-0001")

    again = desk.backend.privacy.erase("it", "IT-0001")
    registers(desk)

    assert again.rows.keys() <= {"notices"}
    assert desk.backend.area.login("3201234519", GOOD_PASSWORD).token


def test_a_draft_that_has_not_proved_anything_goes_too(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    assert rows(desk)["drafts"] == 1

    desk.backend.privacy.erase("it", "IT-0001")

    assert not {"drafts", "challenges", "notices"} & set(rows(desk))


@pytest.mark.parametrize("family", [name for name, _ in erasing.COLLECTED])
def test_cut_off_anywhere_nothing_of_ours_is_lost_and_the_next_run_does_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    registers(desk)
    before = rows(desk)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        steps = tuple(
            (name, killed if name == family else step) for name, step in erasing.COLLECTED
        )
        patch.setattr("backend.services.privacy.service.COLLECTED", steps)
        with pytest.raises(KeyboardInterrupt):
            desk.backend.privacy.erase("it", "IT-0001")

    assert rows(desk) == before
    assert tracked(desk) == []
    desk.backend.privacy.erase("it", "IT-0001")
    assert set(rows(desk)) <= STAYING | {"budget_entries"}


def test_trackers_that_do_not_answer_keep_the_rest_untouched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    registers(desk)
    before = rows(desk)

    def down(*_: object) -> int:
        raise Unavailable("tracker_store_unavailable")

    monkeypatch.setattr(type(desk.backend.trackers), "remove", down)

    with pytest.raises(Unavailable):
        desk.backend.privacy.erase("it", "IT-0001")
    assert rows(desk) == before


def test_what_a_running_turn_wrote_meanwhile_goes_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = registers(desk)
    name, first = erasing.COLLECTED[0]

    def late(*given: object) -> int:
        tracks(desk, kept.conversation_id)
        return first(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(
        "backend.services.privacy.service.COLLECTED", ((name, late), *erasing.COLLECTED[1:])
    )

    assert desk.backend.privacy.erase("it", "IT-0001").tracker_events == 4
    assert tracked(desk) == []


@pytest.mark.parametrize(("market", "number"), [("it", "IT-9999"), ("id", "IT-0001"), ("", "")])
def test_nobody_of_that_number_is_said(desk: Desk, market: str, number: str) -> None:
    with pytest.raises(NotFound, match="customer_unknown"):
        desk.backend.privacy.erase(market, number)


def test_on_every_database(any_desk: Desk) -> None:
    kept = registers(any_desk)
    approves(any_desk, kept.request)

    any_desk.backend.privacy.erase("it", "IT-0001", also_file=True)
    any_desk.backend.privacy.scrub()

    assert set(rows(any_desk)) <= STAYING | {"budget_entries"}
    assert tracked(any_desk) == []
    with any_desk.backend.uow(read_only=True) as uow:
        assert uow.customers.by_number("it", "IT-0001") is None
        assert uow.audit.verify().holds


def test_traces_of_a_closed_account_are_found_by_its_owner(desk: Desk) -> None:
    kept = registers(desk)
    with desk.backend.uow() as uow:
        uow.commit()
    registration = desk.backend.privacy.consents(kept.account_id)[0]
    desk.backend.privacy.withdraw(kept.account_id, registration.id)

    desk.backend.privacy.erase("it", "IT-0001")

    with desk.backend.uow(read_only=True) as uow:
        assert uow.connection.execute(select(conversations)).all() == []
    assert tracked(desk) == []
    assert MOBILE not in str(rows(desk))
