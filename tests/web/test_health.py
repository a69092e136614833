"""Readiness names the culprit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.web.whole_app import WholeApp
from web import health


def client(**holds: bool) -> TestClient:
    def check(answer: bool) -> health.Check:
        async def answers() -> bool:
            return answer

        return answers

    app = FastAPI()
    app.include_router(health.make_router({name: check(h) for name, h in holds.items()}))
    return TestClient(app)


def test_ready_when_everything_answers() -> None:
    response = client(engine=True, actions=True, database=True).get("/health/ready")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"


@pytest.mark.parametrize("culprit", ["engine", "actions", "database"])
def test_culprit_is_named(culprit: str) -> None:
    parts = {"engine": True, "actions": True, "database": True} | {culprit: False}
    response = client(**parts).get("/health/ready")
    assert response.status_code == 503
    assert response.json()["culprits"] == [culprit]


def test_part_that_never_answers_is_a_culprit() -> None:
    async def hang() -> bool:
        await asyncio.Event().wait()
        return True

    app = FastAPI()
    app.include_router(health.make_router({"engine": hang}, within=0.05))
    assert TestClient(app).get("/health/ready").json()["culprits"] == ["engine"]


def test_process_lives_whatever_the_others_do() -> None:
    assert client(engine=False).get("/health/live").json() == {"status": "ok"}


def test_missing_action_server_and_dead_engine_are_seen_for_what_they_are(tmp_path: Path) -> None:
    with WholeApp(tmp_path, actions_url="http://127.0.0.1:9") as desk:
        desk.engine.alive = False
        response = desk.http.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["culprits"] == ["engine", "actions"]
    assert response.json()["database"] == "ok"
