"""What a conversation did outside of it: messages, the area, a decision of staff."""

from __future__ import annotations

import re
import subprocess

import httpx

from tests.conversations.register.steps import submit_here
from tests.stack import Stack
from tests.talk import SIX_DIGITS, Talk, submit
from tools.processes import PYTHON, ROOT, environment

STAFF = "reviewer@insurer.example"


def outbox(talk: Talk) -> list[dict[str, object]]:
    """Every message that left the house."""
    return list(talk.http.get("/dev/outbox").json())


def link_in(talk: Talk, contact: str) -> str:
    """The one-time page in the newest message to *contact* that has one."""
    for message in talk.sent_to(contact):
        found = re.search(r"\S+/t/\S+", message["body"])
        if found:
            return found.group()
    raise AssertionError(f"no link was sent to {contact}")


def another(code: str) -> str:
    """A code that is not *code*."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def number_of_request(text: str) -> str:
    """The number of the request that *text* tells of."""
    found = re.search(r"REQ-\d{8}", text)
    assert found, text
    return found.group()


def is_let_in(talk: Talk, username: str, password: str) -> bool:
    """Whether user name and password open the first of the two doors."""
    with httpx.Client(base_url=talk.http.base_url, timeout=30) as http:
        page = submit(http, "/area/login", username=username, password=password)
        assert page.status_code in {200, 422}, page.text[:300]
        return page.status_code == 200


def area_by(talk: Talk, username: str, password: str, contact: str) -> str:
    """The area, after a login whose second code went to *contact*."""
    before = len(talk.sent_to(contact))
    with httpx.Client(base_url=talk.http.base_url, timeout=30) as http:
        first = submit(http, "/area/login", username=username, password=password)
        assert first.status_code == 200, first.text[:300]
        sent = talk.sent_to(contact)
        assert len(sent) == before + 1, "the second code went elsewhere"
        code = SIX_DIGITS.search(sent[0]["body"])
        assert code
        second = submit_here(http, first, code=code.group(1))
        assert second.status_code == 200, second.text[:300]
        return http.get("/area").text


def staff_command(house: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `sportello requests …` as the support team does."""
    return subprocess.run(
        [str(PYTHON), "-m", "tools.cli", "requests", *words],
        cwd=ROOT, env={**environment(house.settings), **house.extra},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def staff_decide(house: Stack, decision: str, number: str, *options: str) -> None:
    """Approve or reject a request."""
    done = staff_command(house, decision, number, "--by", STAFF, "--version", "1", *options)
    assert done.returncode == 0, done.stdout + done.stderr
