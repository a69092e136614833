"""Indonesia: a code to a contact on file and one to the new number change it at once."""

from __future__ import annotations

import pytest

from tests.conversations.cases import MOBILE, RESET, Case
from tests.conversations.effects import area_by, link_in, outbox
from tests.conversations.manners import errs, slips_with_code
from tests.conversations.visitors import Visitors
from tests.talk import PASSWORD, submit
from tests.walk import Walk

OLD, NEW, MAIL = "+6281234567890", "+6281377778888", "budi.santoso@example.co.id"
BUDI = MOBILE[1]
LANGUAGES = [
    BUDI,
    Case(
        "update_mobile", "budi", "en", "I have a new mobile number, please update it",
        BUDI.answers, extra_contacts=(NEW,),
    ),
    Case(
        "update_mobile", "budi", "it", "Ho cambiato numero di cellulare, devo aggiornarlo",
        BUDI.answers, extra_contacts=(NEW,),
    ),
]  # fmt: skip
TAILS = {
    "it": ("no, il numero finisce con 4", "no, il numero è 0813 77"),
    "id": ("bukan, belakangnya 4", "bukan, nomornya 0813 77"),
    "en": ("no, it ends in 4", "no, the number is 0813 77"),
}
YES = {"it": "sì, è giusto", "id": "ya, benar", "en": "yes, that's right"}
each_language = pytest.mark.parametrize("case", LANGUAGES, ids=str)


def area_with(walk: Walk, contact: str) -> str:
    return area_by(walk.talk, str(walk.answers["username"]), PASSWORD["id"], contact)


@each_language
def test_the_second_code_of_a_login_goes_to_the_new_number(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case)
    ended = walk.until(None)

    assert "48" in ended.text
    assert "81377778888" not in ended.text.replace(" ", "")
    assert "00120451" in area_with(walk, NEW)
    for contact in (OLD, MAIL):
        assert "/t/" in link_in(walk.talk, contact)


@each_language
def test_a_code_that_ran_out_is_sent_again_to_the_new_number(
    visitors: Visitors, case: Case
) -> None:
    walk = visitors.begins(case, "confirmation")
    assert walk.answer().asking == "otp_code"
    before = len(walk.talk.sent_to(NEW))

    assert slips_with_code(walk, case.language).flow is None
    assert len(walk.talk.sent_to(NEW)) == before + 2  # the new code, and that it is on file


@each_language
def test_a_digit_corrected_at_the_summary_gets_the_code(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "confirmation")
    corrected = walk.gives(TAILS[case.language][0])
    assert corrected.asking == "confirmation"
    assert corrected.text.count("0813 ******84") == 2, corrected.text
    walk.answer()

    assert walk.talk.sent_to("+6281377778884")
    assert not walk.talk.sent_to(NEW)


@each_language
def test_a_bad_correction_leaves_the_number(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "confirmation")
    refused = walk.gives(TAILS[case.language][1])
    assert (refused.asking, len(refused.titles)) == ("confirmation", 1), refused

    assert walk.gives(YES[case.language]).asking == "otp_code"
    assert walk.talk.sent_to(NEW)


@each_language
def test_three_malformed_numbers_are_told_in_three_ways(visitors: Visitors, case: Case) -> None:
    walk = visitors.begins(case, "new_mobile")

    errs(walk, ("021", "06 123", "347"))
    assert walk.answer().asking == "confirmation"


def test_the_number_on_file_is_not_a_new_one(visitors: Visitors) -> None:
    walk = visitors.begins(BUDI, "new_mobile")
    told = walk.gives("0812 3456 7890")

    assert told.asking == "new_mobile"
    assert told.text != walk.gives("021").text


def test_it_was_not_me_puts_the_old_number_back(visitors: Visitors) -> None:
    walk = visitors.begins(BUDI)
    walk.until(None)
    link = link_in(walk.talk, MAIL)

    assert walk.talk.http.get(link).status_code == 200
    assert "00120451" in area_with(walk, NEW), "opening the page must do nothing"
    assert submit(walk.talk.http, link).status_code == 200
    walk.talk.moves_clock(121)
    assert "00120451" in area_with(walk, OLD)
    assert walk.talk.http.get(link).status_code == 410


def test_the_new_number_alone_is_no_proof_for_a_new_password(visitors: Visitors) -> None:
    walk = visitors.begins(BUDI)
    walk.until(None)
    before = len(walk.talk.sent_to(NEW))
    thief = visitors.walks(RESET[1], {"username": walk.answers["username"]})
    thief.begins(RESET[1].opening, "reset_password")
    asked = thief.answer()

    assert asked.asking == "otp_code", asked
    assert "bu****@e****.co.id" in asked.text
    assert thief.gives("kirim lewat SMS saja").asking == "otp_code"
    assert len(walk.talk.sent_to(NEW)) == before


def test_giving_up_before_the_code_changes_nothing(visitors: Visitors) -> None:
    walk = visitors.begins(BUDI, "confirmation")
    sent = len(outbox(walk.talk))

    assert walk.gives("batalkan saja").flow is None
    assert len(outbox(walk.talk)) == sent
    assert "00120451" in area_with(walk, OLD)
