"""A page with the widget whose desk is the real gateway, before an engine that answers by rule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.browser.widget.widget_desk import STATIC, page_with_widget
from tests.browser.widget.widget_script import built_script
from tests.web.gateway.house import QUICK, FakeEngine, make_backend, said
from web.gateway import widget
from web.gateway.engine import EngineAnswer, EnginePage, EngineRequest
from web.gateway.numbers import GatewayNumbers
from web.gateway.service import Gateway

PROFILES = [
    ("Persona", '/inform{"profile": "person"}'),
    ("Azienda", '/inform{"profile": "company"}'),
]


def answer(request: EngineRequest) -> EngineAnswer:
    """A little dialogue: a question with choices, then a page, and an echo for all else."""
    if request.parse is not None and request.parse.intent == "inform":
        page = EnginePage(id="p1", kind="password", minutes=10)
        return said("Ora scelga la password.", page=page, language=request.language)
    if request.text == "Voglio registrarmi":
        return said("Per quale profilo?", buttons=PROFILES, masked=request.text)
    return said(f"sentito: {request.text}", language=request.language, masked="•••")


class RealDesk:
    """The gateway with the widget's page, to be served; close it when the test is over."""

    def __init__(
        self, folder: Path, numbers: GatewayNumbers = QUICK, *, after: RealDesk | None = None
    ) -> None:
        """`after`: the process before this one, whose database it goes on with."""
        built_script()
        self.backend = after.backend if after else make_backend(folder)
        self.engine = FakeEngine(answer=answer)
        self.gateway = Gateway(self.backend, self.engine, numbers)
        self.app = FastAPI(lifespan=self._lifespan)
        self.app.include_router(widget.make_router(self.backend, self.gateway))
        self.app.add_api_route("/", page_with_widget, response_model=None)
        self.app.mount("/static", StaticFiles(directory=STATIC))

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        await self.gateway.start()
        yield
        await self.gateway.stop()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the process of the desk."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    def hold(self) -> None:
        """Let the engine think until it is let go."""
        self._loop.call_soon_threadsafe(self.engine.gate.clear)

    def let_go(self) -> None:
        self._loop.call_soon_threadsafe(self.engine.gate.set)

    def close(self) -> None:
        self.backend.engine.dispose()


class Proxy:
    """What stands between: it lets no WebSocket through, and nothing at all while it is down."""

    def __init__(self, app: ASGIApp, *, swallows: bool = False) -> None:
        """`swallows`: it never answers a WebSocket, instead of refusing it."""
        self._app = app
        self._swallows = swallows
        self.is_down = False
        self.sockets = 0
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.sockets += 1
            await self._refuse_socket(receive, send)
        elif scope["type"] == "http" and self.is_down and scope["path"].startswith("/widget/"):
            await send({"type": "http.response.start", "status": 502, "headers": []})
            await send({"type": "http.response.body", "body": b"Bad gateway"})
        else:
            self.paths.append(scope.get("path", ""))
            await self._app(scope, receive, send)

    async def _refuse_socket(self, receive: Receive, send: Send) -> None:
        while self._swallows and (await receive())["type"] != "websocket.disconnect":
            continue
        if not self._swallows:
            await send({"type": "websocket.close", "code": 1000})


class CookieEater:
    """A browser that keeps no cookies for some kinds of requests, as seen from the desk."""

    def __init__(self, app: ASGIApp, *kinds: str) -> None:
        self._app = app
        self._kinds = kinds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in self._kinds:
            kept = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)
