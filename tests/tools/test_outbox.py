"""The outbox's commands, and the steps to a sandbox, as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.notices import Words
from backend.settings import load
from tests.command_line import own_database, run
from tools import whatsapp_sandbox
from tools.opened import opened_backend

MOBILE = "+393331234567"


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_database(tmp_path, monkeypatch)


@pytest.fixture
def letter() -> str:
    """A message that was given up."""
    with opened_backend() as backend, backend.uow() as uow:
        made = uow.notices.add(
            channel="whatsapp",
            to=MOBILE,
            template="reply",
            language="it",
            words=Words(None, "La sua richiesta è approvata."),
            now=backend.clock.now(),
            lane="c_1",
            sender="+390612345678",
        )
        uow.notices.note(
            made,
            status="dead",
            due_at=None,
            settled_at=backend.clock.now(),
            reason="not_delivered",
            delivery_code=63024,
        )
        uow.commit()
    return made


def test_what_was_given_up_is_listed_without_anything_personal(letter: str) -> None:
    status, output, _ = run("outbox", "dead")
    assert status == 0
    for told in (letter, "whatsapp", "not_delivered", "63024", "kept"):
        assert told in output
    assert MOBILE not in output
    assert "approvata" not in output


def test_what_was_given_up_is_sent_again_once_asked_for(letter: str) -> None:
    assert run("outbox", "resend", letter)[:2] == (0, f"{letter} will be sent again.\n")
    assert run("outbox", "dead")[1] == "None.\n"
    assert run("outbox", "resend", letter)[0] == 1


def test_another_channel_has_none(letter: str) -> None:
    assert run("outbox", "dead", "--channel", "sms")[1] == "None.\n"


def test_the_steps_to_the_sandbox_are_filled_in_and_show_no_secret() -> None:
    settings = load(
        public_base_url="https://desk.example.com",
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="not-to-be-shown",
        whatsapp_numbers="it=+390612345678",
    )
    told = "\n".join(whatsapp_sandbox.steps(settings))
    for expected in (
        "https://desk.example.com/whatsapp/inbound",
        "https://desk.example.com/whatsapp/status",
        "SPORTELLO_WHATSAPP_NUMBERS=it=+390612345678",
        "SPORTELLO_TRUSTED_HOSTS=127.0.0.1,localhost,testserver,desk.example.com",
    ):
        assert expected in told
    assert "not-to-be-shown" not in told


def test_the_steps_say_what_is_missing() -> None:
    told = "\n".join(whatsapp_sandbox.steps(load()))
    assert "which Twilio cannot reach" in told
    assert f"it={whatsapp_sandbox.SANDBOX}" in told
