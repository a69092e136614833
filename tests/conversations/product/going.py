"""A customer on the way of a route, stopped at one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.bootstrap import Backend
from backend.core.markets import Market
from backend.core.requests import Kind, NewRequest
from tests.conversations.cases import Case
from tests.conversations.product.routes import Pair
from tests.conversations.visitors import NUMBERS, Visitors
from tests.stack import begin_anew
from tests.talk import Reply, Talk
from tests.walk import MOST_QUESTIONS, Walk

_HELLO: Final = {"it": "Buongiorno", "id": "Selamat pagi", "en": "Good morning"}


@dataclass
class Going:
    """One conversation that has come to the question of its pair."""

    pair: Pair
    walk: Walk
    market: Market
    asked: list[str]
    """The questions answered so far, in order."""
    titles: dict[str, str]
    """Of the buttons that were pressed, by question."""

    @property
    def talk(self) -> Talk:
        """The conversation."""
        return self.walk.talk

    @property
    def last(self) -> Reply:
        """What was said last."""
        return self.walk.talk.last

    def stands(self, reply: Reply) -> bool:
        """Whether the same question of the same flow is open after *reply*."""
        return (reply.flow, reply.asking) == (self.pair.flow, self.pair.slot)

    def goes_on(self, reply: Reply) -> None:
        """Fail unless the same question is open after *reply*."""
        assert self.stands(reply), f"now {reply.flow}/{reply.asking}: {reply.text}"


class House:
    """Starts conversations on fresh demo data."""

    def __init__(self, backend: Backend, base: str) -> None:
        self._backend = backend
        self._base = base
        self._visitors = Visitors(backend, base)

    def comes_to(self, pair: Pair) -> Going:
        """The customer of the route, at the question."""
        begin_anew(self._base)
        route, case = pair.route, pair.route.case(pair.language)
        walk = (
            self._visitors.comes(case, route.holds)
            if route.has_account
            else self._visitors.walks(case)
        )
        if route.filed:
            self._has_filed(walk.talk, case, route.filed)
        walk.begins(case.opening, case.flow)
        asked, titles = _answers_until(walk, pair.slot)
        return Going(pair, walk, self._backend.markets[case.market], asked, titles)

    def _has_filed(self, talk: Talk, case: Case, count: int) -> None:
        talk.says(_HELLO[case.language])
        with self._backend.uow() as uow:
            conversation = uow.conversations.of_sender(talk.sender)
            owner = uow.customers.by_number(case.market, NUMBERS[case.who])
            assert conversation is not None
            assert owner is not None
            for holder in (None, owner.id)[:count]:
                new = NewRequest(
                    market=case.market,
                    kind=Kind.MOBILE_CHANGE,
                    customer_id=holder,
                    account_id=None,
                    conversation_id=conversation.id,
                    language=case.language,
                    channel="web",
                    is_proven=False,
                    details={"new_mobile": case.extra_contacts[0]},
                    contact=case.extra_contacts[0],
                )
                self._backend.requests.submit(uow, new)
            uow.commit()


def _answers_until(walk: Walk, question: str) -> tuple[list[str], dict[str, str]]:
    asked: list[str] = []
    titles: dict[str, str] = {}
    for _ in range(MOST_QUESTIONS):
        last = walk.talk.last
        if last.asking == question:
            return asked, titles
        assert last.asking, f"over before {question} was asked: {last.text}"
        asked.append(last.asking)
        answer = walk.answers.get(last.asking)
        if callable(answer):
            titles[last.asking] = answer(last)
        walk.answer()
    raise AssertionError(f"never came to {question}: {asked}")
