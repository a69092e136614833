"""A forgotten password: the new one opens the area, the old one no more."""

from __future__ import annotations

import pytest

from tests.conversations.cases import RESET, Case
from tests.conversations.effects import another, area_by, is_let_in
from tests.conversations.manners import has_it_mailed, slips_with_code
from tests.conversations.visitors import Visitors
from tests.talk import PASSWORD

NEW = {"it": "Ortensia73Rosa", "id": "anggrek ungu 73"}
every_language = pytest.mark.parametrize("case", RESET, ids=str)


@every_language
def test_the_new_password_opens_the_area_and_the_old_one_does_not(
    visitors: Visitors, case: Case
) -> None:
    walk = visitors.comes(case)
    name, new = str(walk.answers["username"]), NEW[case.market]
    walk.password = new
    walk.begins(case.opening, case.flow)
    walk.until(None)

    assert new not in "\n".join(line["text"] for line in walk.talk.history()["messages"])
    assert not is_let_in(walk.talk, name, PASSWORD[case.market])
    area = area_by(walk.talk, name, new, walk.contacts[0])
    assert case.person.policies[0] in area


@every_language
def test_a_code_that_ran_out_is_sent_again(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "otp_code")

    assert slips_with_code(walk, case.language).asking == "password_page"


@every_language
def test_the_code_can_go_to_the_other_contact(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "otp_code")

    taken = has_it_mailed(walk, case.language, walk.contacts[1])
    assert taken.asking == "password_page"


def test_five_wrong_codes_end_the_code(visitors: Visitors) -> None:
    walk = visitors.begins(RESET[0], "otp_code")
    code = walk.code()
    said = [walk.gives(another(code)).text for _ in range(5)]

    assert len(set(said)) == 5, said
    assert walk.gives(code).asking == "otp_code"


def test_a_page_that_ran_out_is_made_anew(visitors: Visitors) -> None:
    walk = visitors.begins(RESET[0], "password_page")
    old = next(link for link in walk.talk.last.links if "/t/" in link)
    walk.talk.moves_clock(601)
    assert walk.talk.http.get(old).status_code == 410

    new = walk.gives("il link non funziona più, me ne manda un altro?")
    assert new.asking == "password_page", new
    assert [link for link in new.links if "/t/" in link] != [old]
    walk.password = NEW["it"]
    walk.until(None)
    assert is_let_in(walk.talk, str(walk.answers["username"]), NEW["it"])


def test_who_proved_it_before_still_needs_a_code(visitors: Visitors) -> None:
    walk = visitors.begins(RESET[0])
    walk.password = NEW["it"]
    walk.until(None)
    again = walk.begins("ho dimenticato di nuovo la password", "reset_password")

    assert again.asking == "contact_choice"
    assert walk.gives(again.titles[0]).asking == "otp_code"
