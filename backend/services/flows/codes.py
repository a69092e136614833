"""The code of a flow: sent, sent again, by another channel, tried. The same for every flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.core.challenges import BY_LINK, Challenge, Purpose, State
from backend.core.errors import CodesBlocked, Fact, Invalid, SportelloError
from backend.core.fields import PARSERS
from backend.core.fields.choices import parse_code_channel
from backend.core.flow import CODE_ERRORS, Command, Outcome
from backend.core.masking import mask_contact
from backend.services.challenges import Challenges, Sending, Try
from backend.services.flows.work import Work

_WANTS_ANOTHER = frozenset({Command.RESEND, Command.NOT_AVAILABLE, Command.PAGE_RENEWAL})


@dataclass(frozen=True, slots=True)
class CodePlan:
    """What a flow wants of its code at this moment."""

    purpose: Purpose
    subject: str
    """Whom wrong codes are counted against."""
    contacts: Mapping[str, str] = field(repr=False)
    """Channel -> where a code may go."""
    template: str = "code"
    with_link: bool = False
    is_decoy: bool = False
    """No code typed will be right."""
    decoy_notice: str | None = None
    """What the contact's owner is told instead of a code; None: nothing leaves the house."""


class Codes:
    """Everything between a settled contact and a proven one.

    The contact lies in the draft (`contact`, `contact_channel`) before `send_first`.
    """

    def __init__(self, challenges: Challenges) -> None:
        self._challenges = challenges

    def send_first(self, work: Work[Any], plan: CodePlan) -> bool:
        """Send a code to the settled contact; False where it could not leave, which is told."""
        return self._send(work, plan, "code_sent")

    def take(self, work: Work[Any], plan: CodePlan) -> Challenge | None:
        """One message while a code is awaited; the challenge when it was met by this.

        Its grant is used up then: the next step is this very turn's.
        """
        challenge = self._current(work)
        if challenge and challenge.verified_by == BY_LINK:
            work.tell("link_confirmed")
            return self._granted(work, challenge, plan)
        if work.attempt is not None:
            return self._try(work, work.attempt, plan)
        if "code_channel" in work.turn.answers or work.command is Command.OTHER_CHANNEL:
            self._switch(work, challenge, plan)
        elif self._wants_another(work, challenge):
            self._resend(work, challenge, plan)
        self._read(work)
        return None

    def abort(self, work: Work[Any], purpose: Purpose) -> None:
        """The data changed: what was sent is worth nothing any more."""
        self._challenges.abort(work.uow, work.turn.conversation_id, purpose)

    def _wants_another(self, work: Work[Any], challenge: Challenge | None) -> bool:
        if work.command in _WANTS_ANOTHER:
            return True
        # "Shall I send you a new one?" was asked when the code was over.
        return work.command is Command.AFFIRM and not (
            challenge and challenge.is_code_alive(work.now)
        )

    def _try(self, work: Work[Any], attempt: Try, plan: CodePlan) -> Challenge | None:
        if attempt.challenge_id != work.draft.challenge_id:
            work.tell_error("code_expired", "otp_code")
            return None
        failure = work.refused or self._challenges.settle(work.uow, attempt)
        if failure is None:
            return self._granted(work, work.uow.challenges.get(attempt.challenge_id), plan)
        self._tell(work, failure)
        return None

    @staticmethod
    def _granted(work: Work[Any], challenge: Challenge, plan: CodePlan) -> Challenge | None:
        if work.uow.challenges.use_grant(
            challenge.id, plan.purpose, work.turn.conversation_id, work.now
        ):
            return challenge
        # The right code came too long ago; the way on is a new one.
        work.draft.challenge_id = None
        work.tell_error("code_expired", "otp_code")
        return None

    def _tell(self, work: Work[Any], failure: SportelloError) -> None:
        facts = dict(failure.facts)
        if isinstance(failure, CodesBlocked):
            work.end(Outcome.PERSON, failure.reason, **facts)
        elif failure.reason in CODE_ERRORS:
            work.tell_error(failure.reason, "otp_code", **facts)
        else:
            work.tell(failure.reason, **facts)

    def _resend(self, work: Work[Any], challenge: Challenge | None, plan: CodePlan) -> None:
        seconds = challenge.seconds_left(work.now) if challenge else 0
        if seconds > 0:
            work.tell("code_wait", seconds=seconds)
        elif challenge is None:
            self._send(work, plan, "code_sent")
        elif work.draft.resends >= work.limits.otp_resends:
            work.tell("resends_used")
        elif self._send(work, plan, "code_resent"):
            work.draft.resends += 1

    def _switch(self, work: Work[Any], challenge: Challenge | None, plan: CodePlan) -> None:
        draft = work.draft
        wanted = _wanted_channel(work)
        if wanted is not None and wanted == draft.contact_channel:
            self._resend(work, challenge, plan)
            return
        others = [channel for channel in plan.contacts if channel != draft.contact_channel]
        channel = next((one for one in others if wanted in {None, one}), None)
        if channel is None:
            work.tell("no_other_channel")
            return
        if draft.resends >= work.limits.otp_resends:
            work.tell("resends_used")
            return
        before = draft.contact, draft.contact_channel
        draft.contact, draft.contact_channel = plan.contacts[channel], channel
        if self._send(work, plan, "channel_changed"):
            draft.resends += 1
            if "contact_choice" in draft.masks:
                draft.masks["contact_choice"] = mask_contact(plan.contacts[channel])
        else:
            draft.contact, draft.contact_channel = before

    def _send(self, work: Work[Any], plan: CodePlan, code: str) -> bool:
        draft, turn = work.draft, work.turn
        sending = Sending(
            purpose=plan.purpose,
            conversation_id=turn.conversation_id,
            subject=plan.subject,
            market=draft.market,
            language=turn.language,
            channel=draft.contact_channel or "",
            client=turn.client,
            contact=draft.contact or "",
            template=plan.template,
            with_link=plan.with_link,
            is_decoy=plan.is_decoy,
            decoy_notice=plan.decoy_notice,
        )
        try:
            challenge = self._challenges.issue(work.uow, sending)
        except SportelloError as failure:
            self._tell(work, failure)
            return False
        draft.challenge_id = challenge.id
        facts: dict[str, Fact] = {
            "destination": mask_contact(sending.contact),
            "seconds": work.limits.otp_ttl,
            "channel": sending.channel,
        }
        if sending.with_link:
            facts["minutes"] = work.limits.link_ttl // 60
            code = "code_and_link_sent" if code == "code_sent" else code
        work.tell(code, **facts)
        return True

    @staticmethod
    def _read(work: Work[Any]) -> None:
        """Say so where something else than six digits was given as the code."""
        said = work.turn.answers.get("otp_code")
        if said is None or work.remarks or work.outcome:
            return
        try:
            PARSERS["otp_code"](said, work.context)
        except Invalid as error:
            work.tell_error(error.reason, "otp_code")
        else:
            work.tell_error("code_expired", "otp_code")

    @staticmethod
    def _current(work: Work[Any]) -> Challenge | None:
        if work.draft.challenge_id is None:
            return None
        challenge = work.uow.challenges.get(work.draft.challenge_id)
        is_mine = challenge.conversation_id == work.turn.conversation_id
        return challenge if is_mine and challenge.state is not State.ABORTED else None


def code_facts(draft: Any, seconds: int) -> dict[str, Fact]:
    """What the question for a code may mention; *seconds* is how long a code lives."""
    if not draft.contact:
        return {}
    return {
        "destination": mask_contact(draft.contact),
        "channel": draft.contact_channel or "",
        "seconds": seconds,
    }


def _wanted_channel(work: Work[Any]) -> str | None:
    said = work.turn.answers.get("code_channel")
    if said is None:
        return None
    try:
        return parse_code_channel(said, work.context).value
    except Invalid:
        return None
