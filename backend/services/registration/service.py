"""The registration service: one message in, one step out.

Every message is handled in one unit of work under the lock of its conversation's draft, so that a
process killed anywhere has done all of it or nothing. The one exception is a typed code: its try is
counted and committed before (see `services.challenges`).
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from backend.adapters.repositories.pages import StoredDraft
from backend.core.answers import Answers
from backend.core.audit import AuditEntry, Event
from backend.core.challenges import Purpose
from backend.core.errors import Invalid, SportelloError
from backend.core.fields import PARSERS, FieldContext
from backend.core.flow import Command, Outcome, Remark, Step, Turn
from backend.core.markets import Markets
from backend.core.pages import PageKind
from backend.core.registration import (
    IDENTITY_SLOTS,
    Draft,
    Stage,
    asking,
    filled,
    next_datum,
)
from backend.ports import Clock
from backend.services.challenges import Challenges, Try
from backend.services.registration.code_stage import CodeStage
from backend.services.registration.identification import Identification
from backend.services.registration.password_stage import PasswordStage
from backend.services.registration.work import Work, offered_choices, question_facts
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

FLOW = "register"
LIVE, ENDED = "live", "ended"

_HOUSE_COMMANDS = frozenset({Command.PAGE_DONE, Command.LINK_CONFIRMED, Command.PAGE_RENEWAL})
_SEARCH_SLOTS = frozenset({"tax_code", "policy_number", "date_of_birth"})


class Registration:
    """Takes a customer from the first question to an account with a password."""

    def __init__(  # noqa: PLR0913 - the parts it works with
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        markets: Markets,
        *,
        challenges: Challenges,
        identification: Identification,
        code: CodeStage,
        password: PasswordStage,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._challenges = challenges
        self._identification = identification
        self._code = code
        self._password = password

    def advance(self, turn: Turn) -> Step:
        """Take one message.

        The same message again has no second effect and gets the same step. Without a live draft
        only an `opening` turn begins one; any other finds its flow expired.
        """
        attempt, refused = self._count_code(turn)
        with self._uow() as uow:
            stored = uow.drafts.find(turn.conversation_id, FLOW, lock=True)
            draft = Draft.from_json(stored.content) if stored else Draft(turn.market)
            if reply := draft.reply_to(turn.message_id):
                return Step.from_json(reply)
            if stored and self._is_live(stored, turn.market):
                work = self._work(uow, draft, turn)
                self._handle(work, attempt, refused)
            else:
                work = self._begin(uow, draft, turn)
            return self._finish(work)

    def resume(self, conversation_id: str, market: str) -> Step:
        """What is being asked now; changes nothing."""
        with self._uow(read_only=True) as uow:
            stored = uow.drafts.find(conversation_id, FLOW)
            if stored is None or not self._is_live(stored, market):
                expired = Remark("flow_expired")
                return Step(asking=None, remarks=(expired,), outcome=Outcome.EXPIRED)
            draft = Draft.from_json(stored.content)
            rules, limits = self._markets[draft.market], self._markets.limits(draft.market)
            return Step(
                asking=asking(draft, rules),
                filled=filled(draft, rules),
                facts=question_facts(draft, rules, limits),
                choices=offered_choices(uow, draft, rules),
            )

    def abandon(self, conversation_id: str) -> None:
        """Forget the draft; codes and links of the conversation are worth nothing any more."""
        with self._uow() as uow:
            uow.drafts.find(conversation_id, FLOW, lock=True)
            self._call_off(uow, conversation_id)
            uow.drafts.remove(conversation_id, FLOW)
            uow.commit()

    def sweep(self, limit: int = 100) -> int:
        """Delete drafts that nobody touched for too long; gives how many."""
        now = self._clock.now()
        idle = timedelta(seconds=min(map(self._idle_seconds, self._markets.names())))
        swept = 0
        with self._uow() as uow:
            for conversation_id, flow in uow.drafts.idle_before(now - idle, limit):
                if flow == FLOW:
                    stored = uow.drafts.find(conversation_id, FLOW, lock=True)
                    if stored and not self._is_within_idle(stored):
                        self._call_off(uow, conversation_id)
                        uow.drafts.remove(conversation_id, FLOW)
                        swept += 1
            uow.commit()
        return swept

    def _count_code(self, turn: Turn) -> tuple[Try | None, SportelloError | None]:
        """Count the try that *turn* makes at the open code, if it makes one."""
        if "otp_code" not in turn.answers:
            return None, None
        with self._uow(read_only=True) as uow:
            stored = uow.drafts.find(turn.conversation_id, FLOW)
            draft = (
                Draft.from_json(stored.content)
                if stored and self._is_live(stored, turn.market)
                else None
            )
        if (
            draft is None
            or draft.stage is not Stage.CODE
            or draft.challenge_id is None
            or draft.reply_to(turn.message_id)
        ):
            return None, None
        try:
            code = PARSERS["otp_code"](turn.answers["otp_code"], self._context(draft)).value
        except Invalid:
            return None, None
        attempt = Try(
            challenge_id=draft.challenge_id,
            purpose=Purpose.REGISTER,
            conversation_id=turn.conversation_id,
            message_id=turn.message_id,
            market=draft.market,
            client=turn.client,
            code=code,
        )
        return attempt, self._challenges.count(attempt)

    def _begin(self, uow: UnitOfWork, over: Draft, turn: Turn) -> Work:
        """A message without a live draft; *over* is what an earlier one left."""
        self._call_off(uow, turn.conversation_id)
        over.forget_answers()
        over.market = turn.market
        work = self._work(uow, over, turn)
        if turn.opening and turn.command not in _HOUSE_COMMANDS:
            self._handle(work, None, None)
        else:
            self._without_draft(work)
        return work

    def _handle(self, work: Work, attempt: Try | None, refused: SportelloError | None) -> None:
        if work.draft.stage is Stage.PASSWORD:
            self._password.take(work)
            return
        asked = asking(work.draft, work.market)
        changed = self._absorb(work, asked)
        if work.draft.stage is Stage.CODE and not changed:
            self._code.take(work, attempt, refused)
            self._read_code(work, attempt)
            return
        self._move_on(work, asked, changed=changed)

    def _absorb(self, work: Work, asked: str) -> bool:
        """Read the answers into the draft; whether who is meant may have changed by them."""
        draft = work.draft
        reader = Answers(draft, self._context(draft), asked)
        answers = work.turn.answers
        if asked == "contact_choice":
            # There an e-mail address or number is a choice, not another contact to register with.
            answers = {slot: said for slot, said in answers.items() if slot != "contact"}
        absorbed = reader.absorb(answers, work.command)
        work.accepted += absorbed.accepted
        work.remarks += [
            Remark("corrected", {"slot": slot}) for slot in absorbed.replaced if slot != asked
        ]
        work.remarks += absorbed.errors
        if set(absorbed.touched) & {*_SEARCH_SLOTS, "first_name", "last_name", "policy_type"}:
            draft.is_rejected = False
        if "policy_number" in absorbed.touched:
            draft.without_policy_number = False
        changed = set(absorbed.accepted)
        if "profile" in absorbed.replaced:
            draft.consent_given = False
        if draft.stage is Stage.CODE:
            changed &= self._identity_of(draft)
        if changed:
            if draft.stage is Stage.CODE:
                self._code.abort(work)
                draft.stage = Stage.CONSENT
            draft.forget_identity()
            if changed - _SEARCH_SLOTS:
                draft.is_searching = False
        return bool(changed)

    @staticmethod
    def _identity_of(draft: Draft) -> set[str]:
        """Data whose change makes a code that was sent worthless."""
        by_search = _SEARCH_SLOTS if draft.is_searching or draft.policy_id else frozenset()
        return (set(IDENTITY_SLOTS) - _SEARCH_SLOTS) | by_search

    def _move_on(self, work: Work, asked: str, *, changed: bool) -> None:
        draft = work.draft
        self._without_datum(work, asked)
        if work.outcome or next_datum(draft, work.market):
            draft.stage = Stage.COLLECTING
            return
        draft.stage = Stage.CONSENT
        if not draft.consent_given and asked == "consent" and not changed:
            self._take_consent(work)
        if work.outcome or not draft.consent_given:
            return
        if asked == "contact_choice" and not changed:
            self._identification.choose(work)
        elif draft.customer_id is None:
            self._identification.settle_contact(work)
        if draft.contact and not work.outcome:
            self._code.send_first(work)

    def _take_consent(self, work: Work) -> None:
        draft, turn = work.draft, work.turn
        if work.command is Command.AFFIRM:
            draft.consent_given = True
            work.accepted.append("consent")
            self._keep_consent(work)
        elif work.command in {Command.DENY, Command.NOT_AVAILABLE}:
            draft.consent_refusals += 1
            if draft.consent_refusals > 1:
                work.end(Outcome.REFUSED, "consent_refused")
            else:
                work.tell("consent_needed")
        elif "consent" in turn.answers:
            work.tell_error("choice_unknown", "consent")

    def _keep_consent(self, work: Work) -> None:
        consent, turn = work.market.consent, work.turn
        work.draft.consent_id = work.uow.accounts.add_consent(
            conversation_id=turn.conversation_id,
            market=work.draft.market,
            kind=consent.kind,
            version=consent.version,
            language=turn.language,
            channel=turn.channel,
            given_at=work.now,
        )
        entry = AuditEntry(
            Event.CONSENT_GIVEN,
            channel=turn.channel,
            conversation_id=turn.conversation_id,
            reason=f"{consent.kind}/{consent.version}",
        )
        work.uow.audit.add(entry, work.now)

    def _without_datum(self, work: Work, asked: str) -> None:
        """The customer does not have what was asked."""
        if work.command is not Command.NOT_AVAILABLE or work.accepted:
            return
        draft = work.draft
        if work.market.identify_by == "contact" and draft.is_searching:
            if asked == "policy_number" and not draft.is_business:
                draft.without_policy_number = True
            elif asked in _SEARCH_SLOTS:
                work.end(Outcome.PERSON, "contact_help")
        elif asked not in {"consent", "contact_choice", "last_name"}:
            work.tell("contact_help")

    def _read_code(self, work: Work, attempt: Try | None) -> None:
        """Say so where something else than six digits was given as the code."""
        said = work.turn.answers.get("otp_code")
        if said is None or attempt is not None or work.remarks or work.outcome:
            return
        try:
            PARSERS["otp_code"](said, self._context(work.draft))
        except Invalid as error:
            work.tell_error(error.reason, "otp_code")
        else:
            work.tell_error("code_expired", "otp_code")

    def _without_draft(self, work: Work) -> None:
        """A message of a flow that is over: only a password page that was done still counts."""
        page = work.uow.pages.last_used(work.turn.conversation_id, PageKind.PASSWORD)
        account = work.uow.accounts.get(page.account_id or "") if page else None
        if work.command is Command.PAGE_DONE and account and not account.is_pending:
            self._password.complete(work, account)
        else:
            work.end(Outcome.EXPIRED, "flow_expired")

    def _finish(self, work: Work) -> Step:
        step = work.step()
        draft, turn = work.draft, work.turn
        if work.outcome:
            if work.outcome is not Outcome.COMPLETED:
                self._call_off(work.uow, turn.conversation_id)
            draft.forget_answers()
        draft.remember(turn.message_id, step.to_json())
        state = ENDED if work.outcome else LIVE
        work.uow.drafts.save(
            StoredDraft(turn.conversation_id, FLOW, state, draft.to_json(), work.now)
        )
        work.uow.commit()
        return step

    def _call_off(self, uow: UnitOfWork, conversation_id: str) -> None:
        self._challenges.abort(uow, conversation_id, Purpose.REGISTER)
        uow.pages.call_off(conversation_id=conversation_id)

    def _work(self, uow: UnitOfWork, draft: Draft, turn: Turn) -> Work:
        market, limits = self._markets[draft.market], self._markets.limits(draft.market)
        return Work(uow, draft, market, limits, self._clock.now(), turn)

    def _context(self, draft: Draft) -> FieldContext:
        market = self._markets[draft.market]
        return FieldContext(
            market,
            self._clock.now().astimezone(ZoneInfo(market.timezone)).date(),
            profile=draft.values.get("profile"),
            policy_type=draft.values.get("policy_type"),
        )

    def _is_live(self, stored: StoredDraft, market: str) -> bool:
        is_of_market: bool = stored.content["market"] == market
        return is_of_market and stored.state == LIVE and self._is_within_idle(stored)

    def _is_within_idle(self, stored: StoredDraft) -> bool:
        idle = self._clock.now() - stored.idle_at
        return idle.total_seconds() < self._idle_seconds(stored.content["market"])

    def _idle_seconds(self, market: str) -> int:
        return self._markets.limits(market).flow_idle
