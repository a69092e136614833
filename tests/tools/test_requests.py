"""`sportello requests`, as a reviewer types it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.core.requests import Reason, Request, State
from tests.backend.desk import ROOT, desk_settings, opened_desk
from tests.backend.services.request_counter import ANNA, EMAIL, NEW, OLD, Counter
from tools.cli import app

SECRETS = (EMAIL, NEW[3:], OLD[3:], "Giulia", "Torino", "Bianchi", ANNA)


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A desk on the very database that the command opens."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SPORTELLO_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("SPORTELLO_DATABASE_URL", raising=False)
    assert run("demo", "load")[0] == 0
    with opened_desk(desk_settings(tmp_path), is_filled=True) as desk:
        yield Counter(desk)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def lines(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


def approve(request: Request, *, by: str = ANNA, version: str = "1") -> tuple[int, str, str]:
    return run("requests", "approve", request.number, "--by", by, "--version", version)


def test_waiting_requests_are_listed_oldest_first(counter: Counter) -> None:
    first = counter.files()
    counter.desk.clock.advance(timedelta(hours=1))
    other = Counter(counter.desk, "id", "ID-0001").files()
    rejected = Counter(counter.desk, "it", "IT-0004").files()
    counter.rejects(rejected)

    status, output, _ = run("requests", "list")

    assert status == 0
    assert [line[0] for line in lines(output)] == ["number", first.number, other.number]
    assert lines(output)[1][1] == "mobile_change"
    assert lines(output)[1][-3:] == ["it", "1", "submitted"]
    assert not any(secret in output for secret in SECRETS)
    for options, number in (
        (["--market", "id"], other.number), (["--state", "rejected"], rejected.number),
    ):  # fmt: skip
        assert [line[0] for line in lines(run("requests", "list", *options)[1])][1:] == [number]


def test_an_empty_list_says_so(counter: Counter) -> None:
    assert run("requests", "list")[:2] == (0, "None.\n")


def test_an_unknown_market_is_one_line(counter: Counter) -> None:
    assert run("requests", "list", "--market", "fr")[::2] == (1, "sportello: market_unknown\n")


@pytest.mark.parametrize(("with_document", "told"), [(True, "there"), (False, "missing")])
def test_a_request_is_shown_by_masks_only(counter: Counter, with_document: bool, told: str) -> None:
    request = counter.files(with_document=with_document)

    status, output, _ = run("requests", "show", request.number.lower())

    assert status == 0
    shown = dict(line.split("  ", 1) for line in output.splitlines())
    shown = {name.strip(): value.strip() for name, value in shown.items()}
    assert shown["documents"] == told
    assert shown["new_mobile"] == "348 *****33"
    assert shown["answer to"] == "gi****@e****.it"
    assert (shown["state"], shown["version"], shown["identity"]) == ("submitted", "1", "proven")
    assert not any(secret in output for secret in SECRETS)


def test_a_yes_takes_effect(counter: Counter) -> None:
    request = counter.files()

    assert approve(request)[:2] == (0, f"{request.number} is approved.\n")

    assert counter.seen_again(request).state is State.APPROVED
    assert counter.mobile == NEW


def test_a_no_keeps_its_note_to_itself(counter: Counter) -> None:
    request = counter.files()

    status, output, _ = run(
        "requests", "reject", request.number, "--by", ANNA, "--reason", "data_differ",
        "--version", "1", "--note", "another face",
    )  # fmt: skip

    assert (status, output) == (0, f"{request.number} is rejected.\n")
    seen = counter.seen_again(request)
    assert (seen.state, seen.reason, seen.note) == (
        State.REJECTED, Reason.DATA_DIFFER, "another face",
    )  # fmt: skip
    shown = run("requests", "show", request.number)[1]
    assert "data_differ" in shown
    assert "another face" not in shown


def test_a_reason_that_nobody_has_words_for_is_refused(counter: Counter) -> None:
    request = counter.files()

    status, _, errors = run(
        "requests", "reject", request.number, "--by", ANNA, "--reason", "mood", "--version", "1"
    )

    assert status == 2
    assert "data_differ" in errors
    assert counter.seen_again(request).is_open


def test_refusals_are_one_line_each(counter: Counter) -> None:
    request = counter.files()
    without = Counter(counter.desk, "it", "IT-0004").files(
        with_document=False, contact="luca.ferrari@example.it"
    )

    for (status, output, errors), code in (
        (approve(request, version="2"), "request_changed"),
        (approve(request, by=EMAIL.upper()), "own_request"),
        (approve(request, by="anna"), "email_malformed"),
        (approve(without), "document_missing"),
        (run("requests", "show", "REQ-1"), "request_unknown"),
    ):
        assert (status, output, errors) == (1, "", f"sportello: {code}\n")
    assert approve(request)[0] == 0
    assert approve(request)[2] == "sportello: request_decided\n"
