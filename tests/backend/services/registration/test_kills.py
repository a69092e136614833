"""A process that ends between any two steps has done all of a turn or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from backend.adapters.tables.challenges import challenges
from backend.core.flow import Command, Turn
from backend.unit_of_work import UnitOfWork
from tests.backend.desk import Desk, Talk

MOBILE = "+393201234519"


class Killed(BaseException):
    """Stands for the end of the process."""


def waiting_for_code(desk: Desk) -> Talk:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    return talk


def killed_at_commit(monkeypatch: pytest.MonkeyPatch, number: int, call: Callable[[], Any]) -> None:
    """Run *call*; the process ends just before its commit of that number."""
    commits = iter(range(1, 100))
    real = UnitOfWork.commit

    def commit(unit: UnitOfWork) -> None:
        if next(commits) == number:
            raise Killed
        real(unit)

    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "commit", commit)
        with pytest.raises(Killed):
            call()


def attempts(desk: Desk) -> int:
    with desk.backend.uow(read_only=True) as uow:
        return int(uow.connection.execute(select(challenges.c.attempts)).scalar_one())


@pytest.mark.parametrize(("commit", "counted"), [(1, 0), (2, 1)])
def test_a_right_code_is_taken_once_when_its_turn_is_run_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, commit: int, counted: int
) -> None:
    talk = waiting_for_code(desk)
    turn = talk.turn(otp_code=desk.code_to(MOBILE))
    advance: Callable[[Turn], Any] = desk.backend.flows["register"].advance

    killed_at_commit(monkeypatch, commit, lambda: advance(turn))
    assert attempts(desk) == counted
    step = advance(turn)

    assert step.asking == "password_page"
    assert attempts(desk) == 1
    assert desk.audited().count("account_created") == 1


def test_a_wrong_code_costs_one_try_when_its_turn_is_run_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = waiting_for_code(desk)
    wrong = f"{(int(desk.code_to(MOBILE)) + 1) % 1_000_000:06d}"
    turn = talk.turn(otp_code=wrong)
    advance = desk.backend.flows["register"].advance

    killed_at_commit(monkeypatch, 2, lambda: advance(turn))
    (remark,) = advance(turn).remarks

    assert remark.facts == {"attempts_left": 4}


def test_a_code_that_was_not_committed_was_not_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    turn = talk.turn(Command.AFFIRM)
    advance = desk.backend.flows["register"].advance

    killed_at_commit(monkeypatch, 1, lambda: advance(turn))
    assert desk.sent(MOBILE) == []
    advance(turn)

    assert len(desk.sent(MOBILE)) == 1


def test_a_password_page_is_still_open_when_its_post_was_cut_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = waiting_for_code(desk)
    page = talk.says(otp_code=desk.code_to(MOBILE)).page
    assert page
    token = desk.backend.pages.mint(page.id).rsplit("/", 1)[1]
    post = desk.backend.pages.set_password

    killed_at_commit(monkeypatch, 1, lambda: post(token, "Girasole2026"))

    assert post(token, "Girasole2026").conversation_id == talk.id
