"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import httpx
from fastapi import APIRouter
from sqlalchemy import text
from starlette.responses import JSONResponse

from backend.bootstrap import Backend
from backend.core.errors import Unavailable
from web.gateway.engine import EngineClient

type Check = Callable[[], Awaitable[bool]]


def make_router(checks: Mapping[str, Check], *, within: float = 4.0) -> APIRouter:
    """`checks` by the name of what they look at; each has `within` seconds to answer."""
    router = APIRouter(prefix="/health", include_in_schema=False)

    async def live() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def ready() -> JSONResponse:
        answers = await asyncio.gather(*(_holds(check, within) for check in checks.values()))
        parts = {
            name: "ok" if holds else "unavailable"
            for name, holds in zip(checks, answers, strict=True)
        }
        culprits = [name for name, holds in zip(checks, answers, strict=True) if not holds]
        if culprits:
            return JSONResponse({"status": "unavailable", "culprits": culprits} | parts, 503)
        return JSONResponse({"status": "ok"} | parts)

    router.add_api_route("/live", live, methods=["GET"])
    router.add_api_route("/ready", ready, methods=["GET"])
    return router


def checks_of(backend: Backend, engine: EngineClient) -> dict[str, Check]:
    """The engine, the action server and the database."""

    async def actions() -> bool:
        return await _answers(f"{backend.settings.actions_url}/health")

    async def database() -> bool:
        return await asyncio.to_thread(_database_answers, backend)

    return {"engine": engine.is_alive, "actions": actions, "database": database}


async def _holds(check: Check, within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            return await check()
    except TimeoutError:
        return False


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            response = await client.get(url)
    except httpx.TransportError:
        return False
    return response.status_code == httpx.codes.OK


def _database_answers(backend: Backend) -> bool:
    try:
        with backend.uow(read_only=True) as uow:
            uow.connection.execute(text("SELECT 1"))
    except Unavailable:
        return False
    return True
