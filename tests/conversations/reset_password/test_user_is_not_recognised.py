"""User names that do not exist, are no user names, or whose contacts are gone."""

from __future__ import annotations

import re

import pytest

from tests.conversations.cases import RESET, Case
from tests.conversations.effects import outbox
from tests.conversations.manners import errs
from tests.conversations.visitors import Visitors
from tests.walk import Walk

NOBODY = {
    "it": [f"nessuno.{n}@example.it" for n in "abcdef"],
    "id": [f"tidak999{n}ad" for n in "234567"],
    "en": [f"nobody.{n}@example.com" for n in "abcdef"],
}
MALFORMED = {
    "it": ("giulia.bianchi@", "giulia.bianchi@example", "0123"),
    "id": ("budi santoso", "12 34", "b u d i"),
    "en": ("john.obrien@", "john@@example", "0123"),
}
NONE = {"it": "Nessuno di questi", "id": "Tidak ada yang cocok", "en": "None of these"}
every_language = pytest.mark.parametrize("case", RESET, ids=str)
MASK = re.compile(r"\d+ \*+\d+|[\w*]+@[\w*]+(?:\.\w+)+")


@every_language
def test_an_unknown_user_name_gets_the_same_words_and_no_code(
    visitors: Visitors, case: Case
) -> None:
    known = visitors.begins(case, "otp_code")
    sent = len(outbox(known.talk))
    unknown = seems_to_have_two_contacts(visitors, case)
    unknown.until("otp_code")

    assert _without_masks(unknown.heard) == _without_masks(known.heard)
    assert len(outbox(known.talk)) == sent
    wrong = [walk.gives("123450").text for walk in (known, unknown)]
    assert wrong[0] == wrong[1]


def seems_to_have_two_contacts(visitors: Visitors, case: Case) -> Walk:
    """A conversation of nobody's: like customers, one in a few seems to have one contact only."""
    for nobody in NOBODY[case.language]:
        walk = visitors.walks(case, {"username": nobody})
        walk.begins(case.opening, case.flow)
        if walk.answer().asking == "contact_choice":
            return walk
    raise AssertionError("every unknown user name seems to have one contact")


@every_language
def test_what_is_no_user_name_is_told_in_three_ways(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "username")

    errs(walk, MALFORMED[case.language])
    assert walk.answer().asking == "contact_choice"


@every_language
def test_without_any_of_the_contacts_there_is_a_way_on(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "contact_choice")
    ended = walk.gives(NONE[case.language])

    assert ended.flow is None
    assert len(ended.text) > 60
    assert walk.gives(ended.titles[0]).flow == "update_mobile"


def test_the_other_contact_is_the_answer_however_it_is_written(visitors: Visitors) -> None:
    for said in ("all'email", "giulia.bianchi@example.it", "2"):
        walk = visitors.walks(RESET[0], {"username": "giulia.bianchi@example.it"})
        walk.begins(RESET[0].opening, "reset_password")
        walk.until("contact_choice")
        chosen = walk.gives(said)

        assert chosen.asking == "otp_code", (said, chosen)
        assert "gi****@e****.it" in chosen.text


def _without_masks(heard: list[str]) -> list[str]:
    return [MASK.sub("…", text) for text in heard]
