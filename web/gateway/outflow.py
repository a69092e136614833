"""What a client of the widget was told so far, and the frames that tell it the rest."""

from __future__ import annotations

import hashlib
import json

from backend.services.conversations import Snapshot
from web.gateway.frames import Frame
from web.gateway.service import Gateway
from web.gateway.shapes import line_of, state_of

MOST_PAGES = 20


class Outflow:
    """One line to a client, whatever carries it.

    A line that does not stay open is taken up again by its `cursor`, in any process.
    """

    def __init__(self, gateway: Gateway, conversation_id: str, after: int) -> None:
        self._gateway = gateway
        self._conversation_id = conversation_id
        self._seq = after
        self._typing = False
        self._state = ""
        """Digest of the state that was told last."""
        self._pages: list[int] = []
        """Lines whose page may be opened, as far as was told."""

    @classmethod
    def taken_up(cls, gateway: Gateway, conversation_id: str, cursor: str) -> Outflow:
        """Where an earlier line of the same conversation ended."""
        seq, typing, state, pages = cursor.split(".")
        flow = cls(gateway, conversation_id, int(seq))
        flow._typing, flow._state = typing == "1", state
        flow._pages = [int(number) for number in pages.split("-") if number]
        return flow

    @property
    def cursor(self) -> str:
        """What was told so far: the last line's number, typing or not, the state, open pages."""
        pages = "-".join(str(number) for number in self._pages[-MOST_PAGES:])
        return f"{self._seq}.{int(self._typing)}.{self._state}.{pages}"

    async def welcome(self) -> Frame:
        """The first frame, with all that a client needs before the first line."""
        snapshot = await self._gateway.snapshot(self._conversation_id)
        identified = await self._gateway.is_identified(snapshot.conversation)
        state = _told(snapshot)
        self._typing = self._gateway.hub.is_answering(self._conversation_id)
        self._state = _digest(state)
        if self._seq:
            self._pages = await self._gateway.open_pages(
                self._conversation_id, after=0, before=self._seq + 1
            )
        return {
            "type": "welcome",
            "conversation": self._conversation_id,
            "state": state,
            "last_seq": snapshot.conversation.last_seq,
            "typing": self._typing,
            "identified": identified,
            "pages": list(self._pages),
        }

    async def news(self) -> list[Frame]:
        """The lines, the state and whatever else was not told yet; now it counts as told.

        Raises:
            NotFound: the conversation is gone.
        """
        typing = self._gateway.hub.is_answering(self._conversation_id)
        # The state is read first, so that it never speaks of lines that were not told yet.
        snapshot = await self._gateway.snapshot(self._conversation_id)
        lines = await self._gateway.lines(self._conversation_id, after=self._seq)
        over = await self._pages_over()
        begins, ends = typing and not self._typing, self._typing and not typing
        frames: list[Frame] = [_typing(on=True)] if begins else []
        for shown in lines:
            line = shown.line
            told = {"client_id": line.provider_message_id, "button": line.button_id}
            frames.append({"type": "message"} | line_of(shown) | told)
            self._seq = line.seq
            if shown.page_url:
                self._pages.append(line.seq)
        if over:
            frames.append({"type": "pages", "open": list(self._pages)})
        if snapshot.conversation.last_seq >= self._seq:
            frames += self._new_state(snapshot)
        self._typing = typing
        return [*frames, _typing(on=False)] if ends else frames

    async def _pages_over(self) -> bool:
        """Whether a page that was told as open is used or has run out; it is forgotten then."""
        if not self._pages:
            return False
        before = self._pages
        self._pages = await self._gateway.open_pages(
            self._conversation_id, after=before[0] - 1, before=self._seq + 1
        )
        return self._pages != before

    def _new_state(self, snapshot: Snapshot) -> list[Frame]:
        state = _told(snapshot)
        if _digest(state) == self._state:
            return []
        self._state = _digest(state)
        return [{"type": "state", "state": state}]


def _told(snapshot: Snapshot) -> Frame:
    return {**state_of(snapshot), "choices": list(snapshot.choices)}


def _digest(state: Frame) -> str:
    written = json.dumps(state, sort_keys=True).encode()
    return hashlib.blake2s(written, digest_size=8).hexdigest()


def _typing(*, on: bool) -> Frame:
    return {"type": "typing", "on": on}
