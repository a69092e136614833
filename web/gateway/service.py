"""The gateway as the rest of the web process sees it: store, wake, wait, read back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from backend.bootstrap import Backend
from backend.core.conversation import Conversation, Incoming, Kind, Line, NewConversation, Received
from backend.core.errors import SportelloError
from backend.services.conversations import Conversations, Snapshot
from backend.texts import Texts
from web.gateway.dispatcher import Dispatcher
from web.gateway.engine import EngineClient
from web.gateway.hub import Hub
from web.gateway.numbers import GatewayNumbers
from web.gateway.relay import Relay
from web.gateway.turns import TurnRunner
from web.threads import Threads


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the transcript, and the address of its page while that may still be opened."""

    line: Line
    page_url: str | None


class Gateway:
    """Takes messages in, lets them be answered in order, and shows what was said."""

    def __init__(
        self,
        backend: Backend,
        engine: EngineClient,
        numbers: GatewayNumbers | None = None,
        *,
        after_turn: Callable[[], None] | None = None,
    ) -> None:
        """`after_turn` is called whenever a turn is stored."""
        self.numbers = numbers or GatewayNumbers()
        self.conversations = Conversations(backend.uow, backend.clock, backend.whatsapp)
        self.arrivals = Threads("arrivals", self.numbers.arrivals_at_once)
        """For what waits to be acknowledged: it must not wait for turns."""
        self.hub = Hub(answering_life=self.numbers.claim_life)
        broadcast = backend.broadcast
        self._relay = None if broadcast is None else Relay(self.hub, broadcast)
        self._pages = backend.pages
        self._identity_tokens = backend.identity_tokens
        self._after_turn = after_turn or (lambda: None)
        self._runner = TurnRunner(
            engine=engine,
            pages=backend.pages,
            texts=Texts.load(backend.settings.texts_dir / "gateway.yml"),
            contact=lambda market: backend.markets[market].facts["assistance"],
            clock=backend.clock,
            numbers=self.numbers,
        )
        self._dispatcher = self._new_dispatcher()

    def _new_dispatcher(self) -> Dispatcher:
        return Dispatcher(
            conversations=self.conversations,
            runner=self._runner,
            hub=self.hub,
            numbers=self.numbers,
            after_turn=self._after_turn,
        )

    async def start(self) -> None:
        """Answer whatever waits, also what an earlier process left."""
        if self._relay is not None:
            await self._relay.start()
        await self._dispatcher.start()

    async def stop(self) -> None:
        """Let running turns end; the rest stays stored for the next start."""
        await self._dispatcher.stop()
        if self._relay is not None:
            await self._relay.stop()

    async def kill(self) -> None:
        """Break off every turn where it stands, as the end of the process would."""
        await self._dispatcher.drop()
        if self._relay is not None:
            await self._relay.stop()

    async def forget(self, empty: Callable[[], None]) -> None:
        """Break off every turn, run `empty` (which clears the database), and begin anew."""
        await self._dispatcher.drop()
        await asyncio.to_thread(empty)
        self._dispatcher = self._new_dispatcher()
        await self._dispatcher.start()

    # In -----------------------------------------------------------------------------------------

    async def receive(self, conversation_id: str, incoming: Incoming) -> Received:
        """Store a message and have it answered; when this returns it cannot be lost any more."""
        received = await self.arrivals.run(self.conversations.receive, conversation_id, incoming)
        self._dispatcher.wake(conversation_id)
        return received

    async def receive_from(
        self, sender: str, writes_as: NewConversation, incoming: Incoming
    ) -> Received:
        """`receive` from an address, whose conversation is made if there is none."""
        conversation, received = await self.arrivals.run(
            self.conversations.receive_from, sender, writes_as, incoming
        )
        self._dispatcher.wake(conversation.id)
        return received

    async def enqueue_event(self, conversation_id: str, intent: str) -> None:
        """Let a conversation go on by itself: something it waited for has happened.

        Raises:
            ConversationUnknown: there is none of that id.
        """
        await self.receive(conversation_id, Incoming(Kind.EVENT, intent=intent))

    async def change_language(
        self, conversation: Conversation, language: str, *, name: str | None = None
    ) -> None:
        """Go on in another language; the assistant says so once something was said."""
        await asyncio.to_thread(self.conversations.set_language, conversation.id, language)
        if conversation.last_seq:
            wish = Incoming(
                Kind.EVENT,
                intent="change_language",
                entities={"language_wish": language},
                provider_message_id=name,
            )
            await self.receive(conversation.id, wish)
        self.hub.notify(conversation.id)

    async def identify(self, conversation_id: str, token: str | None) -> bool:
        """What the page around the widget says of who writes; whether its word counts now.

        Raises:
            ConversationUnknown: there is none of that id.
        """
        if token is None:
            await asyncio.to_thread(self._identity_tokens.withdraw, conversation_id)
            return False
        return await asyncio.to_thread(self._identity_tokens.accept, conversation_id, token)

    # Out ----------------------------------------------------------------------------------------

    async def wait(self, conversation_id: str, received: Received) -> bool:
        """Wait until a message is answered; False if that takes too long."""
        with self.hub.subscribe(conversation_id) as subscription:
            try:
                async with asyncio.timeout(self.numbers.dev_wait):
                    while not await asyncio.to_thread(
                        self.conversations.is_handled, received.inbound_id
                    ):
                        await subscription.changed(within=1.0)
            except TimeoutError:
                return False
        return True

    async def snapshot(self, conversation_id: str) -> Snapshot:
        """Where the conversation stands."""
        return await asyncio.to_thread(self.conversations.snapshot, conversation_id)

    async def is_identified(self, conversation: Conversation) -> bool:
        """Whether the word of the page around the widget counts now."""
        return await asyncio.to_thread(
            self._identity_tokens.holds, conversation.id, conversation.market
        )

    async def lines(self, conversation_id: str, *, after: int = 0) -> list[Shown]:
        """What was said, as the customer may see it now."""
        return await asyncio.to_thread(self._shown, conversation_id, after)

    async def open_pages(self, conversation_id: str, *, after: int, before: int) -> list[int]:
        """The numbers of the lines in between whose page may still be opened."""
        shown = await asyncio.to_thread(self._shown, conversation_id, after)
        return [each.line.seq for each in shown if each.page_url and each.line.seq < before]

    def _shown(self, conversation_id: str, after: int) -> list[Shown]:
        lines = self.conversations.lines(conversation_id, after=after)
        return [Shown(line, self._open_url(line)) for line in lines]

    def _open_url(self, line: Line) -> str | None:
        """The page's address, unless the page is used, expired or replaced by now."""
        if line.page is None:
            return None
        try:
            self._pages.view(line.page.url.rsplit("/", 1)[-1])
        except SportelloError:
            return None
        return line.page.url
