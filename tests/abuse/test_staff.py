"""Staff who approve twice, or their own request; by the command they type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.core.audit import Event
from backend.core.errors import Conflict
from backend.core.requests import State
from tests.backend.desk import ROOT, Desk, desk_settings, opened_desk
from tests.backend.services.request_counter import ANNA, BRUNO, EMAIL, NEW, OLD, Counter
from tests.backend.services.test_races import at_once
from tools.cli import app


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A desk on the very database that the command opens."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SPORTELLO_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("SPORTELLO_DATABASE_URL", raising=False)
    assert CliRunner().invoke(app, ["demo", "load"]).exit_code == 0
    with opened_desk(desk_settings(tmp_path), is_filled=True) as desk:
        yield Counter(desk)


def decides(how: str, number: str, by: str, *more: str, version: str = "1") -> str:
    """What the command says on its error channel; nothing where it was done."""
    arguments = ["requests", how, number, "--by", by, "--version", version, *more]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == (1 if result.stderr else 0), result.output
    return result.stderr.strip()


def test_approving_twice_has_one_effect(counter: Counter) -> None:
    request = counter.files()

    assert decides("approve", request.number, ANNA) == ""
    for by in (ANNA, BRUNO):
        for version in ("1", "2"):
            told = decides("approve", request.number, by, version=version)
            assert told == "sportello: request_decided"

    assert counter.audited(Event.REQUEST_APPROVED) == 1
    assert len(counter.changes()) == counter.sent("request_approved") == 1


def test_what_was_rejected_is_not_approved_afterwards(counter: Counter) -> None:
    request = counter.files()
    assert decides("reject", request.number, ANNA, "--reason", "data_differ") == ""

    assert decides("approve", request.number, BRUNO) == "sportello: request_decided"
    assert decides("approve", request.number, BRUNO, version="2") == "sportello: request_decided"

    assert counter.mobile == OLD


def test_what_was_approved_is_not_rejected_afterwards(counter: Counter) -> None:
    request = counter.files()
    assert decides("approve", request.number, ANNA) == ""

    told = decides("reject", request.number, BRUNO, "--reason", "other", version="2")

    assert told == "sportello: request_decided"
    assert counter.mobile == NEW


@pytest.mark.parametrize("by", [EMAIL, EMAIL.upper(), f" {EMAIL} ", "Giulia.Bianchi@Example.IT"])
def test_nobody_approves_or_rejects_their_own_request(counter: Counter, by: str) -> None:
    request = counter.files()

    assert decides("approve", request.number, by) == "sportello: own_request"
    assert decides("reject", request.number, by, "--reason", "other") == "sportello: own_request"

    assert counter.seen_again(request).state is State.SUBMITTED
    assert counter.mobile == OLD


@pytest.mark.parametrize("by", ["", "anna", "@", "anna@", "root", "'; drop table requests; --"])
def test_whoever_decides_has_an_address(counter: Counter, by: str) -> None:
    request = counter.files()

    assert decides("approve", request.number, by) == "sportello: email_malformed"
    assert counter.seen_again(request).is_open


def test_a_request_as_it_was_seen_before_is_not_decided(counter: Counter) -> None:
    request = counter.files()

    for version in ("0", "2", "99"):
        told = decides("approve", request.number, ANNA, version=version)
        assert told == "sportello: request_changed"
    assert counter.mobile == OLD


@pytest.mark.parametrize("number", ["REQ-00000000", "", "%", "' or 1=1 --"])
def test_a_number_nobody_has_is_unknown(counter: Counter, number: str) -> None:
    counter.files()

    assert decides("approve", number, ANNA) == "sportello: request_unknown"


def test_one_reviewer_who_presses_twice_at_once_approves_once(any_desk: Desk) -> None:
    counter = Counter(any_desk)
    request = counter.files()

    results = at_once([lambda: counter.approves(request)] * 8)

    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 7
    assert len(counter.changes()) == counter.audited(Event.REQUEST_APPROVED) == 1
