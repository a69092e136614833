"""Rows of conversations; every method works in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, or_, select, update

from backend.adapters.crypto import Vault
from backend.adapters.tables.conversations import buttons, conversations, inbound, messages
from backend.core.conversation import (
    Author,
    Button,
    Choice,
    Conversation,
    Incoming,
    Kind,
    Line,
    Nature,
    NewConversation,
    PageLink,
    Status,
)

_SENDER = "conversations.sender"
_PAYLOAD = "inbound.payload"
_PAGE = "messages.page"
_BUTTON = "buttons.payload"

_OPEN = (Status.QUEUED, Status.RUNNING)


class ConversationRepository:
    """Conversations, their inbound rows, transcript and buttons."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    # Conversations ------------------------------------------------------------------------------

    def add(self, conversation_id: str, new: NewConversation, now: datetime) -> None:
        token = new.token
        sender = new.sender
        self._connection.execute(
            insert(conversations).values(
                id=conversation_id,
                channel=new.channel,
                market=new.market,
                language=new.language,
                sender_index=None if sender is None else self._vault.index("sender", sender),
                sender=self._vault.seal_optional(sender, _SENDER),
                reply_from=new.reply_from,
                token_hash=None if token is None else self._vault.hash_token(token),
                seen_at=now,
                created_at=now,
                updated_at=now,
            )
        )

    def get(self, conversation_id: str) -> Conversation | None:
        return self._one(select(conversations).where(conversations.c.id == conversation_id))

    def of_sender(
        self, sender: str, *, channel: str | None = None, market: str | None = None
    ) -> Conversation | None:
        """The sender's latest conversation, on a channel and in a market where these are given."""
        query = select(conversations).where(
            conversations.c.sender_index == self._vault.index("sender", sender)
        )
        if channel is not None:
            query = query.where(conversations.c.channel == channel)
        if market is not None:
            query = query.where(conversations.c.market == market)
        return self._one(query.order_by(conversations.c.updated_at.desc()).limit(1))

    def of_token(self, token: str, *, seen_after: datetime) -> Conversation | None:
        return self._one(
            select(conversations).where(
                conversations.c.token_hash == self._vault.hash_token(token),
                or_(
                    conversations.c.seen_at > seen_after,
                    conversations.c.updated_at > seen_after,
                ),
            )
        )

    def address(self, conversation_id: str) -> str | None:
        """Where its customer writes from."""
        found = self._connection.execute(
            select(conversations.c.sender).where(conversations.c.id == conversation_id)
        ).scalar()
        return self._vault.unseal_optional(found, _SENDER)

    def last_seen(self, conversation_id: str) -> tuple[datetime, bool] | None:
        """When its customer last wrote, and whether they opted out; locked for this unit."""
        row = self._connection.execute(
            select(conversations.c.seen_at, conversations.c.opted_out_at)
            .where(conversations.c.id == conversation_id)
            .with_for_update(key_share=True)
        ).one_or_none()
        return None if row is None else (row.seen_at, row.opted_out_at is not None)

    def change(self, conversation_id: str, **values: Any) -> None:
        self._connection.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(**values)
        )

    def _one(self, query: Select[Any]) -> Conversation | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _conversation(row)

    # Who runs the turns -------------------------------------------------------------------------

    def take_turns(self, conversation_id: str, owner: str, *, now: float, until: float) -> bool:
        """Make `owner` the one that runs turns here, unless another is and still breathes."""
        taken = self._connection.execute(
            update(conversations)
            .where(
                conversations.c.id == conversation_id,
                or_(
                    conversations.c.turn_owner.is_(None),
                    conversations.c.turn_owner == owner,
                    conversations.c.turn_until < now,
                ),
            )
            .values(turn_owner=owner, turn_until=until)
        )
        return taken.rowcount == 1

    def keep_turns(self, conversation_id: str, owner: str, *, until: float | None) -> bool:
        """Stay the one (or, with None, stop being it); False if another has taken over."""
        kept = self._connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.turn_owner == owner)
            .values(turn_owner=None if until is None else owner, turn_until=until)
        )
        return kept.rowcount == 1

    def waiting(self, owner: str, *, now: float) -> list[str]:
        """Conversations with something unhandled that nobody else is at."""
        free = or_(
            conversations.c.turn_owner.is_(None),
            conversations.c.turn_owner == owner,
            conversations.c.turn_until < now,
        )
        query = (
            select(conversations.c.id)
            .join(inbound, inbound.c.conversation_id == conversations.c.id)
            .where(inbound.c.status.in_(_OPEN), free)
            .group_by(conversations.c.id)
        )
        return list(self._connection.execute(query).scalars())

    def unhandled(self, conversation_ids: Sequence[str]) -> set[str]:
        """Which of them have something that was not answered yet."""
        query = select(inbound.c.conversation_id).where(
            inbound.c.conversation_id.in_(conversation_ids), inbound.c.status.in_(_OPEN)
        )
        return set(self._connection.scalars(query))

    # Inbound ------------------------------------------------------------------------------------

    def add_inbound(
        self,
        conversation_id: str,
        message_id: str,
        provider_message_id: str,
        incoming: Incoming,
        now: datetime,
    ) -> int:
        content = {
            "text": incoming.text,
            "intent": incoming.intent,
            "entities": dict(incoming.entities),
            "nature": incoming.nature,
            "media": incoming.media,
        }
        added = self._connection.execute(
            insert(inbound).values(
                conversation_id=conversation_id,
                message_id=message_id,
                provider_message_id=provider_message_id,
                kind=incoming.kind,
                button_id=incoming.button_id,
                payload=self._vault.seal_json(content, _PAYLOAD),
                client=incoming.client,
                status=Status.QUEUED,
                received_at=now,
            )
        )
        key = added.inserted_primary_key
        assert key is not None  # noqa: S101 - a single-row insert always has one
        return int(key[0])

    def inbound_named(self, conversation_id: str, provider_message_id: str) -> int | None:
        return self._connection.execute(
            select(inbound.c.id).where(
                inbound.c.conversation_id == conversation_id,
                inbound.c.provider_message_id == provider_message_id,
            )
        ).scalar()

    def press_under_way(self, conversation_id: str, button_id: str) -> int | None:
        """The press of this very button that is not handled yet."""
        return self._connection.execute(
            select(inbound.c.id)
            .where(
                inbound.c.conversation_id == conversation_id,
                inbound.c.button_id == button_id,
                inbound.c.status.in_(_OPEN),
            )
            .limit(1)
        ).scalar()

    def status_of(self, inbound_id: int) -> Status | None:
        found = self._connection.execute(
            select(inbound.c.status).where(inbound.c.id == inbound_id)
        ).scalar()
        return None if found is None else Status(found)

    def start_oldest(self, conversation_id: str) -> tuple[int, str, int, Incoming] | None:
        """Mark the oldest unhandled row as running: its id, message id, tries and content."""
        row = self._connection.execute(
            select(inbound)
            .where(inbound.c.conversation_id == conversation_id, inbound.c.status.in_(_OPEN))
            .order_by(inbound.c.id)
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        self._connection.execute(
            update(inbound)
            .where(inbound.c.id == row.id)
            .values(status=Status.RUNNING, attempts=row.attempts + 1)
        )
        content = self._vault.unseal_json(row.payload, _PAYLOAD)
        incoming = Incoming(
            kind=Kind(row.kind),
            button_id=row.button_id,
            provider_message_id=row.provider_message_id,
            client=row.client,
            **_content(content),
        )
        return row.id, row.message_id, row.attempts + 1, incoming

    def end_inbound(self, inbound_id: int, status: Status, now: datetime) -> bool:
        """Close a running row and wipe what it said; False if it was not running."""
        ended = self._connection.execute(
            update(inbound)
            .where(inbound.c.id == inbound_id, inbound.c.status == Status.RUNNING)
            .values(status=status, payload=None, handled_at=now)
        )
        return ended.rowcount == 1

    # Transcript ---------------------------------------------------------------------------------

    def add_line(self, conversation_id: str, line: Line) -> None:
        """Add a line; its buttons come by `add_buttons`, with their payloads."""
        page = None if line.page is None else self._vault.seal_json(_told(line.page), _PAGE)
        self._connection.execute(
            insert(messages).values(
                conversation_id=conversation_id,
                seq=line.seq,
                sender=line.author,
                text=line.text,
                page=page,
                button_id=line.button_id,
                inbound_id=line.inbound_id,
                created_at=line.at,
            )
        )

    def lines(self, conversation_id: str, *, after: int = 0) -> list[Line]:
        rows = self._connection.execute(
            select(messages, inbound.c.provider_message_id)
            .outerjoin(inbound, messages.c.inbound_id == inbound.c.id)
            .where(messages.c.conversation_id == conversation_id, messages.c.seq > after)
            .order_by(messages.c.seq)
        ).all()
        offered = self._buttons_by_seq(conversation_id, after) if rows else {}
        return [self._line(row, offered.get(row.seq, ())) for row in rows]

    def _line(self, row: Row[Any], offered: Sequence[Button]) -> Line:
        author = Author(row.sender)
        named = row.provider_message_id if author is Author.CUSTOMER else None
        return Line(
            seq=row.seq,
            author=author,
            text=row.text,
            at=row.created_at,
            buttons=tuple(offered),
            page=None if row.page is None else _page(self._vault.unseal_json(row.page, _PAGE)),
            button_id=row.button_id,
            provider_message_id=named,
            inbound_id=row.inbound_id,
        )

    # Buttons ------------------------------------------------------------------------------------

    def add_buttons(self, conversation_id: str, seq: int, offered: Iterable[Choice]) -> None:
        rows = [
            {
                "id": choice.id,
                "conversation_id": conversation_id,
                "seq": seq,
                "position": position,
                "title": choice.title,
                "payload": self._vault.seal(choice.payload, _BUTTON),
            }
            for position, choice in enumerate(offered)
        ]
        if rows:
            self._connection.execute(insert(buttons), rows)

    def live_choices(self, conversation_id: str) -> tuple[Choice, ...]:
        """The buttons of the bot's newest turn, in the order they were shown."""
        rows = self._connection.execute(
            select(buttons)
            .join(
                conversations,
                and_(
                    conversations.c.id == buttons.c.conversation_id,
                    buttons.c.seq >= conversations.c.turn_seq,
                ),
            )
            .where(buttons.c.conversation_id == conversation_id, buttons.c.used_at.is_(None))
            .order_by(buttons.c.seq, buttons.c.position)
        )
        return tuple(self._choice(row) for row in rows)

    def choice(self, conversation_id: str, button_id: str) -> Choice | None:
        row = self._connection.execute(
            select(buttons).where(
                buttons.c.id == button_id, buttons.c.conversation_id == conversation_id
            )
        ).one_or_none()
        return None if row is None else self._choice(row)

    def use_button(self, conversation_id: str, button_id: str, now: datetime) -> None:
        self._connection.execute(
            update(buttons)
            .where(buttons.c.id == button_id, buttons.c.conversation_id == conversation_id)
            .values(used_at=now)
        )

    def _choice(self, row: Row[Any]) -> Choice:
        return Choice(row.id, row.title, self._vault.unseal(row.payload, _BUTTON))

    def _buttons_by_seq(self, conversation_id: str, after: int) -> dict[int, list[Button]]:
        found: dict[int, list[Button]] = {}
        for row in self._connection.execute(
            select(buttons.c.id, buttons.c.title, buttons.c.seq)
            .where(buttons.c.conversation_id == conversation_id, buttons.c.seq > after)
            .order_by(buttons.c.seq, buttons.c.position)
        ):
            found.setdefault(row.seq, []).append(Button(row.id, row.title))
        return found


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        channel=row.channel,
        market=row.market,
        language=row.language,
        held_by=row.held_by,
        flow=row.flow,
        asking=row.asking,
        last_seq=row.last_seq,
        failures=row.failures,
        reply_from=row.reply_from,
        opted_out=row.opted_out_at is not None,
    )


def _content(sealed: dict[str, Any]) -> dict[str, Any]:
    nature = sealed.get("nature")
    return sealed | {
        "nature": None if nature is None else Nature(nature),
        "media": tuple(sealed.get("media", ())),
    }


def _told(page: PageLink) -> dict[str, Any]:
    return {
        "kind": page.kind,
        "minutes": page.minutes,
        "url": page.url,
        "expires_at": page.expires_at.isoformat(),
    }


def _page(told: dict[str, Any]) -> PageLink:
    return PageLink(**told | {"expires_at": datetime.fromisoformat(told["expires_at"])})
