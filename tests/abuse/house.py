"""The real web application on real services; only the understanding of sentences is left out.

`ServiceEngine` stands where Rasa stands: it reads `slot=value; slot=value`, or the name of a
command, and hands it to the flow service as the action server would. Codes, pages, gateway and
area are the house's own, so whatever an attacker does at a door here meets the real guards.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession

from backend.bootstrap import Backend, build
from backend.core.flow import Command, Step, Turn
from tests.fakes import FixedClock
from tests.web.gateway.house import QUICK, said
from tests.web.whole_app import make_settings
from web.app import create_app
from web.gateway.engine import EngineAnswer, EngineError, EnginePage, EngineRequest

PASSWORD = "Girasole2026"
NEW_PASSWORD = "Papavero2027"
GIULIA, GIULIA_MOBILE = "giulia.bianchi@example.it", "+393201234519"
ELENA = "elena.conti@example.it"
MARCO_MOBILE = "+393331112244"
REGISTERS = "profile=person; first_name=Giulia Bianchi; contact=giulia.bianchi@example.it"

_COMMANDS = {command.value: command for command in Command}


class ServiceEngine:
    """Runs the turn of a flow; every message of a conversation belongs to the flow it named."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._flows: dict[str, str] = {}
        self.requests: list[EngineRequest] = []
        self.steps: list[Step] = []

    async def turn(self, request: EngineRequest) -> EngineAnswer:
        self.requests.append(request)
        return await asyncio.to_thread(self._answer, request)

    async def is_alive(self) -> bool:
        return True

    def _answer(self, request: EngineRequest) -> EngineAnswer:
        words = request.text or ""
        opening = re.fullmatch(r"flow (\w+)", words)
        if opening:
            self._flows[request.conversation] = opening[1]
        flow = self._flows.get(request.conversation)
        if flow is None:
            return said(f"sentito: {words}", language=request.language, masked="...")
        step = self._advance(flow, request, words, is_opening=bool(opening))
        self.steps.append(step)
        if step.outcome:
            self._flows.pop(request.conversation)
        return self._said(flow, request, step)

    def _advance(self, flow: str, request: EngineRequest, words: str, *, is_opening: bool) -> Step:
        answers = dict(re.findall(r"(\w+)=([^;]*)", words))
        if request.parse is not None:
            answers, words = dict(request.parse.entities), request.parse.intent
        turn = Turn(
            request.conversation, request.message_id, request.market, request.language,
            request.channel, request.client, answers, _COMMANDS.get(words, Command.NONE),
            is_opening,
        )  # fmt: skip
        try:
            return self._backend.flows[flow].advance(turn)
        except Exception as failure:
            raise EngineError(type(failure).__name__, may_pass=False) from failure

    @staticmethod
    def _said(flow: str, request: EngineRequest, step: Step) -> EngineAnswer:
        page = EnginePage(**vars_of(step.page)) if step.page else None
        choices = [(one.title, f'/inform{{"{step.asking}": "{one.id}"}}') for one in step.choices]
        return said(
            " ".join(remark.code for remark in step.remarks) or f"asks {step.asking}",
            buttons=choices,
            page=page,
            language=request.language,
            flow=None if step.outcome else flow,
            asking=step.asking,
            masked="...",
        )


def vars_of(page: Any) -> dict[str, Any]:
    return {"id": page.id, "kind": page.kind, "minutes": page.minutes}


class House:
    """The application with its demo customers and a clock that stands still."""

    def __init__(self, filled: Path, folder: Path, **chosen: Any) -> None:
        settings = make_settings(folder, **chosen)
        shutil.copy(filled, folder / "sportello.db")
        self.clock = FixedClock()
        self.backend = build(settings, clock=self.clock)
        self.engine = ServiceEngine(self.backend)
        self.app = create_app(self.backend, self.engine, numbers=QUICK)
        self.http = TestClient(self.app, raise_server_exceptions=False)
        self._names = count(1)

    def browser(self) -> TestClient:
        """Another visitor, with cookies of their own, in the same running process."""
        client = TestClient(self.app, raise_server_exceptions=False)
        client.portal = self.http.portal
        return client

    def talk(self, market: str = "it", *, flow: str | None = None) -> Chat:
        """A new customer at the development door; *flow* is asked for at once."""
        chat = Chat(self, f"stranger-{next(self._names)}", market)
        if flow:
            chat.says(f"flow {flow}")
        return chat

    def session(self, market: str = "it") -> tuple[str, str]:
        """Token and conversation of a new session of the widget."""
        opened = self.http.post("/widget/sessions", json={"market": market}).json()
        return opened["token"], opened["conversation"]

    @contextmanager
    def socket(self, token: str) -> Iterator[WebSocketTestSession]:
        with self.http.websocket_connect("/widget/socket") as socket:
            socket.send_json({"type": "hello", "token": token, "after": 0})
            assert socket.receive_json()["type"] == "welcome"
            yield socket

    def outbox(self, to: str | None = None) -> list[dict[str, Any]]:
        return list(self.http.get("/dev/outbox", params={"to": to} if to else {}).json())

    def codes_to(self, to: str) -> list[str]:
        """Every code that went to a contact, newest first."""
        found = (re.search(r"(?<!\d)\d{6}(?!\d)", each["body"]) for each in self.outbox(to))
        return [match.group() for match in found if match]

    def code(self, to: str) -> str:
        """The newest code that went to a contact."""
        return self.codes_to(to)[0]

    def link(self, to: str) -> str:
        """The path of the newest link that went to a contact."""
        found = (re.search(r"(/t/[\w-]{43})", each["body"]) for each in self.outbox(to))
        return next(match.group() for match in found if match)

    def opens_account(self, customer: str = "IT-0001") -> str:
        """As registration would; the user name comes back."""
        with self.backend.uow() as uow:
            owner = uow.customers.by_number(customer[:2].lower(), customer)
            assert owner
            policies = uow.customers.policies_of(owner.id)
            contact = owner.details.email or owner.details.mobile
            account = self.backend.accounts.open(uow, owner, policies, contact, owner.language)
            hashed = self.backend.accounts.hash_password(account, PASSWORD)
            self.backend.accounts.set_password(uow, account, hashed)
            uow.commit()
        return account.username

    def can_sign_in(self, username: str, password: str) -> bool:
        """Whether the pair leads to the second step; hours later, so that no wait is in the way."""
        self.clock.forward(7200)
        return 'name="code"' in signs_in(self.browser(), username, password).text

    def audited(self) -> list[str]:
        with self.backend.uow(read_only=True) as uow:
            rows = uow.connection.exec_driver_sql("select event from audit order by seq")
            return [str(row[0]) for row in rows]

    def number_of(self, query: str) -> int:
        with self.backend.uow(read_only=True) as uow:
            return int(uow.connection.exec_driver_sql(query).scalar_one())


class Chat:
    """One sender at the development door."""

    def __init__(self, house: House, sender: str, market: str) -> None:
        self.house, self.sender, self.market = house, sender, market
        self.last: dict[str, Any] = {}

    def says(self, text: str) -> str:
        """Type a message; what was answered."""
        return self._post(text=text)

    def presses(self, button: str) -> str:
        return self._post(button=button)

    @property
    def asking(self) -> str | None:
        return self.last["state"]["asking"]

    @property
    def page(self) -> str:
        """The path of the page that the last answer led to."""
        links = [link for reply in self.last["replies"] for link in reply["links"]]
        return "/t/" + next(link for link in links if "/t/" in link).rsplit("/", 1)[1]

    @property
    def step(self) -> Step:
        return self.house.engine.steps[-1]

    def _post(self, **what: str) -> str:
        body = {"sender": self.sender, "market": self.market, **what}
        answer = self.house.http.post("/dev/messages", json=body)
        assert answer.status_code == 200, answer.text
        self.last = answer.json()
        return "\n".join(reply["text"] for reply in self.last["replies"])


def registering(house: House, contact: str = GIULIA) -> Chat:
    """A stranger who registers as Giulia; the code is on its way to her."""
    chat = house.talk(flow="register")
    chat.says(REGISTERS.replace(GIULIA, contact))
    assert chat.says("affirm") == "code_sent", chat.last
    return chat


def resetting(house: House, username: str = GIULIA, channel: str = "email") -> Chat:
    """A stranger who asks for a new password of an account; the code is on its way."""
    chat = house.talk("it" if "@" in username or "+39" in username else "id", flow="reset_password")
    chat.says(f"username={username}")
    if chat.asking == "contact_choice":
        chat.says(f"contact_choice={channel}")
    assert chat.asking == "otp_code", chat.last
    return chat


def another(code: str, by: int = 1) -> str:
    """A wrong code."""
    return f"{(int(code) + by) % 1_000_000:06d}"


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text[:300]
    return found[1]


def submits(client: TestClient, path: str, **fields: str) -> httpx.Response:
    """Open a page and post its form."""
    return client.post(path, data={"csrf": csrf_of(client.get(path)), **fields})


def signs_in(client: TestClient, username: str, password: str = PASSWORD) -> httpx.Response:
    """User name and password; the page of the code where they are right."""
    return submits(client, "/area/login", username=username, password=password)


def enters(client: TestClient, code: str) -> httpx.Response:
    """The second factor."""
    return submits(client, "/area/login", code=code)


def sets_password(client: TestClient, path: str, password: str) -> httpx.Response:
    return submits(client, path, password=password, password_confirmation=password)


def together(calls: Sequence[Any]) -> list[Any]:
    """Run all calls in threads of their own; their results in order."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]
