"""After whole registrations, what was said in confidence is nowhere to be read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, registers, starts
from tests.demo_day.leaks import leaks
from tests.stack import Stack
from tests.talk import Talk

TYPED_BY_MISTAKE = "LaMiaPass99word"


def test_no_secret_is_left_in_database_tracker_transcript_or_log(
    house: Stack, customer: Callable[..., Talk]
) -> None:
    codes = _talk_a_lot(customer)
    typed = [TYPED_BY_MISTAKE, "333 111 22 44", "nuova.elena@example.it", "09/09/1979"]

    assert leaks(house.folder, codes, typed) == []


def test_transcripts_and_trackers_hold_masks_where_data_were_typed(
    house: Stack, customer: Callable[..., Talk]
) -> None:
    talk = customer("it", "it")
    with sqlite3.connect(house.folder / "tracker.db") as tracker:
        before = tracker.execute("select coalesce(max(id), 0) from events").fetchone()[0]
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "consent")
    mine = [m["text"] for m in talk.history()["messages"] if m["from"] == "customer"]

    assert mine[0] == "Buongiorno, vorrei registrarmi all'area clienti"
    assert "Giulia" not in " ".join(mine)
    with sqlite3.connect(house.folder / "tracker.db") as tracker:
        events = " ".join(
            row[0] for row in tracker.execute("select data from events where id > ?", (before,))
        )
    assert "Giulia" not in events
    assert "giulia.bianchi" not in events


def _talk_a_lot(customer: Callable[..., Talk]) -> list[str]:
    codes: list[str] = []
    talk = customer("it", "it")
    registers(talk, people.GIULIA, "it")
    codes += _codes_in(talk)
    registers(Talk(str(talk.http.base_url), "id", "id"), people.BUDI, "id")
    unknown = Talk(str(talk.http.base_url), "it", "it")
    starts(unknown, "it")
    unknown.presses("Persona")
    unknown.says("Elena Conti")
    unknown.says("nuova.elena@example.it")
    unknown.presses("Accetto")
    unknown.says("il mio codice fiscale è CNTLNE79P49H501L")
    unknown.says("sono nata il 09/09/1979")
    careless = Talk(str(talk.http.base_url), "it", "it")
    careless.says(f"la mia password è {TYPED_BY_MISTAKE}")
    careless.says("il mio numero è 333 111 22 44 e la mail marco.deluca@example.it")
    return codes + _codes_in(unknown)


def _codes_in(talk: Talk) -> list[str]:
    outbox = talk.http.get("/dev/outbox").json()
    return [code for message in outbox for code in re.findall(r"\b\d{6}\b", message["body"])]
