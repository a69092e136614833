"""When a part of the house does not answer: an apology with a way on, and nothing half-done."""

from __future__ import annotations

from collections.abc import Callable

from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, starts
from tests.stack import Stack
from tests.talk import Talk


def test_without_the_action_server_there_is_an_apology_and_the_answer_can_be_given_again(
    house: Stack, customer: Callable[..., Talk]
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "contact")
    house.end("actions")
    try:
        sorry = talk.says("giulia.bianchi@example.it")
        assert len(sorry.text) > 20
        assert talk.http.get("/health/ready").status_code == 503
    finally:
        house.spawn("actions")
        house.wait_until_ready()

    again = talk.says("giulia.bianchi@example.it")
    assert again.asking == "consent"


def test_without_the_engine_there_is_an_apology_and_the_conversation_goes_on_later(
    house: Stack, customer: Callable[..., Talk]
) -> None:
    talk = customer("id", "id")
    starts(talk, "id")
    house.end("engine")
    try:
        sorry = talk.says("Individu")
        assert len(sorry.text) > 20
        ready = talk.http.get("/health/ready")
        assert ready.status_code == 503
        assert "engine" in ready.text
    finally:
        house.spawn("engine")
        house.wait_until_ready()

    assert talk.says("Individu").asking == "policy_number"
