"""Conversations that ask how a request stands."""

from __future__ import annotations

from typing import Any, Final

from backend.core.customers import Account
from backend.core.flow import Remark
from backend.core.requests import Request
from tests.backend.desk import Desk, Talk
from tests.backend.services.request_counter import Counter

ELSEWHERE: Final = "c_elsewhere"


def checks(desk: Desk, market: str = "it", **about: Any) -> Talk:
    return desk.talk(market, flow="check_request", **about)


def proves(desk: Desk, account: Account, conversation: str) -> None:
    with desk.backend.uow() as uow:
        desk.backend.identities.prove(uow, conversation, account)
        uow.commit()


def checks_as(
    desk: Desk, account: Account, conversation: str = "c_of_the_owner", **about: Any
) -> Talk:
    """In a conversation in which the owner of *account* has proved to write."""
    proves(desk, account, conversation)
    return checks(desk, account.market, conversation=conversation, **about)


def filed_elsewhere(counter: Counter, **values: Any) -> Request:
    return counter.files(conversation_id=ELSEWHERE, **values)


def told(talk: Talk) -> list[tuple[str, dict[str, object]]]:
    return [(remark.code, dict(remark.facts)) for remark in talk.step.remarks]


def only(talk: Talk) -> Remark:
    (remark,) = talk.step.remarks
    return remark


def several(counter: Counter, count: int) -> list[Request]:
    """The newest first; all but that one are withdrawn already."""
    filed = []
    for number in range(count):
        request = filed_elsewhere(counter)
        if number < count - 1:
            counter.withdraws(request)
        filed.append(request)
        counter.desk.clock.forward(1)
    return filed[::-1]
