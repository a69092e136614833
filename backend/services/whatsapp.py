"""What the desk says on WhatsApp: written into the outbox with the turn, sent when it may be.

Words of our own may reach a customer for 24 hours after their last message. What comes later is
put aside, an approved template asks the customer to write, and when they do, it leaves in its old
order, before the answer to what they wrote. What comes unasked in the market's quiet hours leaves
when they end, or when the customer writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.core.conversation import Button, Choice, Conversation, Saying
from backend.core.markets import Markets
from backend.core.notices import WINDOW_CLOSED, Claimed, Words
from backend.core.whatsapp import (
    CHANNEL,
    MEDIA_CHANNEL,
    Phrases,
    in_pieces,
    is_unasked,
    may_write_freely,
)
from backend.ports import Clock
from backend.services.notices import Verdict
from backend.texts import Texts
from backend.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that the bot said, with its choices as the customer may press them."""

    saying: Saying
    choices: Sequence[Choice]


class WhatsAppWindow:
    """The gate of the channel: when a customer may be written to, and with what."""

    def __init__(self, clock: Clock, texts: Texts, templates: Mapping[str, str]) -> None:
        """`templates` has an approved template for each language, or none."""
        self._clock = clock
        self._texts = texts
        self._templates = templates

    def verdict(self, uow: UnitOfWork, notice: Claimed) -> Verdict:
        """Whether it may leave now; the conversation is locked until the unit ends."""
        seen = None if notice.lane is None else uow.conversations.last_seen(notice.lane)
        if seen is None:
            return Verdict.DROP  # erased meanwhile
        last_heard, opted_out = seen
        if opted_out and notice.is_unasked:
            return Verdict.DROP
        if notice.reason == WINDOW_CLOSED:
            return Verdict.HOLD  # the provider's reckoning is the one that counts
        is_template = notice.words is not None and notice.words.template is not None
        if is_template or may_write_freely(self._clock.now(), last_heard):
            return Verdict.SEND
        return Verdict.HOLD

    def hold(self, uow: UnitOfWork, notice: Claimed) -> bool:
        """Put it aside; the first one has the customer asked to write."""
        lane = notice.lane
        if lane is None or notice.to is None:
            return False
        is_first = not uow.notices.holds_any(lane)
        held = uow.notices.hold(notice, WINDOW_CLOSED)
        template = self._templates.get(notice.language)
        if held and is_first and template is not None:
            uow.notices.add(
                channel=CHANNEL,
                to=notice.to,
                template="reopen",
                language=notice.language,
                words=Words(None, self._texts.get("reopen", notice.language), template=template),
                now=self._clock.now(),
                lane=lane,
                sender=notice.sender,
                is_unasked=True,
            )
        return held


class WhatsAppReplies:
    """Writes what a turn said into the outbox."""

    def __init__(self, clock: Clock, texts: Texts, markets: Markets) -> None:
        self._clock = clock
        self._texts = texts
        self._markets = markets

    def heard(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """The customer has written: what was put aside, or waited for the morning, may go."""
        now = self._clock.now()
        uow.conversations.change(conversation.id, seen_at=now)
        uow.notices.release(conversation.id, now)

    def post(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        told: Sequence[Told],
        *,
        began_here: bool,
    ) -> None:
        """Write the messages of a turn; `began_here`: it answers nothing the customer said."""
        to = uow.conversations.address(conversation.id)
        seen = uow.conversations.last_seen(conversation.id)
        if to is None or seen is None:
            return
        now, language = self._clock.now(), conversation.language
        unasked = began_here and is_unasked(now, seen[0])
        market = self._markets[conversation.market]
        due_at = market.may_disturb_from(now) if unasked else now
        for words in self._pieces(language, told):
            uow.notices.add(
                channel=CHANNEL,
                to=to,
                template="reply",
                language=language,
                words=words,
                now=now,
                due_at=due_at,
                lane=conversation.id,
                sender=conversation.reply_from,
                is_unasked=unasked,
            )

    def remove_media(
        self, uow: UnitOfWork, conversation: Conversation, media: Sequence[str]
    ) -> None:
        """Have what a customer sent deleted at the provider; `media` as `Incoming.media`."""
        for medium in media:
            uow.notices.add(
                channel=MEDIA_CHANNEL,
                to=conversation.reply_from or "",  # who sent it need not be known for that
                template="removal",
                language=conversation.language,
                words=Words(None, medium),
                now=self._clock.now(),
            )

    def _pieces(self, language: str, told: Sequence[Told]) -> list[Words]:
        phrases = Phrases(
            choose=self._texts.get("choose", language),
            open_list=self._texts.get("open_list", language),
            by_number=self._texts.get("by_number", language),
        )
        pieces: list[Words] = []
        number = 1
        for each in told:
            choices = [Button(choice.id, choice.title) for choice in each.choices]
            text = self._with_page(each.saying, language)
            pieces += in_pieces(text, choices, phrases, first_number=number)
            number += len(choices)
        return pieces

    def _with_page(self, saying: Saying, language: str) -> str:
        if saying.page is None:
            return saying.text
        return f"{saying.text}\n\n{self._texts.get('page', language, url=saying.page.url)}"
