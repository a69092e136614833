"""One turn: from a stored message to all that it changes, whatever fails on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic
from typing import Protocol

import structlog

from backend.core.conversation import (
    Choice,
    Claim,
    Kind,
    Nature,
    PageLink,
    Saying,
    Status,
    TurnOutcome,
)
from backend.ports import Clock
from backend.texts import Texts
from web.gateway.choices import typed_choice
from web.gateway.cleaning import clean
from web.gateway.engine import (
    EngineAnswer,
    EngineClient,
    EngineError,
    EngineMessage,
    EngineRequest,
    Parse,
    parse_payload,
)
from web.gateway.numbers import GatewayNumbers
from web.gateway.opting import Opting
from web.incidents import report

_UNREAD = "•••"
"""Stands in the transcript for a message of which nobody said what may be kept."""

log = structlog.get_logger(__name__)


class Pages(Protocol):
    """What a turn needs of the one-time pages."""

    def mint(self, page_id: str) -> str:
        """A fresh address for the page; an earlier one stops working."""
        ...


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a message comes to before the engine is asked."""

    request: EngineRequest | None
    """None: the gateway answers alone, with `sayings`."""
    customer_text: str | None = field(repr=False)
    """As it may be kept; None where only the engine can tell."""
    button_id: str | None = None
    sayings: tuple[Saying, ...] = ()
    """Said before the engine's own messages."""
    wants_messages: bool | None = None


class TurnRunner:
    """Runs turns. Stateless: everything a turn depends on is in its claim."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        *,
        engine: EngineClient,
        pages: Pages,
        texts: Texts,
        contact: Callable[[str], str],
        clock: Clock,
        numbers: GatewayNumbers,
    ) -> None:
        """`contact` gives the help line of a market."""
        self._engine = engine
        self._pages = pages
        self._texts = texts
        self._contact = contact
        self._clock = clock
        self._numbers = numbers
        self._opting = Opting(texts)

    async def run(self, claim: Claim) -> TurnOutcome:
        """What the turn came to. Never raises: a failure becomes an apology."""
        try:
            heard = self._hear(claim)
            if heard.request is None:
                return self._answered_here(claim, heard)
            self._refuse_ruinous(claim)
            answer = await self._ask(heard.request)
            return await self._answered(claim, heard, answer)
        except Exception as failure:  # noqa: BLE001 - the one broad net of this edge
            return self._apology(claim, failure)

    def _refuse_ruinous(self, claim: Claim) -> None:
        if claim.attempts > self._numbers.claims_most:
            raise EngineError("the turn was started too often", may_pass=False)

    # Before the engine --------------------------------------------------------------------------

    def _hear(self, claim: Claim) -> _Heard:
        match claim.incoming.kind:
            case Kind.EVENT:
                parse = Parse(claim.incoming.intent or "", claim.incoming.entities)
                return _Heard(self._request(claim, parse=parse), customer_text=None)
            case Kind.BUTTON:
                return self._hear_button(claim)
            case Kind.TEXT:
                return self._hear_text(claim)

    def _hear_button(self, claim: Claim) -> _Heard:
        pressed = claim.pressed
        if pressed is not None and pressed in claim.choices:
            return self._hear_choice(claim, pressed, pressed.title)
        key = "past_choice" if claim.choices else "past_choice_alone"
        return _Heard(
            None,
            customer_text=None if pressed is None else pressed.title,
            sayings=(self._own(claim, key),),
        )

    def _hear_text(self, claim: Claim) -> _Heard:
        cleaned = clean(claim.incoming.text, self._numbers.text_length)
        wish = self._opting.wish(claim, cleaned.text)
        if wish is not None:
            said = self._own(claim, "opting.in_done" if wish else "opting.out_done")
            return _Heard(None, cleaned.text or None, sayings=(said,), wants_messages=wish)
        if cleaned.is_empty:
            return self._hear_no_text(claim)
        chosen = typed_choice(cleaned.text, claim.choices)
        if chosen is not None:
            return self._hear_choice(claim, chosen, cleaned.text)
        return _Heard(
            self._request(claim, text=cleaned.text),
            customer_text=None,
            sayings=self._before_answer(claim, was_cut=cleaned.was_cut),
        )

    def _hear_no_text(self, claim: Claim) -> _Heard:
        nature = claim.incoming.nature
        if nature is None:
            return _Heard(None, customer_text=None, sayings=(self._own(claim, "empty"),))
        stand_in = self._text(claim, f"received.{nature}.line")
        return _Heard(None, stand_in, sayings=(self._own(claim, self._about(claim, nature)),))

    def _before_answer(self, claim: Claim, *, was_cut: bool) -> tuple[Saying, ...]:
        """What is said of the message itself: the answer to its words follows."""
        said = []
        nature = claim.incoming.nature
        if nature is not None:
            said.append(Saying(self._text(claim, self._about(claim, nature))))
        if was_cut:
            limit = _grouped(f"{self._numbers.text_length:,}", claim)
            said.append(Saying(self._text(claim, "cut", limit=limit)))
        return tuple(said)

    @staticmethod
    def _about(claim: Claim, nature: Nature) -> str:
        """The words for something that is no text; files have a page of their own."""
        is_file = nature in {Nature.PHOTO, Nature.DOCUMENT}
        if is_file and claim.conversation.asking == "document_upload":
            return "received.on_the_page"
        return f"received.{nature}.answer"

    def _hear_choice(self, claim: Claim, chosen: Choice, typed: str) -> _Heard:
        parse = parse_payload(chosen.payload, chosen.title)
        request = (
            self._request(claim, text=chosen.title)
            if parse is None
            else self._request(claim, parse=parse)
        )
        # A title was said by the assistant before: it is fit to be kept.
        return _Heard(request, customer_text=typed, button_id=chosen.id)

    @staticmethod
    def _request(
        claim: Claim, *, text: str | None = None, parse: Parse | None = None
    ) -> EngineRequest:
        conversation = claim.conversation
        return EngineRequest(
            conversation=conversation.id,
            message_id=claim.message_id,
            channel=conversation.channel,
            market=conversation.market,
            language=conversation.language,
            client=claim.incoming.client,
            text=text,
            parse=parse,
        )

    # The engine ---------------------------------------------------------------------------------

    async def _ask(self, request: EngineRequest) -> EngineAnswer:
        patience_ends = monotonic() + self._numbers.engine_patience
        for pause in self._numbers.engine_pauses:
            try:
                return await self._engine.turn(request)
            except EngineError as failure:
                if not failure.may_pass or monotonic() > patience_ends:
                    raise
                log.warning(
                    "engine_tried_again",
                    conversation=request.conversation,
                    message=request.message_id,
                    circumstance=str(failure),
                )
            await asyncio.sleep(pause)
        return await self._engine.turn(request)

    # After the engine ---------------------------------------------------------------------------

    async def _answered(self, claim: Claim, heard: _Heard, answer: EngineAnswer) -> TurnOutcome:
        told = [message for message in answer.messages if not message.is_empty]
        if not told:
            raise EngineError("the engine said nothing", may_pass=False)
        sayings = [await self._saying(message) for message in told]
        return TurnOutcome(
            status=Status.DONE,
            sayings=(*heard.sayings, *sayings),
            language=answer.state.language,
            flow=answer.state.flow,
            asking=answer.state.asking,
            customer_text=self._kept_text(claim, heard, answer.masked_text),
            button_id=heard.button_id,
        )

    async def _saying(self, message: EngineMessage) -> Saying:
        page = None
        if message.page is not None:
            url = await asyncio.to_thread(self._pages.mint, message.page.id)
            page = PageLink(
                kind=message.page.kind,
                minutes=message.page.minutes,
                url=url,
                expires_at=self._clock.now() + timedelta(minutes=message.page.minutes),
            )
        offered = tuple((button.title, button.payload) for button in message.buttons)
        return Saying(message.text, offered, page)

    @staticmethod
    def _kept_text(claim: Claim, heard: _Heard, masked: str | None) -> str | None:
        if claim.incoming.kind is Kind.EVENT:
            return None
        return heard.customer_text or masked or _UNREAD

    # The gateway's own words --------------------------------------------------------------------

    def _answered_here(self, claim: Claim, heard: _Heard) -> TurnOutcome:
        return replace(
            self._unchanged(claim, Status.DONE, heard.sayings),
            customer_text=heard.customer_text,
            wants_messages=heard.wants_messages,
        )

    def _apology(self, claim: Claim, failure: Exception) -> TurnOutcome:
        incident = report(
            "turn_failed",
            failure,
            conversation=claim.conversation.id,
            message=claim.message_id,
            circumstance=str(failure) if isinstance(failure, EngineError) else None,
        )
        if claim.conversation.failures:
            contact = self._contact(claim.conversation.market)
            said = self._own(claim, "apology_again", contact=contact, incident=incident)
        else:
            said = self._own(claim, "apology")
        outcome = self._unchanged(claim, Status.FAILED, (said,))
        match claim.incoming.kind:
            case Kind.EVENT:
                return outcome
            case Kind.BUTTON:
                title = _UNREAD if claim.pressed is None else claim.pressed.title
                return replace(outcome, customer_text=title)
            case Kind.TEXT:
                return replace(outcome, customer_text=_UNREAD)

    def _own(self, claim: Claim, key: str, **facts: str) -> Saying:
        """A message of the gateway, with the choices of the last question: they stay open."""
        return Saying(self._text(claim, key, **facts), _offered_again(claim.choices))

    def _text(self, claim: Claim, key: str, **facts: str) -> str:
        return self._texts.get(key, claim.conversation.language, **facts)

    @staticmethod
    def _unchanged(claim: Claim, status: Status, sayings: tuple[Saying, ...]) -> TurnOutcome:
        conversation = claim.conversation
        return TurnOutcome(
            status=status,
            sayings=sayings,
            language=conversation.language,
            flow=conversation.flow,
            asking=conversation.asking,
        )


def _offered_again(choices: Sequence[Choice]) -> tuple[tuple[str, str], ...]:
    return tuple((choice.title, choice.payload) for choice in choices)


def _grouped(number: str, claim: Claim) -> str:
    """Thousands as the language writes them."""
    return number if claim.conversation.language == "en" else number.replace(",", ".")
