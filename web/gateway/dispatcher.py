"""Gives every conversation one worker that takes its messages in order.

Conversations run side by side up to a cap. That no two processes answer the same conversation is
decided in the database, by a claim that its holder keeps up while the turn runs; whoever dies
loses it by silence, and the sweep of any process goes on from there.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from backend.core.conversation import Claim
from backend.services.conversations import Conversations
from web.gateway.hub import Hub
from web.gateway.numbers import GatewayNumbers
from web.gateway.turns import TurnRunner
from web.incidents import report

log = structlog.get_logger(__name__)


class Dispatcher:
    """Runs whatever waits, in order within a conversation."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        *,
        conversations: Conversations,
        runner: TurnRunner,
        hub: Hub,
        numbers: GatewayNumbers,
        after_turn: Callable[[], None],
        seconds: Callable[[], float] = time.time,
    ) -> None:
        """`after_turn` is called when a turn is stored; `seconds` is real time, for claims."""
        self._conversations = conversations
        self._runner = runner
        self._hub = hub
        self._numbers = numbers
        self._after_turn = after_turn
        self._seconds = seconds
        self._owner = f"w_{secrets.token_urlsafe(16)}"
        self._slots = asyncio.Semaphore(numbers.turns_at_once)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._woken: set[str] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Take up what an earlier process left, and keep looking for it."""
        await self.sweep()
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def stop(self) -> None:
        """Let running turns end; what is still waiting stays in the database."""
        self._stopping = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        running = list(self._workers.values())
        if running:
            _, late = await asyncio.wait(running, timeout=self._numbers.grace)
            await _cancel(late)

    async def drop(self) -> None:
        """Break off all that runs, as if the process had ended here."""
        self._stopping = True
        sweeper = [] if self._sweeper is None else [self._sweeper]
        await _cancel([*sweeper, *self._workers.values()])

    def wake(self, conversation_id: str) -> None:
        """Something waits in this conversation."""
        if self._stopping:
            return
        self._woken.add(conversation_id)
        if conversation_id not in self._workers:
            work = asyncio.create_task(self._work(conversation_id))
            self._workers[conversation_id] = work

    async def sweep(self) -> None:
        """Wake every conversation with something waiting that nobody is at."""
        now = self._seconds()
        for conversation_id in await asyncio.to_thread(
            self._conversations.waiting, self._owner, now=now
        ):
            self.wake(conversation_id)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._numbers.sweep_every)
            try:
                await self.sweep()
            except Exception as failure:  # noqa: BLE001 - a database that is away comes back
                report("sweep_failed", failure)

    async def _work(self, conversation_id: str) -> None:
        try:
            while conversation_id in self._woken and not self._stopping:
                self._woken.discard(conversation_id)
                async with self._slots:
                    await self._drain(conversation_id)
        except Exception as failure:  # noqa: BLE001 - the sweep will come by again
            report("worker_failed", failure, conversation=conversation_id)
        finally:
            self._workers.pop(conversation_id, None)

    async def _drain(self, conversation_id: str) -> None:
        while not self._stopping:
            now = self._seconds()
            claim = await asyncio.to_thread(
                self._conversations.claim,
                conversation_id,
                self._owner,
                now=now,
                until=now + self._numbers.claim_life,
            )
            if claim is None:
                return
            await self._turn(claim)

    async def _turn(self, claim: Claim) -> None:
        conversation_id = claim.conversation.id
        keeper = asyncio.create_task(self._keep(conversation_id))
        # Whoever listens is told at the end, when the answer can be read.
        with self._hub.answering(conversation_id):
            try:
                outcome = await self._runner.run(claim)
            finally:
                await _cancel([keeper])
            stored = await asyncio.to_thread(
                self._conversations.finish, claim, self._owner, outcome
            )
        if not stored:
            log.warning("turn_was_taken_over", conversation=conversation_id)
        self._after_turn()

    async def _keep(self, conversation_id: str) -> None:
        while True:
            await asyncio.sleep(self._numbers.claim_kept_every)
            self._hub.still_answering(conversation_id)
            until = self._seconds() + self._numbers.claim_life
            with suppress(Exception):  # a missed beat is made good by the next one
                await asyncio.to_thread(
                    self._conversations.keep_claim, conversation_id, self._owner, until=until
                )


async def _cancel(tasks: list[asyncio.Task[None]] | set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
