"""How a request stands, told to whoever filed it, is proved to be whom it is about, or knows its
number and contact; and its withdrawal, by the first two only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from backend.core.answers import NUMBER_ENDING, Absorbed
from backend.core.challenges import Purpose
from backend.core.errors import Conflict, Fact, Invalid, MatchingBlocked
from backend.core.fields import PARSERS
from backend.core.flow import Choice, Command, Outcome
from backend.core.limits import Limits
from backend.core.markets import Market
from backend.core.masking import mask_tail
from backend.core.request_status import SLOTS, StatusDraft, asking, state_facts
from backend.core.requests import Request
from backend.services.flows.contact_choice import REFUSALS
from backend.services.flows.flow import Flow, FlowParts
from backend.services.flows.own_data import claim_of, read_answers
from backend.services.flows.work import Work
from backend.services.identities import Identities
from backend.services.matching import Matching
from backend.services.requests import Requests
from backend.unit_of_work import UnitOfWork

_MOST_OFFERED: Final = 5

type _Work = Work[StatusDraft]


class RequestStatus(Flow[StatusDraft]):
    """Tells how a request stands, and withdraws it."""

    slug = "check_request"
    purposes = ()
    draft_type = StatusDraft

    def __init__(
        self, parts: FlowParts, *, identities: Identities, requests: Requests, matching: Matching
    ) -> None:
        super().__init__(parts)
        self._identities = identities
        self._requests = requests
        self._matching = matching

    def asking(self, draft: StatusDraft, market: Market) -> str:
        """As `core.request_status` has it."""
        del market
        return asking(draft)

    def filled(self, draft: StatusDraft, market: Market) -> dict[str, str]:
        """The masks of all that was given."""
        del market
        return dict(draft.masks)

    def awaited_code(self, draft: StatusDraft) -> Purpose | None:
        """None: who has to prove who they are does so elsewhere."""
        del draft
        return None

    def choices(self, uow: UnitOfWork, draft: StatusDraft, market: Market) -> Sequence[Choice]:
        """The numbers of one's own requests."""
        del uow, market
        if asking(draft) != "request_choice":
            return ()
        return tuple(Choice(number, number) for number in draft.offered)

    def facts(self, draft: StatusDraft, market: Market, limits: Limits) -> Mapping[str, Fact]:
        """Which request may be withdrawn."""
        del market, limits
        return {"request_number": draft.chosen} if draft.chosen else {}

    def handle(self, work: _Work) -> None:
        """Take one message."""
        draft, asked = work.draft, asking(work.draft)
        own, is_proved = self._own(work)
        if asked == "request_choice":
            self._choose(work, own)
            return
        absorbed = read_answers(work, asked, SLOTS, lambda: SLOTS)
        is_new = not draft.has_begun
        draft.has_begun = True
        if asked == "confirmation" and "request_number" not in absorbed.accepted:
            self._take_confirmation(work, own, absorbed)
        elif is_new and "request_number" not in draft.values:
            self._show_own(work, own, is_proved=is_proved)
        elif work.command in REFUSALS and not (is_new or absorbed.touched or absorbed.errors):
            self._without_datum(work, asked)
        else:
            self._look(work, own, absorbed)

    # Whose requests -------------------------------------------------------------------------------

    def _own(self, work: _Work) -> tuple[dict[str, Request], bool]:
        """The caller's own requests by number, newest first; whether who writes is proved."""
        uow, conversation_id = work.uow, work.turn.conversation_id
        proof = self._identities.of(uow, conversation_id, work.draft.market)
        about_owner = self._requests.of_account(uow, proof.account_id) if proof else []
        filed_here = self._requests.of_conversation(uow, conversation_id)
        every = {one.number: one for one in (*about_owner, *filed_here)}.values()
        of_market = [one for one in every if one.market == work.draft.market]
        newest_first = sorted(of_market, key=lambda one: one.submitted_at, reverse=True)
        return {one.number: one for one in newest_first}, proof is not None

    def _show_own(self, work: _Work, own: Mapping[str, Request], *, is_proved: bool) -> None:
        if len(own) == 1:
            self._tell(work, next(iter(own.values())), is_own=True)
        elif own:
            work.draft.offered = list(own)[:_MOST_OFFERED]
        elif is_proved:
            work.draft.has_none = True
            work.tell("no_requests")

    def _choose(self, work: _Work, own: Mapping[str, Request]) -> None:
        said = work.turn.answers
        text = said.get("request_choice") or said.get("request_number") or said.get(NUMBER_ENDING)
        if text is None:
            if work.command in REFUSALS:
                work.draft.offered = []
            return
        request = _meant(work, text, own)
        if request is None:
            work.tell_error("choice_unknown", "request_choice")
            return
        work.draft.offered = []
        work.draft.masks["request_choice"] = mask_tail(request.number, 3)
        work.accepted.append("request_choice")
        self._tell(work, request, is_own=True)

    # Number and contact ---------------------------------------------------------------------------

    def _look(self, work: _Work, own: Mapping[str, Request], absorbed: Absorbed) -> None:
        draft = work.draft
        if draft.is_rejected:
            self._reopen(draft, absorbed)
        number = draft.values.get("request_number")
        if number is None or draft.is_rejected:
            return
        draft.chosen = None
        if number in own:
            self._tell(work, own[number], is_own=True)
        elif "contact" in draft.values:
            self._match(work)

    @staticmethod
    def _reopen(draft: StatusDraft, absorbed: Absorbed) -> None:
        """What did not belong together is looked up again once something of it was said again."""
        if absorbed.accepted or set(absorbed.touched) == set(SLOTS):
            draft.is_rejected = False
        elif "request_number" in absorbed.touched:
            # The number stands as it is: then it is the contact.
            draft.is_rejected = False
            del draft.values["contact"], draft.masks["contact"]

    def _match(self, work: _Work) -> None:
        values, market = work.draft.values, work.draft.market

        def find() -> Request | None:
            return self._requests.find(
                work.uow, market, values["request_number"], values["contact"]
            )

        try:
            request = self._matching.request(work.uow, claim_of(work), find)
        except MatchingBlocked as blocked:
            work.end(Outcome.PERSON, blocked.reason)
            return
        if request is None:
            work.draft.is_rejected = True
            work.tell("request_unknown")
        else:
            self._tell(work, request, is_own=False)

    @staticmethod
    def _without_datum(work: _Work, asked: str) -> None:
        """The customer has no number, or not the contact; a bare no may mean anything else."""
        if work.command is Command.DENY and not work.draft.has_none:
            work.tell("contact_help")
        elif asked == "request_number" and work.draft.has_none:
            work.facts |= {"next_offer": "nothing"}
            work.end(Outcome.COMPLETED)
        else:
            work.end(Outcome.PERSON, "contact_help")

    # State and withdrawal -------------------------------------------------------------------------

    @staticmethod
    def _tell(work: _Work, request: Request, *, is_own: bool) -> None:
        """Say how *request* stands; what is one's own and open may be withdrawn."""
        work.tell(f"request_{request.state}", **state_facts(request, work.market))
        if is_own and request.is_open:
            draft = work.draft
            draft.chosen = draft.values["request_number"] = request.number
            draft.masks["request_number"] = mask_tail(request.number, 3)
        else:
            _complete(work)

    def _take_confirmation(
        self, work: _Work, own: Mapping[str, Request], absorbed: Absorbed
    ) -> None:
        if absorbed.errors:
            return
        if work.command is Command.AFFIRM:
            self._conclude(work, own, is_withdrawn=True)
        elif work.command in REFUSALS:
            self._conclude(work, own, is_withdrawn=False)
        elif "confirmation" in work.turn.answers:
            work.tell_error("choice_unknown", "confirmation")

    def _conclude(self, work: _Work, own: Mapping[str, Request], *, is_withdrawn: bool) -> None:
        request = own.get(work.draft.chosen or "")
        if request is None:
            # The proof of who writes ran out between the question and the answer.
            work.end(Outcome.EXPIRED, "flow_expired")
        elif is_withdrawn and request.is_open:
            self._withdraw(work, request)
        elif request.is_open:
            work.tell("request_kept", request_number=request.number)
            _complete(work)
        else:
            self._tell(work, request, is_own=True)

    def _withdraw(self, work: _Work, request: Request) -> None:
        # Where somebody was first this very moment, how it stands now is the answer.
        with suppress(Conflict):
            self._requests.withdraw(work.uow, request)
        self._tell(work, self._requests.numbered(work.uow, request.number), is_own=False)


def _meant(work: _Work, text: str, own: Mapping[str, Request]) -> Request | None:
    """Which of one's own requests *text* means: by its number, or by how that ends."""
    try:
        return own.get(PARSERS["request_number"](text, work.context).value)
    except Invalid:
        ending = work.turn.answers.get(NUMBER_ENDING)
        ending_so = [one for number, one in own.items() if ending and number.endswith(ending)]
        return ending_so[0] if len(ending_so) == 1 else None


def _complete(work: _Work) -> None:
    work.facts |= {"next_offer": "nothing"}
    work.end(Outcome.COMPLETED)
