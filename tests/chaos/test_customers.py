"""Everybody who comes can be taken in, and shares nothing with anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.bootstrap import Backend, build
from tests.chaos import Chance, effects
from tests.chaos.customers import take_in, username_of
from tests.chaos.talks import TALKS, everybody
from tests.web.whole_app import make_settings


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    made = build(make_settings(tmp_path))
    yield made
    made.close()


def test_nobody_shares_a_number_a_number_range_or_a_policy() -> None:
    customers = everybody(500, Chance(1))
    numbers = [number for customer in customers for number in customer.numbers]
    assert len({number[:-4] for number in numbers}) == len(numbers)
    assert len({(each.market, each.policy) for each in customers}) == len(customers)


def test_every_talk_and_every_line_is_there() -> None:
    customers = everybody(12, Chance(1))
    assert {each.talk.name for each in customers} == {each.name for each in TALKS}
    assert {each.line for each in customers} == {"whatsapp", "socket", "requests"}


def test_the_same_seed_brings_the_same_customers() -> None:
    assert everybody(40, Chance(5)) == everybody(40, Chance(5))


def test_they_are_taken_in_with_the_accounts_they_need_and_nothing_else(
    backend: Backend, tmp_path: Path
) -> None:
    customers = everybody(12, Chance(1))
    take_in(backend, customers, tmp_path)
    for customer in customers:
        assert (username_of(backend, customer) is not None) == customer.talk.has_account
        assert set(effects.found(backend, customer, None).values()) == {0}
        assert effects.is_done(backend, customer, None) == (customer.talk.flow is None)
