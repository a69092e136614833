"""One more policy joins the account: at once, after a code to its own record, or after staff."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backend.services.link_policy.counter import (
    BUDI,
    BUDI_AT_THE_OFFICE,
    OFFICE,
    OFFICE_MOBILE,
)
from tests.conversations.cases import LINK, Case, first_button
from tests.conversations.effects import area_by, number_of_request, outbox, staff_decide
from tests.conversations.manners import slips_with_code
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.talk import PASSWORD
from tests.walk import Walk

ITALIAN = Case(
    "link_policy", "giulia", "it", "Vorrei collegare un'altra polizza al mio account",
    {
        "policy_number": "401122335", "date_of_birth": "3 aprile 1985",
        "confirmation": first_button,
    },
)  # fmt: skip
GROUP = BUDI | {
    "policy_number": "GRP-2305-0099", "policy_type": "group", "product": "Asuransi Kumpulan",
}  # fmt: skip
_OFFICE_ANSWERS = {**LINK[1].answers, "policy_number": "00190001"}
AT_THE_OFFICE = [
    Case("link_policy", "budi", language, opening, _OFFICE_ANSWERS, extra_contacts=(OFFICE_MOBILE,))
    for language, opening in (("id", LINK[1].opening), ("en", LINK[2].opening))
]


def area_of(walk: Walk, case: Case) -> str:
    name, password = str(walk.answers["username"]), PASSWORD[case.market]
    return area_by(walk.talk, name, password, walk.contacts[0])


@pytest.mark.parametrize("case", [*LINK, ITALIAN], ids=str)
def test_the_linked_policy_stands_in_the_area(visitors: Visitors, case: Case) -> None:
    walk = visitors.comes(case, policies=case.person.policies[:1])
    walk.begins(case.opening, case.flow)
    ended = walk.until(None)

    area = area_of(walk, case)
    assert case.person.policies[0] in area
    assert str(case.answers["policy_number"]) in area
    for contact in walk.contacts:
        told = [message["body"] for message in walk.talk.sent_to(contact)]
        assert any("***" in body for body in told), told
    assert walk.gives(ended.titles[0]).flow == "link_policy"


def test_several_go_in_a_row_without_another_code(visitors: Visitors) -> None:
    walk = visitors.begins(LINK[1])
    walk.until(None)
    walk.answers = {
        "policy_type": "DPLK", "policy_number": "DPLK-300011", "date_of_birth": "17/08/1990",
        "confirmation": first_button,
    }  # fmt: skip
    second = walk.gives(walk.talk.last.titles[0])
    assert second.asking == "policy_type"
    ended = walk.until(None)

    assert "Dana Pensiun" in ended.text


def test_a_policy_that_is_there_already_is_told(visitors: Visitors) -> None:
    case = LINK[1]
    walk = visitors.begins(case)
    walk.answers = {**walk.answers, "policy_number": "00120451"}
    ended = walk.until(None)

    assert "*****451 sudah terhubung" in ended.text


@pytest.mark.parametrize("case", AT_THE_OFFICE, ids=str)
def test_a_record_with_other_contacts_has_its_own_code(
    visitors: Visitors, tmp_path: Path, case: Case
) -> None:
    visitors.takes_in(tmp_path, **BUDI_AT_THE_OFFICE)
    walk = visitors.begins(case, "confirmation")
    offered = walk.answer()
    assert offered.asking == "contact_choice", offered
    assert walk.answer().asking == "otp_code"
    ended = slips_with_code(walk, case.language)

    assert ended.flow is None
    assert "00190001" in area_by(
        walk.talk, str(walk.answers["username"]), PASSWORD["id"], walk.contacts[0]
    )


def test_the_code_to_that_record_can_go_to_its_other_contact(
    visitors: Visitors, tmp_path: Path
) -> None:
    visitors.takes_in(tmp_path, **BUDI_AT_THE_OFFICE)
    walk = visitors.begins(AT_THE_OFFICE[0], "confirmation")
    walk.answer()
    walk.answer()
    moved = walk.gives("lewat email saja")

    assert moved.asking == "otp_code"
    assert walk.gives(walk.talk.code_for(OFFICE)).flow is None


def test_what_a_person_decides_is_told_here_and_done(
    house: Stack, visitors: Visitors, tmp_path: Path
) -> None:
    visitors.takes_in(tmp_path, **GROUP)
    walk = visitors.begins(LINK[1])
    walk.answers = {**walk.answers, "policy_type": "Group", "policy_number": "GRP-2305-0099"}
    ended = walk.until(None)
    number = number_of_request(ended.text)
    assert "GRP-2305-0099" not in area_of(walk, LINK[1])

    seen = walk.talk.history()["messages"][-1]["seq"]
    staff_decide(house, "approve", number)
    assert number in walk.hears(seen).text
    walk.talk.moves_clock(121)
    assert "GRP-2305-0099" in area_of(walk, LINK[1])


def test_of_a_group_policy_nobody_hears_before_it_is_known_who_writes(visitors: Visitors) -> None:
    walk = visitors.walks(LINK[1])
    walk.begins("mau menghubungkan polis GRP-2305-0044", "link_policy")

    assert walk.talk.last.asking == "username"
    assert outbox(walk.talk) == []
