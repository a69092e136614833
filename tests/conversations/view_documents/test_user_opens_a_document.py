"""A document of a policy: chosen, opened once, and only by who has proved to be its owner."""

from __future__ import annotations

import pytest

from tests.conversations.cases import DOCUMENTS, Case
from tests.conversations.manners import PERSON, has_it_mailed, slips_with_code
from tests.conversations.visitors import Visitors
from tests.talk import submit
from tests.walk import Walk

IDLE = 15 * 60 + 1
every_language = pytest.mark.parametrize("case", DOCUMENTS, ids=str)


def link_of(walk: Walk) -> str:
    return next(link for link in walk.talk.last.links if "/t/" in link)


@every_language
def test_the_document_opens_once(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case)
    walk.until(None)
    link = link_of(walk)

    assert "pdf" not in walk.talk.http.get(link).headers["content-type"]
    opened = submit(walk.talk.http, link)
    assert opened.headers["content-type"] == "application/pdf"
    assert opened.content.startswith(b"%PDF")
    assert walk.talk.http.get(link).status_code == 410


@every_language
def test_another_one_needs_no_other_proof(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case)
    offer = walk.until(None)
    again = walk.gives(offer.titles[0])

    assert (again.flow, again.asking in {"policy_choice", "document_choice"}) == (case.flow, True)


@every_language
def test_after_a_quarter_of_an_hour_it_is_asked_again_who_writes(
    visitors: Visitors, case: Case
) -> None:
    walk = visitors.begins(case)
    walk.until(None)
    assert walk.begins(case.opening, case.flow).asking in {"policy_choice", "document_choice"}
    walk.until(None)
    walk.talk.moves_clock(IDLE)

    assert walk.begins(case.opening, case.flow).asking == "username"


@every_language
def test_a_link_that_ran_out_opens_nothing(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case)
    walk.until(None)
    walk.talk.moves_clock(601)

    assert walk.talk.http.get(link_of(walk)).status_code == 410


@every_language
def test_a_title_that_is_not_there_is_told_in_three_ways(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "document_choice")
    said = [walk.gives(word) for word in ("9", "8", "7")]

    assert [reply.asking for reply in said] == ["document_choice"] * 3, said
    assert len({reply.text for reply in said}) == 3, [reply.text for reply in said]
    assert PERSON[case.language] in said[2].titles
    assert walk.gives(said[2].titles[-1]).flow is None


def test_the_number_of_the_policy_chooses_it(visitors: Visitors) -> None:
    walk = visitors.begins(DOCUMENTS[0], "policy_choice")

    assert walk.gives("401122335").asking == "document_choice"
    walk.until(None)
    assert link_of(walk)


def test_a_policy_of_somebody_else_is_not_on_offer(visitors: Visitors) -> None:
    walk = visitors.begins(DOCUMENTS[0], "policy_choice")

    assert walk.gives("402200117").asking == "policy_choice"


@every_language
def test_a_code_that_ran_out_is_sent_again(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "otp_code")

    assert slips_with_code(walk, case.language).flow == case.flow


def test_the_code_can_go_to_the_other_contact(visitors: Visitors) -> None:
    walk = visitors.begins(DOCUMENTS[1], "otp_code")

    assert has_it_mailed(walk, "id", walk.contacts[1]).asking == "document_choice"
