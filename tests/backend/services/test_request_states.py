"""A request under everything that can be done to it, in any order: one end, one effect."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from backend.adapters.tables.conversations import inbound
from backend.core.audit import Event
from backend.core.errors import Conflict, LinkUsed, RequestOpen, SportelloError
from backend.core.requests import Reason, Request, State
from tests.backend.desk import desk_settings, opened_desk
from tests.backend.services.request_counter import ANNA, BRUNO, EMAIL, OLD, Counter

NUMBERS = (OLD, "+393481112233", "+393489998877")
# Each step asks the database a dozen times: to shrink a failure would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
DECISIONS = {
    State.APPROVED: (Event.REQUEST_APPROVED, "request_approved"),
    State.REJECTED: (Event.REQUEST_REJECTED, "request_rejected"),
    State.WITHDRAWN: (Event.REQUEST_WITHDRAWN, "request_withdrawn"),
}
back = st.integers(min_value=0, max_value=5)
"""How far back from the newest: what is old is over, and seldom worth a try."""
reviewers = st.sampled_from([ANNA, BRUNO])
versions = st.sampled_from([1, 1, 1, 1, 1, 2, 0])


@dataclass
class Filed:
    """What the model knows of one request."""

    request: Request
    state: State = State.SUBMITTED
    is_change: bool = False
    is_reverted: bool = False
    old: str = ""


@dataclass
class Model:
    """What should be true."""

    mobile: str = OLD
    filed: list[Filed] = field(default_factory=list)
    links: dict[str, Filed] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    vetoes: int = 0

    def with_state(self, state: State) -> list[Filed]:
        return [each for each in self.filed if each.state is state]


class RequestMachine(RuleBasedStateMachine):
    """Files and decides requests of one customer."""

    database: Path

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(self.database, folder / "sportello.db")
        desk = self.open.enter_context(opened_desk(desk_settings(folder), is_filled=True))
        self.counter = Counter(desk)
        self.model = Model()

    def teardown(self) -> None:
        with self.open, self.counter.desk.backend.uow(read_only=True) as uow:
            assert uow.audit.verify().holds

    @rule(number=st.sampled_from(NUMBERS))
    def submit(self, number: str) -> None:
        is_open = bool(self.model.with_state(State.SUBMITTED))
        try:
            request = self.counter.files(details={"new_mobile": number})
        except RequestOpen:
            assert is_open
            return
        assert not is_open
        self.model.filed.append(Filed(request))
        self._collect_links(self.model.filed[-1])

    @precondition(lambda self: self.model.filed)
    @rule(which=back, by=reviewers, version=versions)
    def approve(self, which: int, by: str, version: int) -> None:
        filed = self._filed(which)
        if self._is_refused(lambda: self.counter.approves(filed.request, by, version)):
            assert filed.state is not State.SUBMITTED or version != 1
            return
        assert (filed.state, version) == (State.SUBMITTED, 1)
        filed.state = State.APPROVED
        if filed.request.new_mobile != self.model.mobile:
            filed.is_change, filed.old = True, self.model.mobile
            self.model.mobile = filed.request.new_mobile
        self._collect_links(filed)

    @precondition(lambda self: self.model.filed)
    @rule(which=back, by=reviewers, version=versions, reason=st.sampled_from(Reason))
    def reject(self, which: int, by: str, version: int, reason: Reason) -> None:
        filed = self._filed(which)
        if self._is_refused(lambda: self.counter.rejects(filed.request, by, version, reason)):
            assert filed.state is not State.SUBMITTED or version != 1
            return
        assert (filed.state, version) == (State.SUBMITTED, 1)
        filed.state = State.REJECTED

    @precondition(lambda self: self.model.filed)
    @rule(which=back)
    def withdraw(self, which: int) -> None:
        filed = self._filed(which)
        if self._is_refused(lambda: self.counter.withdraws(filed.request)):
            assert filed.state is not State.SUBMITTED
            return
        assert filed.state is State.SUBMITTED
        filed.state = State.WITHDRAWN

    @precondition(lambda self: self.model.links)
    @rule(which=back)
    def veto(self, which: int) -> None:
        token = list(self.model.links)[-1 - which % len(self.model.links)]
        filed = self.model.links[token]
        stands = filed.is_change and not filed.is_reverted
        can_stop = token not in self.model.used and (filed.state is State.SUBMITTED or stands)
        try:
            self.counter.desk.backend.vetoes.veto(token)
        except LinkUsed:
            assert not can_stop
            return
        assert can_stop
        self.model.used.add(token)
        self.model.vetoes += 1
        if filed.state is State.SUBMITTED:
            filed.state = State.VETOED
        else:
            self._revert(filed)

    @invariant()
    def there_is_one_end_and_one_effect(self) -> None:
        counter, model = self.counter, self.model
        assert counter.mobile == model.mobile
        for filed in model.filed:
            assert counter.seen_again(filed.request).state is filed.state
        changes = [filed for filed in model.filed if filed.is_change]
        assert len(counter.changes()) == len(changes)
        assert sum(change.reverted_at is not None for change in counter.changes()) == sum(
            filed.is_reverted for filed in changes
        )
        assert counter.audited(Event.MOBILE_CHANGED) == len(changes)
        assert counter.sent("mobile_changed_new") == len(changes)
        assert counter.sent("mobile_changed_old") == 2 * len(changes)

    @invariant()
    def there_is_one_entry_and_one_notice_for_each(self) -> None:
        counter, model = self.counter, self.model
        assert counter.sent("request_received") == len(model.filed)
        assert counter.sent("mobile_change_requested") == 2 * len(model.filed)
        for state, (event, template) in DECISIONS.items():
            assert counter.audited(event) == len(model.with_state(state))
            assert counter.sent(template) == len(model.with_state(state))
        vetoed = len(model.with_state(State.VETOED))
        assert counter.audited(Event.REQUEST_VETOED) == vetoed
        assert counter.audited(Event.MOBILE_REVERTED) == model.vetoes - vetoed
        assert counter.sent("mobile_change_stopped") == 2 * model.vetoes
        told = (State.APPROVED, State.REJECTED, State.VETOED)
        assert self._events() == sum(len(model.with_state(state)) for state in told)

    def _filed(self, which: int) -> Filed:
        return self.model.filed[-1 - which // 3 % len(self.model.filed)]

    @staticmethod
    def _is_refused(call: object) -> bool:
        try:
            call()  # type: ignore[operator]
        except Conflict:
            return True
        except SportelloError as other:
            raise AssertionError(other) from other
        return False

    def _collect_links(self, filed: Filed) -> None:
        for to in (*NUMBERS, EMAIL):
            for token in self.counter.tokens(to):
                self.model.links.setdefault(token, filed)

    def _revert(self, filed: Filed) -> None:
        first = self.model.filed.index(filed)
        standing = [
            each for each in self.model.filed[first:] if each.is_change and not each.is_reverted
        ]
        assert self.model.mobile in {each.request.new_mobile for each in standing}
        for each in standing:
            each.is_reverted = True
        self.model.mobile = filed.old

    def _events(self) -> int:
        with self.counter.desk.backend.uow(read_only=True) as uow:
            return int(
                uow.connection.execute(select(func.count()).select_from(inbound)).scalar_one()
            )


def test_a_request_has_one_end_whatever_is_done_to_it(filled_database: Path) -> None:
    machine = type("Machine", (RequestMachine,), {"database": filled_database})

    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=30, stateful_step_count=25, deadline=None, phases=PHASES),
    )
