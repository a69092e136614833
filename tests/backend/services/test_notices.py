from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from backend.adapters.tables.notices import notices as table
from backend.core.errors import Fact, Rejected, Unavailable
from backend.core.notices import ATTEMPTS, OUTCOME_UNKNOWN, Status, wait_before_next
from tests.backend.services.outbox import CODE, CODE_LIFE, MAILBOX, MOBILE, PRODUCT, Outbox

# Posting ----------------------------------------------------------------------------------------


def test_a_message_that_was_not_committed_is_never_sent(outbox: Outbox) -> None:
    with outbox.uow() as uow:
        outbox.notices.post(uow, "sms", MOBILE, "code", "it", CODE, CODE_LIFE)
    assert outbox.notices.deliver_due() == 0
    assert not outbox.sms.sent


def test_an_sms_says_the_code_and_how_long_it_lives(outbox: Outbox) -> None:
    posted = outbox.post_code()
    assert outbox.notices.deliver_due() == 1
    (sent,) = outbox.sms.sent
    assert (sent.id, sent.to, sent.subject, sent.language) == (posted, MOBILE, None, "it")
    assert sent.body.startswith("012345 è il suo codice per Area Clienti: vale 2 minuti.")


def test_an_email_has_subject_and_body_in_the_language_asked_for(outbox: Outbox) -> None:
    outbox.post_welcome()
    outbox.notices.deliver_due()
    (sent,) = outbox.email.sent
    assert sent.subject == "Your password for Area Clienti is set"
    assert sent.body.startswith("Hello,")
    assert sent.valid_for is None


def test_minutes_that_are_given_win_over_the_derived_ones(outbox: Outbox) -> None:
    facts: dict[str, Fact] = {
        **CODE,
        "minutes": 2,
        "link_minutes": 10,
        "url": "https://sportello.example/t/x",
    }
    with outbox.uow() as uow:
        life = timedelta(minutes=10)
        outbox.notices.post(uow, "sms", MOBILE, "code_and_link", "it", facts, life)
        uow.commit()
    outbox.notices.deliver_due()
    assert "vale 2 minuti" in outbox.sms.sent[0].body


@pytest.mark.parametrize(
    ("channel", "template", "facts"),
    [("fax", "code", CODE), ("sms", "unheard_of", CODE), ("sms", "code", PRODUCT)],
)
def test_a_message_that_cannot_be_worded_stops_its_cause(
    outbox: Outbox, channel: str, template: str, facts: dict[str, str]
) -> None:
    with outbox.uow() as uow, pytest.raises(KeyError):
        outbox.notices.post(uow, channel, MOBILE, template, "it", facts, CODE_LIFE)


def test_neither_contact_nor_words_are_readable_in_the_database(
    outbox: Outbox, tmp_path: Path
) -> None:
    outbox.post_code()
    outbox.post_welcome()
    outbox.engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"password_set" in stored
    for secret in (MOBILE, MOBILE[3:], MAILBOX, "012345", "codice"):
        assert secret.encode() not in stored


# Delivering -------------------------------------------------------------------------------------


def test_what_was_sent_is_not_sent_again(outbox: Outbox) -> None:
    posted = outbox.post_code()
    assert [outbox.notices.deliver_due() for _ in range(3)] == [1, 0, 0]
    row = outbox.row(posted)
    assert (row["status"], row["provider_id"]) == (Status.SENT, "fake-1")


def test_words_are_gone_once_sent(outbox: Outbox) -> None:
    posted = outbox.post_code()
    outbox.notices.deliver_due()
    assert outbox.row(posted)["words_sealed"] is None
    assert outbox.notices.listing() == []


@pytest.mark.parametrize("failure", [Rejected("sms_refused"), None])
def test_words_are_gone_however_the_message_ends(outbox: Outbox, failure: Exception | None) -> None:
    posted = outbox.post_code()
    outbox.sms.failure = failure
    if failure is None:
        outbox.clock.advance(CODE_LIFE)
    outbox.notices.deliver_due()
    assert outbox.row(posted)["words_sealed"] is None


def test_no_more_than_the_limit_leave_at_once(outbox: Outbox) -> None:
    for _ in range(5):
        outbox.post_code()
    assert [outbox.notices.deliver_due(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_what_runs_out_goes_before_what_does_not(outbox: Outbox) -> None:
    welcome = outbox.post_welcome()
    code = outbox.post_code()
    outbox.notices.deliver_due(limit=1)
    assert outbox.row(code)["status"] == Status.SENT
    assert outbox.row(welcome)["status"] == Status.PENDING


@pytest.mark.parametrize(("waited", "sent"), [(119, 1), (120, 0), (121, 0)])
def test_a_code_that_is_dead_is_never_sent(outbox: Outbox, waited: int, sent: int) -> None:
    posted = outbox.post_code()
    outbox.clock.forward(waited)
    assert outbox.notices.deliver_due() == sent == len(outbox.sms.sent)
    assert outbox.row(posted)["status"] == (Status.SENT if sent else Status.EXPIRED)


def test_the_sender_is_told_how_long_the_code_still_lives(outbox: Outbox) -> None:
    outbox.post_code()
    outbox.clock.forward(30)
    outbox.notices.deliver_due()
    assert outbox.sms.sent[0].valid_for == timedelta(seconds=90)


# Failing ----------------------------------------------------------------------------------------


def test_a_failure_that_may_pass_is_tried_again_after_a_wait(outbox: Outbox) -> None:
    posted = outbox.post_code()
    outbox.sms.failure = Unavailable("sms_unreachable")
    assert outbox.notices.deliver_due() == 0
    outbox.sms.failure = None
    assert outbox.notices.deliver_due() == 0  # not yet
    outbox.clock.forward(2)
    assert outbox.notices.deliver_due() == 1
    assert outbox.row(posted)["attempts"] == 2


def test_a_code_that_the_provider_may_have_taken_is_not_sent_twice(outbox: Outbox) -> None:
    posted = outbox.post_code()
    outbox.sms.failure = Unavailable("sms_unreachable", outcome=OUTCOME_UNKNOWN)
    outbox.notices.deliver_due()
    outbox.sms.failure = None
    outbox.clock.forward(60)
    assert outbox.notices.deliver_due() == 0
    row = outbox.row(posted)
    assert (row["status"], row["reason"]) == (Status.DEAD, OUTCOME_UNKNOWN)


def test_another_message_that_the_provider_may_have_taken_is_tried_again(outbox: Outbox) -> None:
    outbox.post_welcome()
    outbox.email.failure = Unavailable("email_unreachable", outcome=OUTCOME_UNKNOWN)
    outbox.notices.deliver_due()
    outbox.email.failure = None
    outbox.clock.forward(60)
    assert outbox.notices.deliver_due() == 1


def test_a_refusal_for_good_is_not_tried_again(outbox: Outbox) -> None:
    posted = outbox.post_code()
    outbox.sms.failure = Rejected("sms_refused", provider_code=21614)
    outbox.notices.deliver_due()
    outbox.sms.failure = None
    outbox.clock.forward(60)
    assert outbox.notices.deliver_due() == 0
    row = outbox.row(posted)
    assert (row["status"], row["reason"]) == (Status.DEAD, "sms_refused")


def test_a_code_gets_several_tries_while_it_lives_and_none_after(outbox: Outbox) -> None:
    posted = outbox.post_code()
    outbox.sms.failure = Unavailable()
    for _ in range(130):
        outbox.notices.deliver_due()
        outbox.clock.forward(1)
    row = outbox.row(posted)
    assert row["status"] == Status.EXPIRED
    assert row["settled_at"] == outbox.clock.now() - timedelta(seconds=10)  # the very second
    assert isinstance(row["attempts"], int)
    assert 6 <= row["attempts"] <= 9


def test_a_message_without_an_end_is_given_up_after_its_attempts(outbox: Outbox) -> None:
    posted = outbox.post_welcome()
    outbox.email.failure = Unavailable("email_deferred")
    for attempt in range(ATTEMPTS):
        assert outbox.row(posted)["attempts"] == attempt
        outbox.notices.deliver_due()
        outbox.clock.forward(600)
    row = outbox.row(posted)
    assert (row["status"], row["reason"]) == (Status.DEAD, "email_deferred")
    assert outbox.notices.deliver_due() == 0
    assert outbox.row(posted)["attempts"] == ATTEMPTS


def test_waits_double_with_jitter_up_to_ten_minutes() -> None:
    longest = [
        wait_before_next(attempts, 1.0).total_seconds() for attempts in range(1, ATTEMPTS + 1)
    ]
    assert longest == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]
    assert wait_before_next(3, 0.0) == timedelta(seconds=4)


def test_a_channel_that_fails_does_not_hold_up_another(outbox: Outbox) -> None:
    """Each failing connection costs its whole timeout: one try for a channel is enough."""
    for _ in range(3):
        outbox.post_welcome()
    outbox.post_code()
    outbox.email.failure = Unavailable()
    assert outbox.notices.deliver_due() == 1
    with outbox.engine.connect() as connection:
        tried = connection.execute(select(table.c.attempts).where(table.c.channel == "email"))
        assert sorted(tried.scalars()) == [0, 0, 1]


def test_a_mistake_in_a_sender_stops_neither_the_others_nor_shows_the_message(
    outbox: Outbox,
) -> None:
    first = outbox.post_code()
    outbox.post_welcome()
    outbox.sms.failure = RuntimeError(f"cannot send 012345 to {MOBILE}")
    with capture_logs() as logs:
        assert outbox.notices.deliver_due() == 1
    assert outbox.row(first)["reason"] == "unexpected_RuntimeError"
    assert logs[0]["reason"] == "unexpected_RuntimeError"
    assert MOBILE not in str(logs)
    assert "012345" not in str(logs)


def test_a_message_sealed_with_another_key_is_given_up(outbox: Outbox) -> None:
    posted = outbox.post_code()
    with outbox.engine.begin() as connection:
        connection.execute(text("UPDATE notices SET words_sealed = x'01020304'"))
    outbox.post_welcome()
    assert outbox.notices.deliver_due() == 1
    assert outbox.row(posted)["reason"] == "unreadable"


def test_a_delay_is_logged_with_what_the_provider_said(outbox: Outbox) -> None:
    outbox.post_code()
    outbox.sms.failure = Unavailable("sms_deferred", status=429, provider_code=20429)
    with capture_logs() as logs:
        outbox.notices.deliver_due()
    assert logs[0]["event"] == "notice_delayed"
    assert (logs[0]["reason"], logs[0]["provider_code"]) == ("sms_deferred", 20429)


# The development outbox -------------------------------------------------------------------------


def test_development_reads_what_was_sent_newest_first(outbox: Outbox) -> None:
    worker = outbox.worker(keep_words=True)
    first = outbox.post_code()
    worker.deliver_due()
    outbox.clock.forward(-60)  # development may set its clock back
    second = outbox.post_welcome()
    listed = worker.listing()
    assert [entry["id"] for entry in listed] == [second, first]
    assert listed[0]["subject"] == "Your password for Area Clienti is set"
    assert listed[1] == {
        "id": first,
        "channel": "sms",
        "to": MOBILE,
        "subject": None,
        "body": listed[1]["body"],
        "created_at": "2026-11-20T09:00:00+00:00",
    }
    assert "012345" in listed[1]["body"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (MOBILE, 1),
        (" 393201234519", 1),  # a `+` that a URL turned into a space
        ("+39 320 12 34 519", 1),
        (MAILBOX, 1),
        ("Giulia.Bianchi@Example.it ", 1),
        ("+393201234510", 0),
        ("someone.else@example.it", 0),
        (None, 2),
    ],
)
def test_development_reads_the_messages_of_one_contact(
    outbox: Outbox, asked: str | None, found: int
) -> None:
    outbox.post_code()
    outbox.post_welcome()
    assert len(outbox.notices.listing(asked)) == found


def test_a_database_that_does_not_answer_is_told_to_the_caller(tmp_path: Path) -> None:
    box = Outbox("postgresql+psycopg://postgres@127.0.0.1:9/nowhere")
    with pytest.raises(Unavailable, match="database_unavailable"):
        box.notices.deliver_due()
