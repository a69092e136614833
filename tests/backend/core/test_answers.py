"""What the answers of one message do to a draft."""

from __future__ import annotations

import datetime as dt

import pytest

from backend.core.answers import WHOLE_NAME, Answers
from backend.core.drafts import FlowDraft
from backend.core.fields import FieldContext
from backend.core.flow import Command
from backend.core.limits import Limits
from backend.markets import load_markets
from tests.backend.desk import ROOT

MARKETS = load_markets(ROOT / "markets", Limits())
NAME = ("first_name", "last_name")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"first_name": "Giulia Neri", WHOLE_NAME: "Giulia Neri"}, ("Giulia", "Neri")),
        ({"first_name": "Marta", WHOLE_NAME: "Marta"}, ("Marta", "Bianchi")),
        ({"first_name": "Anna Maria"}, ("Anna Maria", "Bianchi")),
    ],
)
def test_a_name_given_anew_as_a_whole_changes_both_halves(
    answers: dict[str, str], expected: tuple[str, str]
) -> None:
    draft = FlowDraft("it", values={"first_name": "Giulia", "last_name": "Bianchi"})
    context = FieldContext(MARKETS["it"], dt.date(2026, 1, 1))
    reader = Answers(draft, context, "contact", order=NAME, open_slots=lambda: NAME)

    reader.absorb(answers, Command.NONE)

    assert (draft.values["first_name"], draft.values["last_name"]) == expected
