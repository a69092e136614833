"""Policies that are somebody else's, lapsed, or of a kind that does not go together."""

from __future__ import annotations

import pytest

from tests.conversations.cases import LINK, Case, first_button
from tests.conversations.effects import area_by, outbox
from tests.conversations.manners import errs
from tests.conversations.visitors import Visitors
from tests.talk import PASSWORD
from tests.walk import Walk

OF_BUDI = [
    Case("link_policy", "budi", language, case.opening, LINK[1].answers)
    for language, case in (("it", LINK[0]), ("id", LINK[1]), ("en", LINK[2]))
]
OF_AGUS = [
    Case("link_policy", "agus", language, case.opening)
    for language, case in (("it", LINK[0]), ("id", LINK[1]), ("en", LINK[2]))
]
LAPSED = Case(
    "link_policy", "sara", "it", "Vorrei collegare un'altra polizza al mio account",
    {"policy_number": "407700990", "date_of_birth": "1/12/1995", "confirmation": first_button},
)  # fmt: skip
SITIS, NOBODYS = "00133872", "00133999"
TAILS = {
    "it": ("no, il numero finisce con 9", "no, il numero è 12"),
    "id": ("bukan, belakangnya 9", "bukan, nomor polisnya 12"),
    "en": ("no, it ends in 9", "no, the policy number is 12"),
}
each_language = pytest.mark.parametrize("case", OF_BUDI, ids=str)


def with_answers(walk: Walk, **answers: str) -> Walk:
    """Whose buttons are pressed by their place: the titles differ by language."""
    walk.answers = {**walk.answers, "policy_type": first_button, **answers}
    return walk


@each_language
def test_somebody_elses_policy_sounds_like_one_that_is_not_there(
    visitors: Visitors, case: Case
) -> None:
    walk = with_answers(visitors.begins(case), policy_number=SITIS)
    walk.until("confirmation")
    sent = len(outbox(walk.talk))
    others = walk.answer()
    assert others.asking == "policy_number"
    assert len(outbox(walk.talk)) == sent, "a code or notice went out"
    with_answers(walk, policy_number=NOBODYS)
    walk.until("confirmation")

    assert walk.answer().text == others.text
    assert SITIS not in area_by(
        walk.talk, str(walk.answers["username"]), PASSWORD["id"], walk.contacts[0]
    )


@pytest.mark.parametrize("case", OF_AGUS, ids=str)
def test_group_to_group_is_refused_before_anything_is_sent(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "policy_type")
    sent = len(outbox(walk.talk))
    ended = walk.gives("Group")

    assert ended.flow is None
    assert "Group" in ended.text
    assert "DPLK" in ended.text
    assert len(outbox(walk.talk)) == sent
    assert walk.gives(ended.titles[0]).asking == "policy_type"


def test_the_number_tells_a_group_policy_whatever_was_pressed(visitors: Visitors) -> None:
    walk = with_answers(visitors.begins(OF_AGUS[1]))
    walk.until("policy_number")
    ended = walk.gives("GRP-2305-0044")

    assert (ended.flow, "Group" in ended.text) == (None, True), ended


def test_a_lapsed_policy_is_told_to_its_owner(visitors: Visitors) -> None:
    walk = visitors.begins(LAPSED)
    ended = walk.until(None)

    assert "non più attiva" in ended.text
    assert "407700990" not in area_by(
        walk.talk, "sara.rizzo@example.it", PASSWORD["it"], "+393668887766"
    )


@each_language
def test_a_digit_corrected_at_the_summary_is_the_one_that_counts(
    visitors: Visitors, case: Case
) -> None:
    walk = with_answers(visitors.begins(case), policy_number="00120991")
    walk.until("confirmation")
    corrected = walk.gives(TAILS[case.language][0])
    assert corrected.asking == "confirmation", corrected
    assert corrected.text.count("*****999") == 2, corrected.text
    walk.until(None)

    assert "00120999" in area_by(
        walk.talk, str(walk.answers["username"]), PASSWORD["id"], walk.contacts[0]
    )


@each_language
def test_a_bad_correction_leaves_what_was_there(visitors: Visitors, case: Case) -> None:
    walk = with_answers(visitors.begins(case), policy_number="00120999")
    walk.until("confirmation")
    refused = walk.gives(TAILS[case.language][1])
    assert refused.asking == "confirmation"
    assert len(refused.titles) > 1
    walk.gives({"it": "sì, collega", "id": "ya, hubungkan", "en": "yes, link it"}[case.language])

    assert "00120999" in area_by(
        walk.talk, str(walk.answers["username"]), PASSWORD["id"], walk.contacts[0]
    )


@each_language
def test_three_malformed_numbers_are_told_in_three_ways(visitors: Visitors, case: Case) -> None:
    walk = with_answers(visitors.begins(case))
    walk.until("policy_number")

    errs(walk, ("12", "12 3", "99"))
    walk.until("confirmation")


def test_five_policies_that_do_not_fit_end_with_a_person(visitors: Visitors) -> None:
    walk = with_answers(visitors.begins(OF_BUDI[1]), policy_number=NOBODYS)
    for _ in range(6):
        walk.until("confirmation")
        if walk.answer().flow is None:
            break

    assert walk.talk.last.flow is None
    assert "petugas" in walk.talk.last.text.lower()
