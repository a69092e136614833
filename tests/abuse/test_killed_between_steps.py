"""A process killed between any two steps, and in the middle of one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from backend.core.flow import Command, Step
from tests.backend.desk import Desk
from tests.backend.desk import Talk as DeskTalk
from tests.backend.services.link_policy.counter import (
    BUDI,
    accounts_with,
    confirmed,
    opens,
    takes_in,
)
from tests.backend.services.people import BUDI_MOBILE, GIULIA, registered
from tests.backend.services.registration.test_kills import killed_at_commit
from tests.backend.services.update_mobile.form import (
    NEW_BUDI,
    NEW_BUDI_WRITTEN,
    budi_proved,
)
from tests.backend.services.update_mobile.form import (
    customer as on_file,
)
from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, area_of, starts
from tests.stack import Stack
from tests.talk import PASSWORD, Talk


def kills(house: Stack, *names: str) -> None:
    """End processes as a power cut would, and start them again."""
    for name in names:
        house.end(name, signal.SIGKILL)
    for name in names:
        house.spawn(name)
    house.wait_until_ready()


# The whole house ---------------------------------------------------------------------------------


@pytest.mark.timeout(600)
@pytest.mark.parametrize("names", [("web",), ("actions",), ("web", "actions", "engine")])
def test_a_registration_survives_a_kill_between_its_steps(
    house: Stack, customer: Callable[..., Talk], names: tuple[str, ...]
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "contact")
    kills(house, *names)
    answers_until(talk, people.GIULIA, "otp_code")
    sent = len(talk.sent_to(people.GIULIA.contact))
    kills(house, *names)
    page = talk.says(talk.code_for(people.GIULIA.contact))
    assert page.asking == "password_page"
    seen = talk.history()["messages"][-1]["seq"]
    kills(house, names[0])
    link = next(link for link in page.links if "/t/" in link)
    assert talk.sets_password(link, PASSWORD["it"]).status_code == 200
    assert talk.comes_by_itself(seen)["state"]["flow"] is None

    assert sent == 1
    area = area_of(house.base, people.GIULIA.contact, PASSWORD["it"], talk, "+393201234519")
    assert "401122334" in area


@pytest.mark.parametrize("name", ["web", "actions"])
def test_a_message_under_way_when_a_process_is_killed_is_answered_once(
    house: Stack, customer: Callable[..., Talk], name: str
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "consent")
    before = talk.history()["messages"][-1]["seq"]
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(_tries, talk, "Accetto")
        threading.Event().wait(0.05)
        kills(house, name)
        under_way.result()
    if talk.history(after=before)["messages"] == []:
        _tries(talk, "Accetto")
    talk.comes_by_itself(before)
    if talk.history()["state"]["asking"] == "consent":
        talk.says("Accetto")

    assert talk.history()["state"]["asking"] == "otp_code"
    assert len(talk.sent_to(people.GIULIA.contact)) == 1
    assert talk.says(talk.code_for(people.GIULIA.contact)).asking == "password_page"


def _tries(talk: Talk, text: str) -> None:
    body = {"sender": talk.sender, "market": "it", "text": text}
    try:
        talk.http.post("/dev/messages", json=body)
    except httpx.HTTPError:
        return


# The services, at every commit -------------------------------------------------------------------


@pytest.mark.parametrize("commit", [1, 2])
def test_the_code_of_a_reset_is_taken_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, commit: int
) -> None:
    registered(desk, "giulia")
    talk = desk.talk("it", flow="reset_password", client="a-client")
    talk.gives(username=GIULIA, contact_choice="email")

    step = killed_and_run_again(talk, monkeypatch, commit, otp_code=desk.code_to(GIULIA))

    assert step.asking == "password_page"
    assert desk.audited().count("code_ok") == 2  # that of the registration, and this one


def test_a_new_password_is_set_once_though_its_post_was_cut_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(desk, "giulia")
    talk = desk.talk("it", flow="reset_password", client="a-client")
    talk.gives(username=GIULIA, contact_choice="email")
    page = talk.says(otp_code=desk.code_to(GIULIA)).page
    assert page
    token = desk.backend.pages.mint(page.id).rsplit("/", 1)[1]
    before = desk.audited().count("password_set")

    post = desk.backend.pages.set_password
    killed_at_commit(monkeypatch, 1, lambda: post(token, "Papavero2027"))
    assert desk.audited().count("password_set") == before
    post(token, "Papavero2027")

    assert desk.backend.area.login(GIULIA, "Papavero2027").token


def test_a_policy_is_linked_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    account = registered(desk, "budi")
    takes_in(desk, BUDI | {"customer_id": "ID-9003", "policy_number": "00190003"})
    talk = opens(desk, account, contact=BUDI_MOBILE)
    talk.gives(policy_number="00190003", date_of_birth="17/8/1990")
    turn = talk.turn(Command.AFFIRM)

    killed_at_commit(monkeypatch, 1, lambda: talk.flow.advance(turn))
    assert accounts_with(desk, "00190003") == 0
    talk.flow.advance(turn)

    assert accounts_with(desk, "00190003") == 1
    assert desk.audited().count("policy_linked") == 1
    assert confirmed(opens(desk, account, contact=BUDI_MOBILE), "00190003").remarks[0].code == (
        "policy_already_linked"
    )


@pytest.mark.parametrize("commit", [1, 2])
def test_a_mobile_is_changed_once(desk: Desk, monkeypatch: pytest.MonkeyPatch, commit: int) -> None:
    account = registered(desk, "budi")
    talk = budi_proved(desk, account.username)
    talk.says(new_mobile=NEW_BUDI_WRITTEN)
    talk.says(Command.AFFIRM)

    killed_and_run_again(talk, monkeypatch, commit, otp_code=desk.code_to(NEW_BUDI))

    assert on_file(desk, "ID-0001", "id").details.mobile == NEW_BUDI
    assert desk.audited().count("mobile_changed") == 1


def killed_and_run_again(
    talk: DeskTalk, monkeypatch: pytest.MonkeyPatch, commit: int, **answers: str
) -> Step:
    """The turn is broken off before that commit; the gateway gives the same message again."""
    turn = talk.turn(**answers)
    killed_at_commit(monkeypatch, commit, lambda: talk.flow.advance(turn))
    talk.step = talk.flow.advance(turn)
    return talk.step
