"""A request: how it stands, told to whom it belongs, and taken back while it is open."""

from __future__ import annotations

import pytest

from tests.conversations.cases import MOBILE, REQUESTS, Case
from tests.conversations.effects import STAFF, number_of_request, staff_command, staff_decide
from tests.conversations.manners import errs
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.walk import Walk

GIULIA = "giulia.bianchi@example.it"
ASKING = {case.language: case.opening for case in REQUESTS}
FILING = [
    MOBILE[0],
    Case(
        "update_mobile", "giulia", "id", "Nomor HP saya sudah ganti, mau diperbarui",
        MOBILE[0].answers, extra_contacts=MOBILE[0].extra_contacts,
    ),
    MOBILE[2],
]  # fmt: skip
each_language = pytest.mark.parametrize("case", FILING, ids=str)
every_language = pytest.mark.parametrize("case", REQUESTS, ids=str)


def files(visitors: Visitors, case: Case) -> tuple[Walk, str]:
    """A conversation that has filed a request; its number."""
    walk = visitors.begins(case)
    return walk, number_of_request(walk.until(None).text)


def asks_elsewhere(visitors: Visitors, case: Case, number: str, contact: str) -> Walk:
    """Another conversation asks by number and contact."""
    walk = visitors.walks(case, {"request_number": number, "contact": contact})
    walk.begins(ASKING[case.language], "check_request")
    walk.gives(number)
    walk.gives(contact)
    return walk


@each_language
def test_who_filed_it_hears_at_once_and_may_take_it_back(visitors: Visitors, case: Case) -> None:
    walk, number = files(visitors, case)
    told = walk.begins(ASKING[case.language], "check_request")
    assert told.asking == "confirmation"
    assert number in told.text
    taken_back = walk.gives(told.titles[0])

    assert taken_back.flow is None
    assert number in taken_back.text
    again = walk.gives(ASKING[case.language])
    assert (again.flow, number in again.text) == (None, True), again


def test_what_was_taken_back_cannot_be_approved(house: Stack, visitors: Visitors) -> None:
    walk, number = files(visitors, MOBILE[0])
    told = walk.begins(ASKING["it"], "check_request")
    walk.gives(told.titles[0])

    late = staff_command(house, "approve", number, "--by", STAFF, "--version", "1")
    assert late.returncode != 0


@each_language
def test_it_stays_open_for_who_says_no(visitors: Visitors, case: Case) -> None:
    walk, number = files(visitors, case)
    told = walk.begins(ASKING[case.language], "check_request")
    assert walk.gives(told.titles[1]).flow is None

    again = walk.begins(ASKING[case.language], "check_request")
    assert (again.asking, number in again.text) == ("confirmation", True), again


@each_language
def test_number_and_contact_tell_it_elsewhere_but_do_not_take_it_back(
    visitors: Visitors, case: Case
) -> None:
    walk, number = files(visitors, case)
    told = asks_elsewhere(visitors, case, number, walk.contacts[1])

    assert told.talk.last.flow is None
    assert number in told.talk.last.text


@each_language
def test_a_wrong_contact_sounds_like_a_number_that_is_not_there(
    visitors: Visitors, case: Case
) -> None:
    walk, number = files(visitors, case)
    wrong = asks_elsewhere(visitors, case, number, "somebody.else@example.com").talk.last
    unknown = asks_elsewhere(visitors, case, "REQ-00000001", walk.contacts[1]).talk.last

    assert wrong.asking == "request_number"
    assert wrong.text == unknown.text


@pytest.mark.parametrize(
    ("decision", "options", "words"),
    [("approve", (), "accolta"), ("reject", ("--reason", "document_expired"), "scaduto")],
)
def test_what_staff_decided_is_told(
    house: Stack, visitors: Visitors, decision: str, options: tuple[str, ...], words: str
) -> None:
    _, number = files(visitors, MOBILE[0])
    staff_decide(house, decision, number, *options)
    told = asks_elsewhere(visitors, MOBILE[0], number, GIULIA).talk.last

    assert told.flow is None
    assert (number in told.text, words in told.text) == (True, True), told.text


@every_language
def test_three_malformed_numbers_are_told_in_three_ways(visitors: Visitors, case: Case) -> None:
    walk = visitors.walks(case)
    walk.begins(case.opening, case.flow)

    errs(walk, ("REQ-12", "REQ 1", "12"))
    walk.until("contact")


@pytest.mark.parametrize(
    ("language", "good", "bad"),
    [
        ("it", "no, il numero finisce con {}", "no, il numero è REQ-12"),
        ("id", "bukan, belakangnya {}", "bukan, nomornya REQ-12"),
        ("en", "no, it ends in {}", "no, the number is REQ-12"),
    ],
)
def test_a_misread_number_is_corrected_by_words_before_it_is_looked_up(
    visitors: Visitors, language: str, good: str, bad: str
) -> None:
    case = next(case for case in FILING if case.language == language)
    walk, number = files(visitors, case)
    slipped = number[:-1] + str((int(number[-1]) + 1) % 10)
    other = visitors.walks(case)
    other.begins(ASKING[language], "check_request")
    other.gives(slipped)
    assert other.gives(bad).flow == "check_request"
    assert other.gives(good.format(number[-1])).asking == "contact"
    told = other.gives(walk.contacts[1])

    assert (told.flow, number in told.text) == (None, True), told


def test_after_a_quarter_of_an_hour_the_conversation_that_filed_it_still_knows(
    visitors: Visitors,
) -> None:
    walk, number = files(visitors, MOBILE[0])
    walk.talk.moves_clock(15 * 60 + 1)

    assert number in walk.begins(ASKING["it"], "check_request").text


def test_guessing_contacts_ends_with_a_person(visitors: Visitors) -> None:
    _, number = files(visitors, MOBILE[0])
    walk = visitors.walks(REQUESTS[0])
    walk.begins(REQUESTS[0].opening, "check_request")
    for n in range(6):
        walk.gives(number)
        if walk.talk.last.flow is None:
            break
        walk.gives(f"somebody.{n}@example.it")
        if walk.talk.last.flow is None:
            break

    assert walk.talk.last.flow is None
    assert "assistenza" in walk.talk.last.text
