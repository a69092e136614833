"""An account, a password, a policy and a number, in the widget of a desk and of a telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from backend.bootstrap import build
from tests.browser.house.opening import DESK, PHONE, opened
from tests.browser.house.widget_talk import WidgetTalk, WidgetWalk
from tests.conversations.errands import EVERYBODY, Customer, gets_everything_done
from tests.conversations.visitors import Visitors
from tests.stack import Stack

HOURS = 3_600
GIULIA_TAPS, GIULIA_WRITES, BUDI_TAPS, BUDI_WRITES = EVERYBODY

type Sits = Callable[[Customer, dict[str, int]], WidgetTalk]


@pytest.fixture(name="visitors")
def _visitors(house: Stack) -> Iterator[Visitors]:
    backend = build(house.settings)
    yield Visitors(backend, house.base)
    backend.close()


@pytest.fixture(name="sits_at")
def _sits_at(house: Stack, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Sits]:
    """Opens the widget for a customer; the run is kept as pictures and as Playwright's trace."""
    backend = build(house.settings)
    shots = Path("test-results")
    shots.mkdir(exist_ok=True)
    contexts = []

    def sit(customer: Customer, screen: dict[str, int]) -> WidgetTalk:
        page = opened(browser, house, customer.person.market, screen)
        page.context.tracing.start(screenshots=True)
        contexts.append(page.context)
        return WidgetTalk(page, house.base, customer.person.market, backend=backend).opens()

    yield sit
    name = request.node.callspec.id
    for context in contexts:
        context.pages[0].screenshot(path=shots / f"widget-{name}.png")
        context.tracing.stop(path=shots / f"widget-{name}.trace.zip")
        context.close()
    backend.close()


@pytest.mark.stack
@pytest.mark.parametrize(
    ("customer", "screen"),
    [
        pytest.param(GIULIA_TAPS, PHONE, id="giulia-taps-phone"),
        pytest.param(GIULIA_WRITES, DESK, id="giulia-writes-desk"),
        pytest.param(BUDI_TAPS, DESK, id="budi-taps-desk"),
        pytest.param(BUDI_WRITES, PHONE, id="budi-writes-phone"),
    ],
)
def test_four_errands_in_the_widget(
    house: Stack,
    visitors: Visitors,
    sits_at: Sits,
    tmp_path: Path,
    customer: Customer,
    screen: dict[str, int],
) -> None:
    talk = sits_at(customer, screen)
    walk = WidgetWalk(talk, {}, customer.contacts)

    gets_everything_done(house, visitors, walk, customer, tmp_path, pause=5 * HOURS)

    shown = talk.history()["messages"]
    talk.page.reload()
    if not talk.chat.panel.is_visible():
        talk.chat.open()
    assert [line["text"] for line in talk.history()["messages"]] == [line["text"] for line in shown]
