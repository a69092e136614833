"""Who can be reached nowhere any more: the whole form, and staff decide."""

from __future__ import annotations

import pytest

from tests.conversations.cases import MOBILE, Case, first_button
from tests.conversations.effects import area_by, number_of_request, staff_decide
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.talk import PASSWORD
from tests.walk import Walk

_GIULIA = {
    **MOBILE[0].answers, "first_name": "Giulia Bianchi", "place_of_birth": "Torino",
    "date_of_birth": "3/4/1985", "sex": first_button,
}  # fmt: skip
_BUDI = {
    **MOBILE[1].answers, "first_name": "Budi Santoso", "place_of_birth": "Surabaya",
    "date_of_birth": "17/8/1990", "sex": "Laki-laki", "address": "Jalan Melati 12",
    "city": "Surabaya", "consent": first_button,
}  # fmt: skip
_JOHN = {
    **MOBILE[2].answers, "first_name": "John O'Brien", "place_of_birth": "Regno Unito",
    "date_of_birth": "5/10/1961", "sex": "Male",
}  # fmt: skip
LOST = [
    Case(one.flow, one.who, one.language, one.opening, answers, extra_contacts=one.extra_contacts)
    for one, answers in zip(MOBILE, (_GIULIA, _BUDI, _JOHN), strict=True)
]
each_market = pytest.mark.parametrize("case", LOST[1:], ids=str)


def loses_contacts(visitors: Visitors, case: Case) -> Walk:
    walk = visitors.begins(case, "contact_choice")
    reply = walk.gives(walk.talk.last.titles[-1])
    assert reply.asking == "first_name", reply
    return walk


@each_market
def test_the_form_and_a_decision_of_staff_change_the_number(
    house: Stack, visitors: Visitors, case: Case
) -> None:
    walk = loses_contacts(visitors, case)
    number = number_of_request(walk.until(None).text)
    seen = walk.talk.history()["messages"][-1]["seq"]
    staff_decide(house, "approve", number)

    assert number in walk.hears(seen).text
    walk.talk.moves_clock(121)
    name, password = str(walk.answers["username"]), PASSWORD[case.market]
    assert area_by(walk.talk, name, password, case.extra_contacts[0])


def test_a_stranger_hears_the_same_words(visitors: Visitors) -> None:
    case = LOST[0]
    owner = loses_contacts(visitors, case)
    owner.until(None)
    stranger = visitors.walks(case, {"username": owner.answers["username"]})
    stranger.answers = {**stranger.answers, "date_of_birth": "1/1/1970"}
    stranger.begins(case.opening, case.flow)
    stranger.until("contact_choice")
    stranger.gives(stranger.talk.last.titles[-1])
    said = stranger.until(None).text

    assert said.replace(number_of_request(said), "") == owner.heard[-1].replace(
        number_of_request(owner.heard[-1]), ""
    )
