"""A flow as a service: one message in, one step out.

Every message is handled in one unit of work under the lock of its conversation's draft, so that a
process killed anywhere has done all of it or nothing. The one exception is a typed code: its try is
counted and committed before (see `services.challenges`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from backend.adapters.repositories.pages import StoredDraft
from backend.core.answers import WHOLE_NAME
from backend.core.challenges import Purpose
from backend.core.drafts import FlowDraft, Stage
from backend.core.errors import Fact, Invalid, SportelloError
from backend.core.fields import PARSERS, FieldContext
from backend.core.flow import Choice, Command, Outcome, Remark, Step, Turn
from backend.core.limits import Limits
from backend.core.markets import Market, Markets
from backend.core.pages import PageKind
from backend.ports import Clock
from backend.services.challenges import Challenges, Try
from backend.services.flows.work import Work
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

LIVE, ENDED = "live", "ended"

HOUSE_COMMANDS = frozenset({Command.PAGE_DONE, Command.LINK_CONFIRMED, Command.PAGE_RENEWAL})


@dataclass(frozen=True, slots=True)
class FlowParts:
    """What every flow works with."""

    uow: UnitOfWorkFactory
    clock: Clock
    markets: Markets
    challenges: Challenges


class Flow[D: FlowDraft](ABC):
    """The common course of all flows; what is asked and done is each flow's own."""

    slug: ClassVar[str]
    purposes: ClassVar[tuple[Purpose, ...]]
    """Of the codes that end when the flow is given up."""
    page_kinds: ClassVar[tuple[PageKind, ...]] = ()
    """Of the pages that are called off when the flow is given up."""
    draft_type: type[D]

    def __init__(self, parts: FlowParts) -> None:
        self._uow = parts.uow
        self._clock = parts.clock
        self._markets = parts.markets
        self._challenges = parts.challenges

    # What a flow says of itself -------------------------------------------------------------------

    @abstractmethod
    def handle(self, work: Work[D]) -> None:
        """Take one message of a live draft, the first one included."""

    @abstractmethod
    def asking(self, draft: D, market: Market) -> str:
        """What is being asked now."""

    @abstractmethod
    def filled(self, draft: D, market: Market) -> dict[str, str]:
        """Slot -> mask of all that is known."""

    @abstractmethod
    def awaited_code(self, draft: D) -> Purpose | None:
        """The purpose of the code that may be typed now."""

    def choices(self, uow: UnitOfWork, draft: D, market: Market) -> Sequence[Choice]:
        """What there is to choose from, where that is the question."""
        del uow, draft, market
        return ()

    def facts(self, draft: D, market: Market, limits: Limits) -> Mapping[str, Fact]:
        """What the question of the moment may mention."""
        del draft, market, limits
        return {}

    def settled(self, draft: D, market: Market) -> Collection[str]:
        """What is known and can't be changed any more: all of it once only the password is left."""
        return self.filled(draft, market) if draft.stage is Stage.PASSWORD else ()

    def without_draft(self, work: Work[D]) -> None:
        """Take a message of a flow that is over."""
        work.end(Outcome.EXPIRED, "flow_expired")

    def give_up(self, uow: UnitOfWork, conversation_id: str) -> None:
        """Codes and pages of the conversation are worth nothing any more."""
        for purpose in self.purposes:
            self._challenges.abort(uow, conversation_id, purpose)
        uow.pages.call_off(conversation_id=conversation_id, kinds=self.page_kinds)

    # The common course ----------------------------------------------------------------------------

    def advance(self, turn: Turn) -> Step:
        """Take one message.

        The same message again has no second effect and gets the same step. Without a live draft
        only an `opening` turn begins one; any other finds its flow expired.
        """
        attempt, refused = self._count_code(turn)
        # A counted try is told of before others are counted: else all would hear of the last one.
        with self._uow(hurried=attempt is not None) as uow:
            stored = uow.drafts.find(turn.conversation_id, self.slug, lock=True)
            draft = self._read(stored) if stored else self.draft_type(turn.market)
            if reply := draft.reply_to(turn.message_id):
                return Step.from_json(reply)
            if stored and self._is_live(stored, turn.market):
                work = self._work(uow, draft, turn)
                work.attempt, work.refused = attempt, refused
                self._tell_settled(work)
                self.handle(work)
            else:
                work = self._begin(uow, draft, turn)
            return self._finish(work)

    def resume(self, conversation_id: str, market: str) -> Step:
        """What is being asked now; changes nothing."""
        with self._uow(read_only=True) as uow:
            stored = uow.drafts.find(conversation_id, self.slug)
            if stored is None or not self._is_live(stored, market):
                expired = Remark("flow_expired")
                return Step(asking=None, remarks=(expired,), outcome=Outcome.EXPIRED)
            draft = self._read(stored)
            rules, limits = self._markets[draft.market], self._markets.limits(draft.market)
            return Step(
                asking=self.asking(draft, rules),
                filled=self.filled(draft, rules),
                settled=tuple(self.settled(draft, rules)),
                facts=self.facts(draft, rules, limits),
                choices=tuple(self.choices(uow, draft, rules)),
            )

    def abandon(self, conversation_id: str) -> None:
        """Forget the draft; codes and links of the flow are worth nothing any more."""
        with self._uow() as uow:
            if uow.drafts.find(conversation_id, self.slug, lock=True) is None:
                return
            self.give_up(uow, conversation_id)
            uow.drafts.remove(conversation_id, self.slug)
            uow.commit()

    def sweep(self, limit: int = 100) -> int:
        """Delete drafts that nobody touched for too long; gives how many."""
        now = self._clock.now()
        idle = timedelta(seconds=min(map(self._idle_seconds, self._markets.names())))
        swept = 0
        with self._uow() as uow:
            for conversation_id in uow.drafts.idle_before(self.slug, now - idle, limit):
                stored = uow.drafts.find(conversation_id, self.slug, lock=True)
                if stored and not self._is_within_idle(stored):
                    self.give_up(uow, conversation_id)
                    uow.drafts.remove(conversation_id, self.slug)
                    swept += 1
            uow.commit()
        return swept

    def _count_code(self, turn: Turn) -> tuple[Try | None, SportelloError | None]:
        """Count the try that *turn* makes at the open code, if it makes one."""
        if "otp_code" not in turn.answers:
            return None, None
        with self._uow(read_only=True) as uow:
            stored = uow.drafts.find(turn.conversation_id, self.slug)
            draft = self._read(stored) if stored and self._is_live(stored, turn.market) else None
        if draft is None or draft.challenge_id is None or draft.reply_to(turn.message_id):
            return None, None
        purpose = self.awaited_code(draft)
        if purpose is None:
            return None, None
        try:
            code = PARSERS["otp_code"](turn.answers["otp_code"], self.context(draft)).value
        except Invalid:
            return None, None
        attempt = Try(
            challenge_id=draft.challenge_id,
            purpose=purpose,
            conversation_id=turn.conversation_id,
            message_id=turn.message_id,
            market=draft.market,
            client=turn.client,
            code=code,
        )
        return attempt, self._challenges.count(attempt)

    def _tell_settled(self, work: Work[D]) -> None:
        """Say so where a message brings nothing but other values for what can't change any more."""
        answers, draft = work.turn.answers, work.draft
        if not answers or not answers.keys() <= {*self.settled(draft, work.market), WHOLE_NAME}:
            return
        if any(
            _is_other(draft.values.get(slot), slot, said, work) for slot, said in answers.items()
        ):
            work.tell("detail_settled")

    def _begin(self, uow: UnitOfWork, over: D, turn: Turn) -> Work[D]:
        """A message without a live draft; *over* is what an earlier one left."""
        self.give_up(uow, turn.conversation_id)
        over.forget_answers()
        over.market = turn.market
        work = self._work(uow, over, turn)
        if turn.opening and turn.command not in HOUSE_COMMANDS:
            self.handle(work)
        else:
            self.without_draft(work)
        return work

    def _finish(self, work: Work[D]) -> Step:
        step = self._step(work)
        draft, turn = work.draft, work.turn
        if work.outcome:
            if work.outcome is not Outcome.COMPLETED:
                self.give_up(work.uow, turn.conversation_id)
            draft.forget_answers()
        draft.remember(turn.message_id, step.to_json())
        state = ENDED if work.outcome else LIVE
        work.uow.drafts.save(
            StoredDraft(turn.conversation_id, self.slug, state, draft.to_json(), work.idle_from())
        )
        work.uow.commit()
        return step

    def _step(self, work: Work[D]) -> Step:
        draft, market = work.draft, work.market
        is_over = work.outcome is not None
        return Step(
            asking=None if is_over else self.asking(draft, market),
            filled=self.filled(draft, market),
            settled=tuple(self.settled(draft, market)),
            accepted=tuple(work.accepted),
            remarks=tuple(work.remarks),
            facts={**self.facts(draft, market, work.limits), **work.facts},
            choices=() if is_over else tuple(self.choices(work.uow, draft, market)),
            page=work.page,
            outcome=work.outcome,
        )

    def context(self, draft: D) -> FieldContext:
        """What the parsers of answers must know."""
        market = self._markets[draft.market]
        return FieldContext(
            market,
            self._clock.now().astimezone(ZoneInfo(market.timezone)).date(),
            profile=draft.values.get("profile"),
            policy_type=draft.values.get("policy_type"),
        )

    def _work(self, uow: UnitOfWork, draft: D, turn: Turn) -> Work[D]:
        market, limits = self._markets[draft.market], self._markets.limits(draft.market)
        return Work(uow, draft, market, limits, self._clock.now(), self.context(draft), turn)

    def _read(self, stored: StoredDraft) -> D:
        return self.draft_type.from_json(stored.content)

    def _is_live(self, stored: StoredDraft, market: str) -> bool:
        is_of_market: bool = stored.content["market"] == market
        return is_of_market and stored.state == LIVE and self._is_within_idle(stored)

    def _is_within_idle(self, stored: StoredDraft) -> bool:
        idle = self._clock.now() - stored.idle_at
        return idle.total_seconds() < self._idle_seconds(stored.content["market"])

    def _idle_seconds(self, market: str) -> int:
        return self._markets.limits(market).flow_idle


def _is_other(known: str | None, slot: str, said: str, work: Work[Any]) -> bool:
    """Whether *said* is another value than the one that is *known*."""
    if known is None or slot not in PARSERS:
        return False
    try:
        return PARSERS[slot](said, work.context).value != known
    except Invalid:
        return False
