"""Nothing is kept longer than its market says, and nothing goes before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from backend.adapters.tables.accounts import consents
from backend.adapters.tables.audit import audit, audit_head
from backend.adapters.tables.challenges import challenges
from backend.adapters.tables.conversations import buttons, conversations, inbound, messages
from backend.adapters.tables.files import files
from backend.adapters.tables.notices import notices
from backend.adapters.tables.pages import drafts, pages
from backend.adapters.tables.requests import contact_changes, requests
from backend.core.conversation import Incoming, Kind
from backend.core.files import Purpose
from backend.core.flow import Command
from backend.core.markets import Retention
from backend.services.conversations import Conversations
from backend.services.retention import Retained
from tests.backend.desk import Desk
from tests.backend.services.kept import (
    Kept,
    answers,
    approves,
    registers,
    says,
    tracked,
    tracks,
)

DAY = 86_400


def number_of(desk: Desk, table: object) -> int:
    with desk.backend.uow(read_only=True) as uow:
        query = select(func.count()).select_from(table)  # type: ignore[arg-type]
        return uow.connection.execute(query).scalar_one()


def identity_documents() -> object:
    return select(files.c.id).where(files.c.purpose == Purpose.IDENTITY).subquery()


def settled(desk: Desk) -> None:
    """Have the outbox delivered and open codes closed, as the chores do."""
    while desk.backend.notices.deliver_due():
        pass


def opened(desk: Desk, market: str) -> str:
    _, conversation = Conversations(desk.backend.uow, desk.clock).open_session(market, market)
    return conversation.id


def decided(desk: Desk) -> Kept:
    kept = registers(desk)
    approves(desk, kept.request)
    return kept


def lives_until(desk: Desk, seconds: float, is_there: Callable[[], bool]) -> None:
    """Whether something is there just before its time is over, and gone at it."""
    desk.clock.forward(seconds - 1)
    desk.backend.maintenance.retain()
    assert is_there()
    desk.clock.forward(1)
    desk.backend.maintenance.retain()
    assert not is_there()
    desk.clock.forward(1)
    assert desk.backend.retention.run() == []


def test_a_draft_lives_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.talk()

    lives_until(desk, 900, lambda: number_of(desk, drafts) == 1)


@pytest.mark.parametrize(("market", "days"), [("it", 90), ("id", 60)])
def test_a_transcript_lives_as_long_as_its_market_says(desk: Desk, market: str, days: int) -> None:
    says(desk, opened(desk, market))

    lives_until(
        desk,
        days * DAY,
        lambda: (
            [number_of(desk, one) for one in (conversations, messages, inbound, buttons)]
            == [1, 2, 1, 1]
        ),
    )
    assert number_of(desk, messages) == number_of(desk, inbound) == number_of(desk, buttons) == 0


def test_old_lines_go_from_a_conversation_that_goes_on(desk: Desk) -> None:
    conversation = opened(desk, "it")
    says(desk, conversation)
    desk.clock.forward(89 * DAY)
    says(desk, conversation, "di nuovo qui")

    desk.clock.forward(DAY)
    desk.backend.maintenance.retain()

    with desk.backend.uow(read_only=True) as uow:
        assert [line.text for line in uow.conversations.lines(conversation)] == [
            "di nuovo qui", "Va bene.",
        ]  # fmt: skip
    assert number_of(desk, inbound) == number_of(desk, buttons) == 1
    says(desk, conversation, "e ancora")


def test_a_conversation_with_something_unhandled_is_left_alone(desk: Desk) -> None:
    conversation = opened(desk, "it")
    says(desk, conversation)
    tracks(desk, conversation)
    store = Conversations(desk.backend.uow, desk.clock)
    store.receive(conversation, Incoming(Kind.TEXT, "ci siete?"))
    desk.clock.forward(400 * DAY)

    assert desk.backend.maintenance.retain() == 0

    assert [number_of(desk, one) for one in (conversations, messages, inbound)] == [1, 2, 2]
    assert len(tracked(desk)) == 2
    claim = store.claim(conversation, "w_2", now=0, until=60)
    assert claim
    assert claim.incoming.text == "ci siete?"
    assert desk.backend.maintenance.retain() == 0


def test_a_widget_that_was_seen_keeps_its_conversation(desk: Desk) -> None:
    conversation = opened(desk, "it")
    desk.clock.forward(89 * DAY)
    with desk.backend.uow() as uow:
        uow.conversations.change(conversation, seen_at=desk.clock.now())
        uow.commit()

    desk.clock.forward(DAY)
    desk.backend.maintenance.retain()

    assert number_of(desk, conversations) == 1


def test_a_sent_notice_lives_ninety_days(desk: Desk) -> None:
    desk.talk().gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    with desk.backend.uow() as uow:
        desk.backend.notices.post(
            uow, "sms", "+393201234519", "password_set", "it", {"product": "Area Clienti"}
        )
        uow.commit()
    settled(desk)

    lives_until(desk, 90 * DAY, lambda: number_of(desk, notices) == 1)


def test_a_notice_that_waits_to_be_sent_does_not_go(desk: Desk) -> None:
    with desk.backend.uow() as uow:
        desk.backend.notices.post(
            uow, "sms", "+390000000000", "password_set", "it", {"product": "Area Clienti"}
        )
        uow.commit()
    desk.clock.forward(91 * DAY)

    desk.backend.maintenance.retain()

    assert number_of(desk, notices) == 1


def test_codes_and_pages_live_thirty_days_after_their_end(desk: Desk) -> None:
    registers(desk)
    with desk.backend.uow() as uow:
        uow.connection.execute(update(challenges).values(closed_at=desk.clock.now()))
        uow.connection.execute(update(pages).values(expires_at=desk.clock.now()))
        uow.commit()
    assert number_of(desk, pages) > 0

    desk.clock.forward(30 * DAY - 1)
    desk.backend.maintenance.retain()
    assert number_of(desk, challenges) == 2
    assert number_of(desk, pages) > 0
    desk.clock.forward(1)
    desk.backend.maintenance.retain()
    assert number_of(desk, challenges) == number_of(desk, pages) == 0


def test_an_open_code_is_closed_first(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    desk.clock.forward(31 * DAY)

    desk.backend.maintenance.retain()
    assert number_of(desk, challenges) == 1

    desk.backend.maintenance.sweep()
    desk.clock.forward(30 * DAY)
    desk.backend.maintenance.retain()
    assert number_of(desk, challenges) == 0


def test_an_identity_document_lives_thirty_days_after_the_decision(desk: Desk) -> None:
    kept = registers(desk)
    desk.clock.forward(200 * DAY)
    desk.backend.maintenance.retain()
    assert number_of(desk, identity_documents()) == 1
    approves(desk, kept.request)

    desk.clock.forward(30 * DAY - 1)
    desk.backend.maintenance.retain()
    assert number_of(desk, identity_documents()) == 1
    desk.clock.forward(1)
    desk.backend.maintenance.retain()
    assert number_of(desk, identity_documents()) == 0
    assert number_of(desk, requests) == 1


def test_documents_of_policies_stay(desk: Desk) -> None:
    before = number_of(desk, files)
    assert before > 0
    desk.clock.forward(4000 * DAY)

    desk.backend.maintenance.retain()

    assert number_of(desk, files) == before


def test_a_decided_request_lives_two_years(desk: Desk) -> None:
    decided(desk)

    desk.clock.forward(730 * DAY - 1)
    desk.backend.maintenance.retain()
    assert number_of(desk, requests) == number_of(desk, contact_changes) == 1
    desk.clock.forward(1)
    desk.backend.maintenance.retain()
    assert number_of(desk, requests) == number_of(desk, contact_changes) == 0


def test_an_open_request_waits_for_its_decision(desk: Desk) -> None:
    registers(desk)
    desk.clock.forward(3000 * DAY)

    desk.backend.maintenance.retain()

    assert number_of(desk, requests) == number_of(desk, identity_documents()) == 1


@pytest.mark.parametrize("market", ["it", "id"])
def test_a_tracker_lives_thirty_days(desk: Desk, market: str) -> None:
    conversation = opened(desk, market)
    tracks(desk, conversation, (-60, "session_started"), (0, "user"))

    desk.clock.forward(30 * DAY - 1)
    desk.backend.maintenance.retain()
    assert len(tracked(desk)) == 2
    desk.clock.forward(1)
    desk.backend.maintenance.retain()
    assert tracked(desk) == []


def test_of_a_tracker_that_lives_only_earlier_sessions_go(desk: Desk) -> None:
    conversation = opened(desk, "it")
    tracks(
        desk, conversation, (-31 * DAY, "session_started"), (-31 * DAY, "user"),
        (-30 * DAY, "user"), (-30 * DAY + 1, "user"),
        (-29 * DAY, "session_started"), (0, "user"),
    )  # fmt: skip
    tracks(desk, "c_gone", (-31 * DAY, "session_started"), (0, "user"))

    desk.backend.maintenance.retain()

    assert tracked(desk) == [
        (conversation, "user"), (conversation, "session_started"), (conversation, "user"),
        ("c_gone", "session_started"), ("c_gone", "user"),
    ]  # fmt: skip


def test_many_trackers_go_in_small_steps(desk: Desk) -> None:
    for number in range(7):
        tracks(desk, f"c_{number}", (-31 * DAY, "user"))

    assert desk.backend.maintenance.retain(limit=2) == 7

    assert tracked(desk) == []


def test_where_the_engine_has_not_run_there_is_nothing_to_do(desk: Desk) -> None:
    assert desk.backend.maintenance.retain() == 0
    assert not (desk.backend.settings.var_dir / "tracker.db").exists()


def test_a_consent_outlives_its_account_by_ten_years(desk: Desk) -> None:
    kept = registers(desk)
    first = desk.backend.privacy.consents(kept.account_id)[0]
    desk.backend.privacy.withdraw(kept.account_id, first.id)
    ten_years = datetime(2036, 11, 20, 9, 0, tzinfo=UTC) - desk.clock.now()

    desk.clock.forward(ten_years.total_seconds() - 1)
    desk.backend.maintenance.retain()
    assert number_of(desk, consents) == 2
    desk.clock.forward(1)
    desk.backend.maintenance.retain()
    assert number_of(desk, consents) == 0


def test_a_consent_of_an_account_stays_as_long_as_it(desk: Desk) -> None:
    registers(desk)
    desk.clock.forward(20 * 366 * DAY)

    desk.backend.maintenance.retain()

    assert number_of(desk, consents) == 2


def test_the_audit_lives_ten_years_and_still_holds(desk: Desk) -> None:
    registers(desk)
    old = len(desk.audited())
    ten_years = datetime(2036, 11, 20, 9, 0, tzinfo=UTC) - desk.clock.now()
    desk.clock.forward(60)
    newer = desk.talk()
    newer.gives(profile="person", first_name="Paolo Galli", contact="3289990011")
    newer.says(Command.AFFIRM)
    younger = desk.audited()[old:]

    desk.clock.forward(ten_years.total_seconds() - 61)
    desk.backend.maintenance.retain()
    assert len(desk.audited()) == old + len(younger)
    desk.clock.forward(1)
    desk.backend.maintenance.retain()

    assert desk.audited() == [*younger, "audit_pruned"]
    with desk.backend.uow(read_only=True) as uow:
        report = uow.audit.verify()
    assert (report.holds, report.entries) == (True, len(younger) + 1)


def test_a_dry_run_counts_by_family_and_market_and_deletes_nothing(desk: Desk) -> None:
    says(desk, opened(desk, "it"))
    says(desk, opened(desk, "id"))
    tracks(desk, opened(desk, "id"), (0, "user"))
    desk.talk()
    desk.clock.forward(61 * DAY)
    expected = [
        Retained("trackers", "id", 1),
        Retained("drafts", "", 1),
        Retained("messages", "id", 2),
        Retained("inbound", "id", 1),
        Retained("conversations", "id", 2),
    ]

    assert desk.backend.retention.run(dry_run=True) == expected
    assert desk.backend.retention.run(dry_run=True) == expected
    assert desk.backend.retention.run() == expected
    assert desk.backend.retention.run() == []


def test_many_rows_go_in_small_steps(desk: Desk) -> None:
    conversation = opened(desk, "it")
    for _ in range(5):
        says(desk, conversation)
    desk.clock.forward(91 * DAY)

    desk.backend.maintenance.retain(limit=2)

    assert [number_of(desk, one) for one in (conversations, messages, inbound, buttons)] == [0] * 4


def test_on_every_database(any_desk: Desk) -> None:
    kept = registers(any_desk)
    approves(any_desk, kept.request)
    answers(any_desk, kept.conversation_id)
    settled(any_desk)
    says(any_desk, opened(any_desk, "id"))
    tracks(any_desk, opened(any_desk, "id"))
    any_desk.clock.forward(60)
    any_desk.backend.maintenance.sweep()
    any_desk.clock.forward(4000 * DAY)

    any_desk.backend.maintenance.retain(limit=3)

    for table in (conversations, messages, inbound, buttons, challenges, pages, requests,
                  contact_changes, drafts):  # fmt: skip
        assert number_of(any_desk, table) == 0, table.name
    assert tracked(any_desk) == []
    with any_desk.backend.uow(read_only=True) as uow:
        assert uow.audit.verify().holds


def test_a_leap_day_is_ten_years_old_on_the_day_before_march() -> None:
    rules = Retention(
        drafts_minutes=15, transcripts_days=1, trackers_days=1, notices_days=1, challenges_days=1,
        requests_days=1, identity_documents_days=1, audit_years=10,
    )  # fmt: skip
    moment = datetime(2036, 2, 29, 12, tzinfo=UTC)

    assert rules.cutoff("audit", moment) == datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert rules.cutoff("drafts", moment) == moment - timedelta(minutes=15)
    assert rules.cutoff("transcripts", moment) == moment - timedelta(days=1)


def pruned_desk(desk: Desk) -> int:
    """Have the oldest entries of the audit deleted in due time; gives the number of the first."""
    registers(desk)
    desk.clock.forward(11 * 366 * DAY)
    assert desk.backend.maintenance.retain() > 0
    with desk.backend.uow(read_only=True) as uow:
        assert uow.audit.verify().holds
        return uow.connection.execute(select(func.min(audit.c.seq))).scalar_one()


@pytest.mark.parametrize("column", ["seq", "seal"])
def test_a_forged_beginning_of_the_audit_is_found(desk: Desk, column: str) -> None:
    first = pruned_desk(desk)
    value = first if column == "seq" else "0" * 64
    with desk.backend.uow() as uow:
        uow.connection.execute(
            update(audit_head).where(audit_head.c.id == 2).values({column: value})
        )
        uow.connection.commit()

    with desk.backend.uow(read_only=True) as uow:
        assert not uow.audit.verify().holds


def test_an_entry_cut_off_by_anybody_else_is_found(desk: Desk) -> None:
    first = pruned_desk(desk)
    with desk.backend.uow() as uow:
        uow.connection.execute(delete(audit).where(audit.c.seq == first))
        uow.connection.commit()

    with desk.backend.uow(read_only=True) as uow:
        assert uow.audit.verify().broken_at == first


def test_the_last_entry_of_the_audit_stays_so_that_the_chain_goes_on(desk: Desk) -> None:
    pruned_desk(desk)
    desk.clock.forward(11 * 366 * DAY)

    desk.backend.maintenance.retain()
    newer = desk.talk()
    newer.gives(profile="person", first_name="Paolo Galli", contact="3289990011")
    newer.says(Command.AFFIRM)

    assert len(desk.audited()) > 1
    with desk.backend.uow(read_only=True) as uow:
        assert uow.audit.verify().holds
