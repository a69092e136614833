"""Every question of every flow, interrupted in every way: flow by slot by interruption.

The product is computed from the forms. A known failure stands in `known_failures.yml`; once it is
mended the test fails until it is taken off there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.bootstrap import build
from tests.conversations.product.going import House
from tests.conversations.product.interruptions import INTERRUPTIONS
from tests.conversations.product.outcomes import Outcomes
from tests.conversations.product.routes import (
    DOMAIN,
    LANGUAGES,
    NEVER_ASKED,
    ROUTES,
    SLOTS,
    Pair,
    pairs,
    questions,
    route_to,
)
from tests.stack import Stack

LIST = Path(__file__).parents[1] / "known_failures.yml"
KNOWN_FAILURES: dict[str, str] = {
    cell: entry["reason"]
    for entry in yaml.safe_load(LIST.read_text(encoding="utf-8"))
    for cell in entry["cells"]
}
PAIRS = pairs()
CELLS = [(pair, interruption) for pair in PAIRS for interruption in INTERRUPTIONS]


def _cell(pair: Pair, interruption: str) -> Any:
    name = pair.name(interruption)
    reason = KNOWN_FAILURES.get(name)
    marks = [pytest.mark.xfail(reason=reason, raises=AssertionError, strict=True)] if reason else []
    return pytest.param(pair, interruption, id=name, marks=marks)


@pytest.fixture(name="outcomes", scope="module")
def _outcomes(house: Stack) -> Iterator[Outcomes]:
    backend = build(house.settings)
    yield Outcomes(House(backend, house.base))
    backend.close()


def test_the_forms_are_those_of_the_domain() -> None:
    assert {f"{flow}_form" for flow in SLOTS} == set(DOMAIN["forms"])


def test_every_question_is_reached_by_a_route() -> None:
    assert [pair for pair in questions() if route_to(*pair) is None] == []


def test_every_route_leads_to_questions_of_its_form() -> None:
    reached = {(route.flow, slot) for route in ROUTES for slot in route.asks}
    assert reached - set(questions()) == set()


def test_what_is_said_never_to_be_asked_belongs_to_a_form() -> None:
    assert [pair for pair in NEVER_ASKED if pair[1] not in SLOTS[pair[0]]] == []


def test_every_language_meets_every_interruption_several_times() -> None:
    met = [(pair.language, interruption) for pair, interruption in CELLS]
    every = {(language, one) for language in LANGUAGES for one in INTERRUPTIONS}
    assert min(met.count(one) for one in every) >= 5


def test_every_known_failure_is_a_cell_and_has_a_reason() -> None:
    names = {pair.name(interruption) for pair, interruption in CELLS}
    assert [
        name for name, reason in KNOWN_FAILURES.items() if name not in names or not reason
    ] == []


@pytest.mark.parametrize(("pair", "interruption"), [_cell(*cell) for cell in CELLS])
def test_the_state_is_right_after(outcomes: Outcomes, pair: Pair, interruption: str) -> None:
    wrong = outcomes.of(pair, interruption)
    assert wrong is None, wrong
