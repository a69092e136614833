"""What was called wrong, refused or offered in passing, in whole conversations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.cases import RESET, Case
from tests.conversations.visitors import Visitors
from tests.talk import Talk

_ITALIAN = next(case for case in RESET if case.market == "it" and case.language == "it")
_APP = {
    "it": ("Come si scarica l'app?", "sì"),
    "id": ("Di mana saya bisa unduh aplikasinya?", "ya, boleh"),
    "en": ("Where can I download the app?", "yes please"),
}


@pytest.mark.parametrize("language", ["it", "id", "en"])
def test_a_yes_takes_up_the_registration_offered_with_an_answer(
    customer: Callable[..., Talk], language: str
) -> None:
    question, yes = _APP[language]
    talk = customer("it", language)
    talk.says(question)

    assert talk.says(yes).flow == "register"


def test_a_yes_to_several_offers_brings_help(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    talk.says("Buongiorno")
    reply = talk.says("sì")

    assert (reply.flow, bool(reply.titles)) == (None, True)


@pytest.mark.parametrize("text", ["DPLK non ce l'ho", "No, DPLK no"])
def test_a_policy_type_that_is_refused_is_not_chosen(
    customer: Callable[..., Talk], text: str
) -> None:
    talk = customer("id", "it")
    talk.says("vorrei registrarmi")
    reply = talk.says(text)

    assert (reply.flow, reply.asking) == ("register", "policy_type"), reply


@pytest.mark.parametrize(
    "text", ["ho sbagliato il nome utente", "Scusi, il nome utente è sbagliato"]
)
def test_a_user_name_called_wrong_is_asked_again(visitors: Visitors, text: str) -> None:
    case: Case = _ITALIAN
    walk = visitors.begins(case, "contact_choice")
    reply = walk.gives(text)
    assert (reply.flow, reply.asking) == ("reset_password", "username"), reply

    reply = walk.gives("sara.rizzo@example.it")

    assert (reply.flow, reply.asking) == ("reset_password", "contact_choice"), reply
    assert "sa****@e****.it" in reply.text
