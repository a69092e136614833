"""Data that are misspelt, and data that are corrected at the summary."""

from __future__ import annotations

import pytest

from tests.conversations.cases import RECOVER, Case
from tests.conversations.effects import outbox
from tests.conversations.manners import errs
from tests.conversations.visitors import Visitors
from tests.walk import Walk

TAILS = {
    "it": ("no, il numero finisce con 4", "no, il numero è 12"),
    "id": ("bukan, belakangnya 1", "bukan, nomor polisnya 12"),
    "en": ("no, it ends in 1", "no, the policy number is 12"),
}
SLIPPED = {"it": "401122335", "id": "00120459", "en": "00189919"}
MASKS = {"it": "******334", "id": "*****451", "en": "*****911"}
every_language = pytest.mark.parametrize("case", RECOVER, ids=str)


def at_the_summary(visitors: Visitors, case: Case, **answers: str) -> Walk:
    walk = visitors.walks(case)
    walk.answers = {**walk.answers, **answers}
    walk.begins(case.opening, case.flow)
    walk.until("confirmation")
    return walk


@every_language
def test_a_digit_corrected_by_words_is_the_one_that_counts(visitors: Visitors, case: Case) -> None:
    name = visitors.has_account(case)
    walk = at_the_summary(visitors, case, policy_number=SLIPPED[case.language])
    corrected = walk.gives(TAILS[case.language][0])

    assert corrected.asking == "confirmation"
    assert corrected.text.count(MASKS[case.language]) == 2, corrected.text
    walk.until(None)
    assert name in walk.talk.sent_to(walk.contacts[0])[0]["body"]


@every_language
def test_a_bad_correction_leaves_what_was_there(visitors: Visitors, case: Case) -> None:
    name = visitors.has_account(case)
    walk = at_the_summary(visitors, case)
    refused = walk.gives(TAILS[case.language][1])

    assert refused.asking == "confirmation"
    assert len(refused.titles) > 2, refused
    confirmed = walk.gives({"it": "sì, cerca", "id": "ya, cari", "en": "yes"}[case.language])
    assert confirmed.flow is None, confirmed
    assert name in walk.talk.sent_to(walk.contacts[0])[0]["body"]


@every_language
def test_three_malformed_policy_numbers_are_told_in_three_ways(
    visitors: Visitors, case: Case
) -> None:
    walk = visitors.walks(case)
    walk.begins(case.opening, case.flow)
    walk.until("policy_number")

    errs(walk, ("12", "12 3", "99"))
    walk.until("confirmation")


def test_giving_up_at_the_summary_sends_nothing(visitors: Visitors) -> None:
    visitors.has_account(RECOVER[0])
    walk = at_the_summary(visitors, RECOVER[0])
    sent = len(outbox(walk.talk))

    assert walk.gives("lasciamo perdere, annulla tutto").flow is None
    assert len(outbox(walk.talk)) == sent


def test_too_many_tries_end_with_a_person_whether_they_fit_or_not(visitors: Visitors) -> None:
    visitors.has_account(RECOVER[0])
    ended = ""
    walk = visitors.walks(RECOVER[0])
    for _ in range(6):
        walk.begins(RECOVER[0].opening, "recover_username")
        ended = walk.until(None).text

    assert ended != walk.heard[4], "the sixth was answered like the first"
    assert "assistenza" in ended
