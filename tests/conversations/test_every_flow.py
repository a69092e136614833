"""What holds in the middle of every flow, whichever it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.cases import EVERY, ONE_EACH, Case, begins
from tests.stack import Stack
from tests.talk import Talk

QUESTION = {
    "it": ("Scusi, quanto vale il codice che mandate?", "2 minuti"),
    "id": ("Kode OTP-nya berlaku berapa lama ya?", "2 menit"),
    "en": ("How long is the code valid?", "2 minutes"),
}
CANCEL = {
    "it": "lasciamo perdere, annulla tutto",
    "id": "batalkan saja",
    "en": "forget it, cancel please",
}
OTHER = {
    "it": ("Anzi, ho dimenticato la password", "Vorrei registrarmi"),
    "id": ("Eh, saya lupa kata sandi", "Saya mau daftar akun baru"),
    "en": ("Actually, I forgot my password", "I'd like to register an account"),
}
WHY = {"it": "perché vi serve?", "id": "kenapa perlu data itu?", "en": "why do you need that?"}
LANGUAGES = {
    "it": ("can we go on in English please?", "en"),
    "id": ("can we go on in English please?", "en"),
    "en": ("possiamo continuare in italiano?", "it"),
}
every_flow = pytest.mark.parametrize("case", EVERY, ids=str)
one_each = pytest.mark.parametrize("case", ONE_EACH, ids=lambda case: case.flow)


@every_flow
def test_a_question_is_answered_and_the_same_thing_asked_again(
    customer: Callable[..., Talk], case: Case
) -> None:
    walk = begins(customer, case)
    question, answer = QUESTION[case.language]
    asking = walk.talk.last.asking
    reply = walk.talk.says(question)

    assert answer in reply.text
    assert (reply.flow, reply.asking) == (case.flow, asking)


@every_flow
def test_giving_up_ends_it(customer: Callable[..., Talk], case: Case) -> None:
    walk = begins(customer, case)

    assert walk.talk.says(CANCEL[case.language]).flow is None


@every_flow
def test_another_task_is_asked_about_and_can_be_changed_to(
    customer: Callable[..., Talk], case: Case
) -> None:
    walk = begins(customer, case)
    asking = walk.talk.last.asking
    wish = OTHER[case.language][case.flow == "reset_password"]
    wanted = "register" if case.flow == "reset_password" else "reset_password"

    offered = walk.talk.says(wish)
    assert (offered.flow, offered.asking) == (case.flow, "flow_choice"), offered
    assert len(offered.titles) == 2
    stays = walk.talk.presses(offered.titles[0])
    assert (stays.flow, stays.asking) == (case.flow, asking), stays

    again = walk.talk.says(wish)
    changed = walk.talk.presses(again.titles[1])
    assert changed.flow == wanted, changed


@one_each
def test_why_is_answered_for_what_is_being_asked(customer: Callable[..., Talk], case: Case) -> None:
    walk = begins(customer, case)
    asking = walk.talk.last.asking
    reply = walk.talk.says(WHY[case.language])

    assert (reply.flow, reply.asking) == (case.flow, asking)
    assert len(reply.text) > 60


@one_each
def test_another_language_keeps_the_question(customer: Callable[..., Talk], case: Case) -> None:
    walk = begins(customer, case)
    asking = walk.talk.last.asking
    words, language = LANGUAGES[case.language]
    reply = walk.talk.says(words)

    assert (reply.flow, reply.asking, reply.state["language"]) == (case.flow, asking, language)


@one_each
def test_an_idle_flow_is_forgotten_and_says_so(customer: Callable[..., Talk], case: Case) -> None:
    walk = begins(customer, case)
    walk.talk.moves_clock(15 * 60 + 1)
    reply = walk.talk.says("Giulia Bianchi")

    assert reply.flow is None
    assert reply.titles


@one_each
def test_with_the_action_server_down_nothing_is_lost(
    house: Stack, customer: Callable[..., Talk], case: Case
) -> None:
    walk = begins(customer, case)
    asking = walk.talk.last.asking
    house.end("actions")
    try:
        sorry = walk.talk.says("Giulia Bianchi")
        assert len(sorry.text) > 20
    finally:
        house.spawn("actions")
        house.wait_until_ready()

    assert walk.talk.says(QUESTION[case.language][0]).asking == asking
