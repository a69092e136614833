"""`make demo-day`: twenty demo customers go through all services; what each got is printed.

It starts a house of its own on free ports and ends it. The status is 1 when a reply could not be
explained, a task was not completed, or anything personal was found where it must not be.
`make demo-day NOISE=7` has them write as people in a hurry do (7 is the seed): they may have to say
a thing twice, and 97 of 100 errands have to end as they should.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from rich.console import Console

from tests.demo_day.customers import Errand, Visitor, everybody, first
from tests.demo_day.leaks import leaks
from tests.demo_day.noise import Chance, NoisyWalk
from tests.stack import Stack, begin_anew
from tests.talk import PASSWORD, Reply, Talk
from tests.walk import Answer, Walk
from tools.processes import PYTHON, ROOT, environment

DAY = 86_400
ENOUGH_WITH_NOISE = 0.97
MOST_TURNS = 40
# What is said when nothing was understood, or something of ours broke.
UNEXPLAINED = ("utter_nlu_fallback", "utter_default", "utter_error__internal")
OVER_AFTER = 121
CANCEL = {"it": "annulla", "id": "batalkan", "en": "cancel"}
STAFF = "reviewer@insurer.example"

console = Console(highlight=False, soft_wrap=True)


@dataclass
class Result:
    """What became of one errand."""

    visitor: Visitor
    errand: Errand
    got: str = ""
    problem: str = ""
    turns: int = 0
    repeated: int = 0


@dataclass
class Day:
    """The house, and what has happened in it."""

    house: Stack
    noise: Chance | None = None
    results: list[Result] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    unexplained: list[str] = field(default_factory=list)
    usernames: dict[str, str] = field(default_factory=dict)

    def passes(self) -> None:
        """Everybody comes in, one after the other."""
        strange = _texts_of(UNEXPLAINED)
        for visitor in everybody():
            talk = Talk(self.house.base, visitor.market, visitor.language, channel=visitor.channel)
            for errand in visitor.errands:
                result = Result(visitor, errand)
                self.results.append(result)
                try:
                    self._runs(talk, result, strange)
                except AssertionError as failure:
                    result.problem = str(failure)[:300] or "broke off"
                _print(result)
            self._staff_decide()
            talk.moves_clock(DAY)

    def _runs(self, talk: Talk, result: Result, strange: list[re.Pattern[str]]) -> None:
        visitor, errand = result.visitor, result.errand
        answers = dict(errand.answers)
        registered = visitor.errands[0].answers.get("contact")
        username = self.usernames.get(visitor.number, registered)
        if username is not None:
            answers.setdefault("username", username)
            answers.setdefault("contact_choice", first)
        walk = self._walk(talk, answers, visitor)
        steps = _Steps(walk, errand)
        try:
            steps.go()
        finally:
            self.codes |= steps.codes
            result.turns = len(walk.heard)
            result.repeated = walk.repeated if isinstance(walk, NoisyWalk) else 0
            self.unexplained += [
                f"{visitor.number} {errand.flow}: {said[:120]}"
                for said in walk.heard
                if any(pattern.search(said) for pattern in strange)
            ]
        result.got = _last_line(walk.heard)
        self._learns_username(talk, visitor)
        if errand.ends == "done" and steps.refused:
            result.problem = "was refused"

    def _walk(self, talk: Talk, answers: dict[str, Answer], visitor: Visitor) -> Walk:
        password = PASSWORD[visitor.market]
        if self.noise is None:
            return Walk(talk, answers, visitor.contacts, password)
        return NoisyWalk(
            talk, answers, visitor.contacts, password,
            chance=self.noise, language=visitor.language,
        )  # fmt: skip

    def _learns_username(self, talk: Talk, visitor: Visitor) -> None:
        if visitor.market != "id" or visitor.number in self.usernames:
            return
        said = "\n".join(m["text"] for m in talk.history()["messages"] if m["from"] == "bot")
        found = re.search(r"\b([a-z]{4}\d{4}[a-z]{2})\b", said)
        if found:
            self.usernames[visitor.number] = found.group(1)

    def _staff_decide(self) -> None:
        """Approve what waits, as the support team would from its command line."""
        for line in self._command("requests", "list", "--state", "submitted").splitlines():
            number = re.search(r"REQ-\d{8}", line)
            version = re.search(r"\b(?:v|version )?(\d+)\s*$", line)
            if number:
                self._command(
                    "requests", "approve", number.group(), "--by", STAFF,
                    "--version", version.group(1) if version else "1",
                )  # fmt: skip

    def _command(self, *words: str) -> str:
        done = subprocess.run(
            [str(PYTHON), "-m", "tools.cli", *words],
            cwd=ROOT, env=environment(self.house.settings), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return done.stdout


@dataclass
class _Steps:
    """One errand, question by question, with its slips."""

    walk: Walk
    errand: Errand
    codes: set[str] = field(default_factory=set)
    slipped: set[str] = field(default_factory=set)
    refused: bool = False

    def go(self) -> None:
        self.walk.begins(self.errand.says, self.errand.flow)
        for _ in range(MOST_TURNS):
            last = self.walk.talk.last
            if last.flow is None:
                return
            if last.flow != self.errand.flow:
                raise AssertionError(f"went on with {last.flow}")
            self._answers(last)
        raise AssertionError(f"no end in sight, asked for {self.walk.talk.last.asking}")

    def _answers(self, last: Reply) -> None:
        asking = str(last.asking)
        if asking in self.errand.slips and asking not in self.slipped:
            self.slipped.add(asking)
            for slip in self.errand.slips[asking]:
                self.walk.gives(slip)
            return
        if asking == "otp_code":
            self._types_code()
        elif self.errand.ends == "told" and self._has_been_told(asking):
            self.walk.gives(CANCEL[self._language])
        else:
            self.walk.answer()

    @property
    def _language(self) -> str:
        return str(self.walk.talk.last.state["language"])

    def _has_been_told(self, asking: str) -> bool:
        """Whether the same is asked again, or something that this customer has no answer to."""
        key = f"again:{asking}"
        again = key in self.slipped or asking not in self.walk.answers
        self.slipped.add(key)
        return again

    def _types_code(self) -> None:
        code = self.walk.code()
        self.codes.add(code)
        if self.errand.lets_code_expire and "expired" not in self.slipped:
            self.slipped.add("expired")
            self.walk.talk.moves_clock(OVER_AFTER)
            self.walk.gives(code)
            self.walk.gives(self.walk.talk.last.titles[0])
            return
        if self.errand.mistypes_code and "mistyped" not in self.slipped:
            self.slipped.add("mistyped")
            self.walk.gives(code[:5] + str((int(code[5]) + 1) % 10))
            return
        self.walk.gives(code)


def _texts_of(names: tuple[str, ...]) -> list[re.Pattern[str]]:
    """The beginnings of responses, in all languages, as patterns."""
    found = []
    for path in Path("data").rglob("*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for name in names:
            for variation in (content.get("responses") or {}).get(name, []):
                head = str(variation.get("text", "")).split("{")[0][:40]
                found.append(re.compile(re.escape(head)))
    gateway = yaml.safe_load(Path("texts/gateway.yml").read_text(encoding="utf-8"))
    for key in ("apology", "apology_again"):
        found += [re.compile(re.escape(text.split("{")[0][:40])) for text in gateway[key].values()]
    return found


def _last_line(heard: list[str]) -> str:
    return " ".join(heard[-1].split())[:140] if heard else ""


def _print(result: Result) -> None:
    visitor, errand = result.visitor, result.errand
    mark = "[red]✗[/red]" if result.problem else "[green]✓[/green]"
    head = f"{mark} {visitor.number} {visitor.language} {errand.flow:<17} {result.turns:>2} turns"
    console.print(head, end="  ")
    console.print(result.problem or result.got, markup=False)


def main() -> int:
    """Run the day and print its end."""
    parser = argparse.ArgumentParser(prog="demo-day", description=__doc__)
    parser.add_argument("--noise", type=int, help="seed of the hurried way of writing")
    seed = parser.parse_args().noise
    with tempfile.TemporaryDirectory() as folder:
        house = Stack(Path(folder))
        try:
            house.start()
            begin_anew(house.base)
            day = Day(house, None if seed is None else Chance(seed))
            day.passes()
        finally:
            house.stop()
        found = leaks(house.folder, day.codes)
    return _end_of(day, found)


def _end_of(day: Day, found: list[str]) -> int:
    done = sum(not result.problem for result in day.results)
    console.print(
        f"\n{done} of {len(day.results)} errands as they should end, "
        f"{len(day.unexplained)} unexplained replies, {len(found)} leaks, "
        f"{sum(result.repeated for result in day.results)} of "
        f"{sum(result.turns for result in day.results)} messages said twice."
    )
    for line in [*day.unexplained, *found]:
        console.print(f"  {line}", markup=False)
    if day.noise is not None:
        return 0 if done >= ENOUGH_WITH_NOISE * len(day.results) and not found else 1
    return 0 if done == len(day.results) and not day.unexplained and not found else 1


if __name__ == "__main__":
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    sys.exit(main())
