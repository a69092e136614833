"""Italy: a request with a document, which staff decide and "it wasn't me" stops."""

from __future__ import annotations

import pytest

from tests.conversations.cases import MOBILE, Case
from tests.conversations.effects import (
    STAFF,
    area_by,
    link_in,
    number_of_request,
    staff_command,
    staff_decide,
)
from tests.conversations.manners import errs, slips_with_code
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.talk import PASSWORD, submit
from tests.walk import Walk

GIULIA, JOHN = MOBILE[0], MOBILE[2]
INDONESIAN = Case(
    "update_mobile", "giulia", "id", "Nomor HP saya sudah ganti, mau diperbarui",
    GIULIA.answers, extra_contacts=GIULIA.extra_contacts,
)  # fmt: skip
TAILS = {
    "it": ("no, il numero finisce con 4", "no, il numero è 347 99"),
    "id": ("bukan, belakangnya 4", "bukan, nomornya 347 99"),
    "en": ("no, it ends in 4", "no, the number is 347 55"),
}
each_language = pytest.mark.parametrize("case", [GIULIA, INDONESIAN, JOHN], ids=str)


def area_with(walk: Walk, contact: str) -> str:
    walk.talk.moves_clock(121)
    return area_by(walk.talk, str(walk.answers["username"]), PASSWORD["it"], contact)


def files(visitors: Visitors, case: Case) -> tuple[Walk, str]:
    """The request is filed; its number."""
    walk = visitors.begins(case)
    return walk, number_of_request(walk.until(None).text)


@each_language
def test_once_approved_the_second_code_goes_to_the_new_number(
    house: Stack, visitors: Visitors, case: Case
) -> None:
    walk, number = files(visitors, case)
    old, new = walk.contacts[0], case.extra_contacts[0]
    area_with(walk, old)
    seen = walk.talk.history()["messages"][-1]["seq"]
    staff_decide(house, "approve", number)

    assert number in walk.hears(seen).text
    area_with(walk, new)


def test_a_rejection_is_told_here_with_its_reason(house: Stack, visitors: Visitors) -> None:
    walk, number = files(visitors, JOHN)
    seen = walk.talk.history()["messages"][-1]["seq"]
    staff_decide(house, "reject", number, "--reason", "document_expired")
    news = walk.hears(seen)

    assert "expired" in news.text
    area_with(walk, walk.contacts[0])
    assert walk.gives(news.titles[0]).flow == "update_mobile"


def test_it_was_not_me_stops_the_request(house: Stack, visitors: Visitors) -> None:
    walk, number = files(visitors, GIULIA)
    link = link_in(walk.talk, "giulia.bianchi@example.it")
    seen = walk.talk.history()["messages"][-1]["seq"]

    assert walk.talk.http.get(link).status_code == 200
    assert "submitted" in staff_command(house, "show", number).stdout
    assert submit(walk.talk.http, link).status_code == 200
    assert number in walk.hears(seen).text
    late = staff_command(house, "approve", number, "--by", STAFF, "--version", "1")
    assert late.returncode != 0
    area_with(walk, walk.contacts[0])


def test_a_second_request_is_not_filed_beside_an_open_one(visitors: Visitors) -> None:
    walk, number = files(visitors, GIULIA)
    again = walk.gives("devo cambiare il numero di cellulare")

    assert again.flow is None, again
    assert number in again.text


@each_language
def test_a_digit_corrected_at_the_summary_gets_the_code(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "consent")
    corrected = walk.gives(TAILS[case.language][0])
    assert corrected.asking == "consent"
    assert corrected.text.count("347 *****74") == 2, corrected.text
    assert walk.gives(corrected.titles[0]).asking == "otp_code"

    assert walk.talk.sent_to(case.extra_contacts[0][:-1] + "4")
    assert not walk.talk.sent_to(case.extra_contacts[0])


@each_language
def test_a_bad_correction_is_no_refusal_and_leaves_the_number(
    visitors: Visitors, case: Case
) -> None:
    walk = visitors.begins(case, "consent")
    for _ in range(2):
        refused = walk.gives(TAILS[case.language][1])
        assert refused.asking == "consent", refused
    accept = {"it": "accetto", "id": "setuju", "en": "I accept"}[case.language]

    assert walk.gives(accept).asking == "otp_code"
    assert walk.talk.sent_to(case.extra_contacts[0])


def test_a_code_that_ran_out_is_sent_again(visitors: Visitors) -> None:
    walk = visitors.begins(GIULIA, "consent")
    walk.answer()

    assert number_of_request(slips_with_code(walk, "it").text)


@each_language
def test_three_malformed_numbers_are_told_in_three_ways(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "new_mobile")

    errs(walk, ("021", "06 123", "347"))
    assert walk.answer().asking == "document_upload"


def test_refusing_the_consent_twice_ends_it(visitors: Visitors) -> None:
    walk = visitors.begins(GIULIA, "consent")
    refusal = walk.talk.last.titles[-1]
    assert walk.gives(refusal).asking == "consent"

    assert walk.gives(walk.talk.last.titles[-1]).flow is None
