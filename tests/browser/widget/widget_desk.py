"""A small desk that speaks docs/widget-protocol.md and can be made to fail in every way."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from web.security import CONTENT_SECURITY_POLICY

STATIC = Path(__file__).parents[3] / "web" / "static"
AT = "2026-11-21T09:{minute:02}:00Z"

Frame = dict[str, Any]
Answer = Callable[["FakeSession", str], None]


@dataclass
class FakeSession:
    """One conversation as the desk keeps it."""

    token: str
    market: str
    language: str
    messages: list[Frame] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    choices: dict[str, str] = field(default_factory=dict)
    sockets: set[WebSocket] = field(default_factory=set)
    held_by: str = "bot"
    typing: bool = False
    identity: str | None = None
    """The token that the desk took last."""

    @property
    def state(self) -> Frame:
        return {
            "flow": None,
            "asking": None,
            "language": self.language,
            "market": self.market,
            "held_by": self.held_by,
            "choices": list(self.choices),
        }

    def line(self, speaker: str, text: str, **more: Any) -> Frame:
        seq = len(self.messages) + 1
        frame: Frame = {
            "type": "message",
            "seq": seq,
            "from": speaker,
            "text": text,
            "buttons": [],
            "page": None,
            "links": [],
            "at": AT.format(minute=seq % 60),
            "client_id": None,
            "button": None,
            **more,
        }
        self.messages.append(frame)
        return frame


def masked(text: str) -> str:
    """What the desk keeps of the customer's words: no digit is shown back."""
    return re.sub(r"\d", "•", text)


class FakeDesk:
    """The desk, served in a thread of its own (`app`, at `base_url`).

    Tests turn its knobs and look at what it received: `received` holds every frame of the
    customer's in order, `wishes` what new sessions were asked for with, `answer` says what is
    answered. Tokens of the page are believed while it `believes`, and answered unless `is_silent`.
    """

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer: Answer = answer or (
            lambda session, text: self.say(f"Ho letto: {masked(text)}")
        )
        self.sessions: dict[str, FakeSession] = {}
        self.received: list[Frame] = []
        self.requests: list[str] = []
        self.wishes: list[Frame] = []
        self.refuse_sessions: int | None = None
        self.believes = True
        self.is_silent = False
        self.refusals: list[Frame] = []
        self.is_deaf = False
        self.is_down = False
        self.base_url = ""
        self._latest: FakeSession | None = None
        self._ids = itertools.count(1)
        self._tasks: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop
        self._thread: int
        self.app = self._app()

    # What tests do with it.

    @property
    def session(self) -> FakeSession:
        assert self._latest is not None, "the widget has not opened a session"
        return self._latest

    def say(
        self,
        text: str,
        *buttons: str,
        page: Frame | None = None,
        speaker: str = "bot",
    ) -> None:
        """A message by itself or as an answer; *buttons* are the titles of its choices."""
        named = [{"id": f"b{next(self._ids)}", "title": title} for title in buttons]
        session = self.session
        frame = session.line(speaker, text, buttons=named, page=page)
        session.choices = {button["id"]: button["title"] for button in named}
        self._call(self._broadcast(session, frame, {"type": "state", "state": session.state}))

    def typing(self, *, on: bool) -> None:
        self.session.typing = on
        self._call(self._broadcast(self.session, {"type": "typing", "on": on}))

    def end_page(self, seq: int) -> None:
        """The page of message *seq* was used; no other is open."""
        self.session.messages[seq - 1]["page"]["url"] = None
        self._call(self._broadcast(self.session, {"type": "pages", "open": []}))

    def hold(self, by: str) -> None:
        self.session.held_by = by
        self._call(self._broadcast(self.session, {"type": "state", "state": self.session.state}))

    def drop(self, code: int = 1012) -> None:
        """Ends every open socket of the conversation."""
        self._call(self._close_all(self.session, code))

    def forget(self) -> None:
        """Sessions end, as after 24 hours."""
        sockets, self.sessions = self.session, {}
        self._call(self._close_all(sockets, 4401))

    def sent(self, kind: str) -> list[Frame]:
        return [frame for frame in self.received if frame["type"] == kind]

    # How it works.

    def _read_back(self, session: FakeSession, text: str) -> None:
        self.say(f"Ho letto: {masked(text)}")

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", page_with_widget),
                Route("/widget/sessions", self._open_session, methods=["POST"]),
                WebSocketRoute("/widget/socket", self._socket),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
            lifespan=self._started,
        )

    @asynccontextmanager
    async def _started(self, app: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        yield

    def _call(self, work: Awaitable[None]) -> None:
        """Runs *work* on the desk's loop; from a test, until it is done."""
        if threading.get_ident() == self._thread:
            self._tasks.append(asyncio.ensure_future(work))
        else:
            asyncio.run_coroutine_threadsafe(_awaited(work), self._loop).result(timeout=10)

    async def _open_session(self, request: Request) -> Response:
        self.requests.append(str(request.url))
        if self.refuse_sessions is not None:
            return JSONResponse({}, status_code=self.refuse_sessions)
        body = await request.json()
        self.wishes.append(body)
        session = FakeSession(secrets.token_urlsafe(16), body["market"], body["language"])
        session.identity = self._believed(body.get("identity_token"))
        self.sessions[session.token] = self._latest = session
        opened = {"token": session.token, "conversation": "c_x", "state": session.state}
        return JSONResponse(opened, status_code=201)

    async def _socket(self, websocket: WebSocket) -> None:
        await websocket.accept()
        if self.is_down:
            await websocket.close(1012)
            return
        session: FakeSession | None = None
        try:
            hello = await websocket.receive_json()
            self.received.append(hello)
            session = self.sessions.get(hello.get("token"))
            if session is None:
                await websocket.close(4401)
                return
            await self._welcome(session, websocket, hello["after"])
            while True:
                await self._take(session, websocket, await websocket.receive_json())
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            if session is not None:
                session.sockets.discard(websocket)

    async def _welcome(self, session: FakeSession, websocket: WebSocket, after: int) -> None:
        frames = [frame for frame in session.messages if frame["seq"] > after]
        welcome = {
            "type": "welcome",
            "conversation": "c_x",
            "state": session.state,
            "last_seq": len(session.messages),
            "typing": session.typing,
            "identified": session.identity is not None,
        }
        session.sockets.add(websocket)
        for frame in [welcome, *frames]:
            await websocket.send_json(frame)

    async def _take(self, session: FakeSession, websocket: WebSocket, frame: Frame) -> None:
        if frame["type"] == "ping":
            if not self.is_deaf:
                await websocket.send_json({"type": "pong"})
            return
        self.received.append(frame)
        if self.is_deaf:
            return
        client_id = frame.get("client_id")
        if self.refusals:
            refusal = self.refusals.pop(0)
            await websocket.send_json({"type": "error", "client_id": client_id, **refusal})
            return
        if frame["type"] == "identity":
            session.identity = self._believed(frame["token"])
            if not self.is_silent:
                accepted = session.identity is not None
                await websocket.send_json({"type": "identity", "accepted": accepted})
            return
        await websocket.send_json({"type": "ack", "client_id": client_id})
        if client_id in session.seen:
            return
        session.seen.add(client_id)
        await self._turn(session, frame)

    def _believed(self, token: str | None) -> str | None:
        return token if self.believes else None

    async def _turn(self, session: FakeSession, frame: Frame) -> None:
        if frame["type"] == "language":
            session.language = frame["language"]
            await self._broadcast(session, {"type": "state", "state": session.state})
            return
        text = session.choices[frame["id"]] if frame["type"] == "button" else frame["text"]
        echo = session.line("customer", masked(text), client_id=frame["client_id"])
        echo["button"] = frame.get("id")
        session.choices = {}
        await self._broadcast(session, echo)
        self.answer(session, text)

    async def _broadcast(self, session: FakeSession, *frames: Frame) -> None:
        for websocket in list(session.sockets):
            for frame in frames:
                await websocket.send_text(json.dumps(frame))

    async def _close_all(self, session: FakeSession, code: int) -> None:
        for websocket in list(session.sockets):
            session.sockets.discard(websocket)
            await websocket.close(code)


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def page_with_widget(request: Request) -> Response:
    """Some page that holds the widget; the query says with which `data-` attributes."""
    attributes = " ".join(f'data-{k}="{v}"' for k, v in request.query_params.items())
    return HTMLResponse(
        '<!doctype html><html lang="it"><head><title>Compagnia</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<script src="/static/widget.js" {attributes} async></script></head>'
        '<body><main><h1>Compagnia</h1><p>Pagina di prova.</p><a href="#x">Polizze</a>'
        "</main></body></html>",
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
    )
