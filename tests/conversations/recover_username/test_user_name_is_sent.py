"""A forgotten user name goes to the contacts on file, never into the chat."""

from __future__ import annotations

import pytest

from tests.conversations.cases import RECOVER, Case
from tests.conversations.effects import outbox
from tests.conversations.visitors import Visitors

every_language = pytest.mark.parametrize("case", RECOVER, ids=str)


@every_language
def test_the_contacts_on_file_get_the_user_name_and_the_chat_does_not(
    visitors: Visitors, case: Case
) -> None:
    name = visitors.has_account(case)
    walk = visitors.walks(case)
    walk.begins(case.opening, case.flow)
    walk.until(None)

    for contact in walk.contacts:
        assert name in walk.talk.sent_to(contact)[0]["body"]
    assert name not in "\n".join(walk.heard)


@every_language
def test_fitting_nobody_sounds_the_same_and_sends_nothing(visitors: Visitors, case: Case) -> None:
    visitors.has_account(case)
    walk = visitors.walks(case)
    walk.begins(case.opening, case.flow)
    right = walk.until(None).text
    sent = len(outbox(walk.talk))
    stranger = visitors.walks(case)
    stranger.answers = {**case.answers, "first_name": "Carlo Neri"}
    stranger.begins(case.opening, case.flow)

    assert stranger.until(None).text == right
    assert len(outbox(walk.talk)) == sent


@every_language
def test_who_has_no_account_yet_hears_it_on_file_only(visitors: Visitors, case: Case) -> None:
    walk = visitors.walks(case)
    walk.begins(case.opening, case.flow)
    walk.until(None)

    assert len(walk.talk.sent_to(walk.contacts[0])) == 1
    visitors.has_account(case)
    again = visitors.walks(case)
    again.begins(case.opening, case.flow)
    assert again.until(None).text == walk.heard[-1]


@every_language
def test_a_new_password_is_the_next_offer(visitors: Visitors, case: Case) -> None:
    visitors.has_account(case)
    walk = visitors.walks(case)
    walk.begins(case.opening, case.flow)
    offer = walk.until(None)

    assert walk.gives(offer.titles[0]).flow == "reset_password"


def test_the_date_of_birth_will_do_where_the_policy_is_not_at_hand(visitors: Visitors) -> None:
    name = visitors.has_account(RECOVER[0])
    walk = visitors.walks(RECOVER[0], {"date_of_birth": "3 aprile 1985"})
    walk.begins(RECOVER[0].opening, "recover_username")
    walk.until("policy_number")
    assert walk.gives("non ce l'ho sottomano").asking == "date_of_birth"
    walk.until(None)

    assert name in walk.talk.sent_to(walk.contacts[0])[0]["body"]
