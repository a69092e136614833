"""Messages ordered in bulk: to one number, to a range of numbers, by one client, by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.limits import Limits
from tests.abuse.house import GIULIA, GIULIA_MOBILE, MARCO_MOBILE, Chat, House, csrf_of, signs_in

DAY = 86_400


def sms(house: House, to: str | None = None) -> int:
    return sum(each["channel"] == "sms" for each in house.outbox(to))


def asks_for_sms(house: House) -> Chat:
    chat = house.talk(flow="register")
    chat.says("profile=person; first_name=Marco De Luca; contact=333 111 22 44")
    chat.says("affirm")
    return chat


def test_one_number_gets_five_an_hour_however_many_ask(doors: House) -> None:
    for _ in range(8):
        asks_for_sms(doors)
        doors.clock.forward(121)

    assert sms(doors, MARCO_MOBILE) == 5


def test_one_number_gets_ten_a_day(doors: House) -> None:
    for _ in range(16):
        asks_for_sms(doors)
        doors.clock.forward(1300)

    assert sms(doors, MARCO_MOBILE) == 10


def test_the_chat_and_the_area_share_what_a_number_may_get(doors: House) -> None:
    username = doors.opens_account("IT-0002")
    for _ in range(4):
        chat = doors.talk(flow="reset_password")
        chat.says(f"username={username}")
        doors.clock.forward(121)
    assert len(doors.codes_to(MARCO_MOBILE)) == 4
    browser = doors.browser()
    signs_in(browser, username)
    doors.clock.forward(121)
    browser.post("/area/code", data={"csrf": csrf_of(browser.get("/area/login"))})

    assert len(doors.codes_to(MARCO_MOBILE)) == 5


def test_one_conversation_orders_four_and_no_more(doors: House) -> None:
    """The first, and three again; then there is a person."""
    chat = asks_for_sms(doors)
    for _ in range(6):
        doors.clock.forward(121)
        chat.says("resend")

    assert sms(doors) == 4


def test_asking_again_while_a_code_lives_sends_nothing(doors: House) -> None:
    chat = asks_for_sms(doors)
    for _ in range(5):
        assert chat.says("resend") == "code_wait"

    assert sms(doors) == 1


@pytest.fixture
def narrow(filled_database: Path, tmp_path: Path) -> Iterator[House]:
    """Small caps, so that a test reaches them."""
    limits = Limits(sms_prefix_hour=3, sms_day=6)
    made = House(filled_database, tmp_path, limits=limits)
    with made.http:
        yield made
    made.backend.close()


def test_nobody_orders_codes_to_numbers_that_are_on_no_file(doors: House) -> None:
    """The widest door for pumping is shut: a made-up contact gets no message at all."""
    for n in range(12):
        chat = doors.talk(flow="register")
        chat.says(f"profile=person; first_name=Giulia Bianchi; contact=34811122{n:02d}")
        chat.says("affirm")

    assert doors.outbox() == []


def test_a_range_of_numbers_is_capped_for_whoever_changes_the_mobile_number(narrow: House) -> None:
    """The one flow that sends to a number of the customer's choice is for who proved it is them."""
    username = narrow.opens_account("ID-0001")
    for n in range(5):
        chat = narrow.talk("id", flow="update_mobile")
        chat.says(f"username={username}")
        chat.says("contact_choice=email")
        chat.says(f"otp_code={narrow.code('budi.santoso@example.co.id')}")
        chat.says(f"new_mobile=0857 1234 00{n:02d}")
        chat.says("affirm")
        narrow.clock.forward(600)

    rung = [len(narrow.codes_to(f"+62857123400{n:02d}")) for n in range(5)]
    assert rung == [1, 1, 1, 0, 0]


def test_an_unproved_customer_cannot_have_a_number_of_their_choice_rung(doors: House) -> None:
    doors.opens_account()
    chat = doors.talk(flow="update_mobile")
    chat.says(f"username={GIULIA}; new_mobile=3481112233")

    assert sms(doors, "+393481112233") == 0
    assert doors.codes_to(GIULIA_MOBILE) == []


def test_the_whole_house_stops_at_its_daily_cap(narrow: House) -> None:
    """Codes to many customers; the seventh SMS of the day is not sent."""
    people = {
        "401122334": ("Giulia Bianchi", "3201234519"),
        "402200117": ("Marco De Luca", "3331112244"),
        "INA-55120": ("Luca Ferrari", "3407654321"),
        "CG-77001": ("Paolo Galli", "3289990011"),
        "407700990": ("Sara Rizzo", "3668887766"),
        "411122678": ("Chiara Esposito", "3391231231"),
        "412233789": ("John O'Brien", "3457778899"),
    }
    for name, contact in people.values():
        chat = narrow.talk(flow="register")
        chat.says(f"profile=person; first_name={name}; contact={contact}")
        chat.says("affirm")
    assert sms(narrow) == 6

    narrow.clock.forward(DAY)
    asks_for_sms(narrow)
    assert sms(narrow) == 7
