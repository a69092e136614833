"""Every profile of both markets registers, in every language it can meet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.register import people
from tests.conversations.register.people import Person, in_english
from tests.conversations.register.steps import area_of, registers
from tests.stack import Stack
from tests.talk import PASSWORD, Talk

CASES = [
    pytest.param(people.GIULIA, "it", id="person-italian"),
    pytest.param(people.MARCO, "it", id="person-by-mobile-italian"),
    pytest.param(people.DAVIDE, "it", id="professional-italian"),
    pytest.param(people.BRAMBILLA, "it", id="company-italian"),
    pytest.param(people.JOHN, "en", id="person-english"),
    pytest.param(in_english(people.DAVIDE), "en", id="professional-english"),
    pytest.param(in_english(people.BRAMBILLA), "en", id="company-english"),
    pytest.param(people.BUDI, "id", id="individual-indonesian"),
    pytest.param(people.AGUS, "id", id="group-indonesian"),
    pytest.param(people.KETUT, "id", id="dplk-indonesian"),
    pytest.param(people.SULASTRI, "id", id="single-name-indonesian"),
    pytest.param(people.MARGARET, "en", id="individual-english"),
    pytest.param(in_english(people.AGUS), "en", id="group-english"),
    pytest.param(in_english(people.KETUT), "en", id="dplk-english"),
]


@pytest.mark.parametrize(("person", "language"), CASES)
def test_an_account_is_opened_and_its_owner_sees_the_policies(
    house: Stack, customer: Callable[..., Talk], person: Person, language: str
) -> None:
    talk = customer(person.market, language)

    name = registers(talk, person, language)

    assert person.mobile
    area = area_of(house.base, name, PASSWORD[person.market], talk, person.mobile)
    for policy in person.policies:
        assert policy in area
