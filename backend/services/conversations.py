"""Conversations as the gateway keeps them: nothing that came in is lost, nothing is done twice.

It knows neither the engine nor HTTP: it stores, hands out one message at a time, and stores what
a turn came to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.exc import IntegrityError

from backend.adapters.crypto import new_id, new_token
from backend.core.conversation import (
    Author,
    Choice,
    Claim,
    Conversation,
    Incoming,
    Kind,
    Line,
    NewConversation,
    Received,
    Saying,
    Status,
    TurnOutcome,
)
from backend.core.errors import NotFound
from backend.ports import Clock
from backend.services.whatsapp import Told, WhatsAppReplies
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

SESSION_IDLE = timedelta(hours=24)
"""How long a widget's session may lie unused."""


class ConversationUnknown(NotFound):
    """There is no such conversation, or no session of that token any more."""

    code = "conversation_unknown"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A conversation with the buttons that may be pressed now."""

    conversation: Conversation
    choices: tuple[str, ...]


class Conversations:
    """The store of conversations, one transaction per call."""

    def __init__(
        self, uow: UnitOfWorkFactory, clock: Clock, whatsapp: WhatsAppReplies | None = None
    ) -> None:
        """Without `whatsapp`, what is said stays to be fetched."""
        self._uow = uow
        self._clock = clock
        self._whatsapp = whatsapp

    # Opening and finding ------------------------------------------------------------------------

    def of_sender(
        self, sender: str, *, channel: str, market: str | None, default: tuple[str, str]
    ) -> Conversation:
        """The conversation with somebody who writes from an address, made if there is none.

        Args:
            sender: the address; only its keyed index and its sealed form are stored.
            market: None for the market of the latest conversation, else the default one.
            default: market and language of a new conversation.
        """

        def find_or_add(uow: UnitOfWork) -> Conversation:
            found = uow.conversations.of_sender(sender, channel=channel, market=market)
            if found is not None:
                return found
            return self._add(
                uow, NewConversation(channel, market or default[0], default[1], sender=sender)
            )

        return self._write_again_if_first(find_or_add)

    def find_sender(self, sender: str) -> Conversation | None:
        """The latest conversation of a sender, whatever the channel and market."""
        with self._uow(read_only=True) as uow:
            return uow.conversations.of_sender(sender)

    def open_session(self, market: str, language: str) -> tuple[str, Conversation]:
        """A new widget session: its token, told this once, and its conversation."""
        token = new_token()
        with self._uow() as uow:
            made = self._add(uow, NewConversation("web", market, language, token=token))
            uow.commit()
        return token, made

    def resume_session(self, token: str) -> Conversation:
        """The conversation that a session's token opens.

        Raises:
            ConversationUnknown: no such token, or unused for too long.
        """
        now = self._clock.now()
        with self._uow() as uow:
            found = uow.conversations.of_token(token, seen_after=now - SESSION_IDLE)
            if found is None:
                raise ConversationUnknown
            uow.conversations.change(found.id, seen_at=now)
            uow.commit()
        return found

    def snapshot(self, conversation_id: str) -> Snapshot:
        """Where a conversation stands.

        Raises:
            ConversationUnknown: there is none of that id.
        """
        with self._uow(read_only=True) as uow:
            found = uow.conversations.get(conversation_id)
            if found is None:
                raise ConversationUnknown
            live = uow.conversations.live_choices(conversation_id)
        return Snapshot(found, tuple(choice.id for choice in live))

    def lines(self, conversation_id: str, *, after: int = 0) -> list[Line]:
        """The transcript behind a sequence number, in order."""
        with self._uow(read_only=True) as uow:
            return uow.conversations.lines(conversation_id, after=after)

    def set_language(self, conversation_id: str, language: str) -> None:
        """Make a language the conversation's own, without a turn."""
        with self._uow() as uow:
            uow.conversations.change(conversation_id, language=language)
            uow.commit()

    def hold(self, conversation_id: str, held_by: Literal["bot", "person"]) -> None:
        """Let somebody else answer from here on; who writes has to be proved anew.

        Raises:
            ConversationUnknown: there is none of that id.
        """
        with self._uow() as uow:
            if uow.conversations.get(conversation_id) is None:
                raise ConversationUnknown
            uow.conversations.change(conversation_id, held_by=held_by)
            uow.identities.remove(conversation_id)
            uow.commit()

    # Receiving ----------------------------------------------------------------------------------

    def receive(self, conversation_id: str, incoming: Incoming) -> Received:
        """Store an incoming message; one that is stored already has no second effect.

        The same name from the sender is the same message. A button pressed again while its first
        press is still being handled is the same press: that is what a double click is.

        Raises:
            ConversationUnknown: there is none of that id.
        """

        def find_or_add(uow: UnitOfWork) -> Received:
            conversation = uow.conversations.get(conversation_id)
            if conversation is None:
                raise ConversationUnknown
            return self._received(uow, conversation, incoming)

        return self._write_again_if_first(find_or_add)

    def receive_from(
        self, sender: str, writes_as: NewConversation, incoming: Incoming
    ) -> tuple[Conversation, Received]:
        """`of_sender` and `receive` at once, where a provider waits for the acknowledgement.

        Args:
            writes_as: the conversation with them, as it is where they had none before.
        """
        channel, market = writes_as.channel, writes_as.market

        def find_or_add(uow: UnitOfWork) -> tuple[Conversation, Received]:
            found = uow.conversations.of_sender(sender, channel=channel, market=market)
            if found is None:
                found = self._add(uow, replace(writes_as, sender=sender))
            elif found.reply_from != writes_as.reply_from:
                uow.conversations.change(found.id, reply_from=writes_as.reply_from)
                found = replace(found, reply_from=writes_as.reply_from)
            return found, self._received(uow, found, incoming)

        return self._write_again_if_first(find_or_add)

    def _received(
        self, uow: UnitOfWork, conversation: Conversation, incoming: Incoming
    ) -> Received:
        known = self._known_inbound(uow, conversation.id, incoming)
        if known is not None:
            return Received(known, is_new=False)
        message_id = new_id("m")
        added = uow.conversations.add_inbound(
            conversation.id,
            message_id,
            incoming.provider_message_id or message_id,
            incoming,
            self._clock.now(),
        )
        wrote = conversation.reply_from is not None and incoming.kind is not Kind.EVENT
        if wrote and self._whatsapp is not None:
            self._whatsapp.heard(uow, conversation)
        return Received(added, is_new=True)

    @staticmethod
    def _known_inbound(uow: UnitOfWork, conversation_id: str, incoming: Incoming) -> int | None:
        name = incoming.provider_message_id
        known = uow.conversations.inbound_named(conversation_id, name) if name else None
        if known is None and incoming.kind is Kind.BUTTON and incoming.button_id is not None:
            known = uow.conversations.press_under_way(conversation_id, incoming.button_id)
        return known

    def is_handled(self, inbound_id: int) -> bool:
        """Whether a message's turn is over (or the message is gone)."""
        with self._uow(read_only=True) as uow:
            status = uow.conversations.status_of(inbound_id)
        return status not in (Status.QUEUED, Status.RUNNING)

    # Turns --------------------------------------------------------------------------------------

    def waiting(self, owner: str, *, now: float) -> list[str]:
        """Conversations with something unhandled that no other process is at."""
        with self._uow(read_only=True) as uow:
            return uow.conversations.waiting(owner, now=now)

    def claim(self, conversation_id: str, owner: str, *, now: float, until: float) -> Claim | None:
        """Take the oldest unhandled message; None if there is none or another process is at it.

        The claim holds until `until` (seconds of real time) unless it is kept up: a process that
        dies lets go of it by saying nothing.
        """
        with self._uow() as uow:
            store = uow.conversations
            if not store.take_turns(conversation_id, owner, now=now, until=until):
                return None
            started = store.start_oldest(conversation_id)
            conversation = store.get(conversation_id)
            if started is None or conversation is None:
                store.keep_turns(conversation_id, owner, until=None)
                uow.commit()
                return None
            inbound_id, message_id, attempts, incoming = started
            claim = Claim(
                inbound_id=inbound_id,
                message_id=message_id,
                incoming=incoming,
                attempts=attempts,
                conversation=conversation,
                choices=store.live_choices(conversation_id),
                pressed=store.choice(conversation_id, incoming.button_id)
                if incoming.button_id
                else None,
            )
            uow.commit()
        return claim

    def keep_claim(self, conversation_id: str, owner: str, *, until: float) -> bool:
        """Say that the turn still runs; False if another process has taken it over."""
        with self._uow() as uow:
            kept = uow.conversations.keep_turns(conversation_id, owner, until=until)
            uow.commit()
        return kept

    def finish(self, claim: Claim, owner: str, outcome: TurnOutcome) -> bool:
        """Store all that a turn came to, at once; False, and nothing stored, if it is not ours."""
        conversation_id = claim.conversation.id
        now = self._clock.now()
        with self._uow() as uow:
            store = uow.conversations
            # Letting go first also locks the row, so that numbers are given out one by one.
            if not store.keep_turns(conversation_id, owner, until=None):
                return False
            current = store.get(conversation_id)
            if current is None or not store.end_inbound(claim.inbound_id, outcome.status, now):
                return False
            if outcome.button_id is not None:
                store.use_button(conversation_id, outcome.button_id, now)
            lines = _numbered(claim, outcome, current.last_seq, now)
            told = _add_lines(uow, conversation_id, lines)
            failed = outcome.status is Status.FAILED
            store.change(
                conversation_id,
                last_seq=lines[-1][0].seq if lines else current.last_seq,
                turn_seq=next((line.seq for line, said in lines if said), current.last_seq + 1),
                language=outcome.language,
                flow=outcome.flow,
                asking=outcome.asking,
                failures=current.failures + 1 if failed else 0,
                updated_at=now,
            )
            if outcome.wants_messages is not None:
                opted_out_at = None if outcome.wants_messages else now
                store.change(conversation_id, opted_out_at=opted_out_at)
            if current.reply_from is not None:
                self._post(uow, replace(current, language=outcome.language), claim, told)
            uow.commit()
        return True

    def _post(
        self, uow: UnitOfWork, conversation: Conversation, claim: Claim, told: list[Told]
    ) -> None:
        """Have it sent, where the channel is on."""
        if self._whatsapp is None:
            return
        self._whatsapp.post(uow, conversation, told, began_here=claim.incoming.kind is Kind.EVENT)
        self._whatsapp.remove_media(uow, conversation, claim.incoming.media)

    def _add(self, uow: UnitOfWork, new: NewConversation) -> Conversation:
        conversation_id = new_id("c")
        uow.conversations.add(conversation_id, new, self._clock.now())
        made = uow.conversations.get(conversation_id)
        if made is None:
            raise ConversationUnknown
        return made

    def _write_again_if_first[T](self, work: Callable[[UnitOfWork], T]) -> T:
        """Run a find-or-add; who loses the race to add finds the winner's row.

        There are two races in one at most: for the conversation, then for the message.
        """
        for _ in range(2):
            try:
                return self._written(work)
            except IntegrityError:
                continue
        return self._written(work)

    def _written[T](self, work: Callable[[UnitOfWork], T]) -> T:
        # Somebody waits for the acknowledgement: turns and messages that leave may wait a little.
        with self._uow(hurried=True) as uow:
            result = work(uow)
            uow.commit()
        return result


def _numbered(
    claim: Claim, outcome: TurnOutcome, last_seq: int, now: datetime
) -> list[tuple[Line, Saying | None]]:
    """The lines that a turn adds: the customer's own, if there is one, then the bot's."""
    lines: list[tuple[Line, Saying | None]] = []
    if outcome.customer_text is not None:
        own = Line(
            seq=last_seq + 1,
            author=Author.CUSTOMER,
            text=outcome.customer_text,
            at=now,
            button_id=outcome.button_id,
            inbound_id=claim.inbound_id,
        )
        lines.append((own, None))
    first = last_seq + 1 + len(lines)
    for seq, said in enumerate(outcome.sayings, start=first):
        line = Line(
            seq=seq,
            author=Author.BOT,
            text=said.text,
            at=now,
            page=said.page,
            inbound_id=claim.inbound_id,
        )
        lines.append((line, said))
    return lines


def _add_lines(
    uow: UnitOfWork, conversation_id: str, lines: list[tuple[Line, Saying | None]]
) -> list[Told]:
    """Store the lines of a turn; what the bot said comes back with its buttons."""
    told: list[Told] = []
    for line, said in lines:
        uow.conversations.add_line(conversation_id, line)
        if said is not None:
            told.append(Told(said, _offered(said)))
            uow.conversations.add_buttons(conversation_id, line.seq, told[-1].choices)
    return told


def _offered(said: Saying) -> list[Choice]:
    return [Choice(new_id("b"), title, payload) for title, payload in said.buttons]
