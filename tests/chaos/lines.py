"""How a customer writes to the desk and hears from it, over a line that keeps breaking."""

from __future__ import annotations

import itertools
import json
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from backend.bootstrap import Backend
from backend.core.conversation import Choice
from tests.chaos import Chance
from tests.chaos.courier import Courier
from tests.chaos.customers import Customer
from tests.fake_twilio import INDONESIA, ITALY, Webhooks, new_sid

_PAUSE = 0.4


class Line(ABC):
    """One customer's way in; `sent` are the names of all they wrote, in their order."""

    def __init__(self, backend: Backend) -> None:
        self.sent: list[str] = []
        self.seen: list[int] = []
        """Numbers of the lines that were shown, as they came; the widget's only."""
        self._backend = backend

    @abstractmethod
    def writes(self, text: str) -> None:
        """Type a message."""

    @abstractmethod
    def presses(self, choice: Choice) -> None:
        """Press a button."""

    @abstractmethod
    def listens(self, seconds: float) -> None:
        """Let so much time pass with an open ear."""

    @abstractmethod
    def conversation(self) -> str | None:
        """Its id at the desk, once there is one."""

    @abstractmethod
    def is_through(self) -> bool:
        """Whether the desk has acknowledged all that was written."""

    @abstractmethod
    def closes(self) -> None:
        """Hang up."""


class WhatsAppLine(Line):
    """By Twilio's webhooks; what the desk says is found in the fake's record."""

    def __init__(
        self, backend: Backend, customer: Customer, webhooks: Webhooks, courier: Courier
    ) -> None:
        super().__init__(backend)
        self._customer = customer
        self._webhooks = webhooks
        self._courier = courier
        self._waiting = threading.Event()

    def writes(self, text: str) -> None:
        self._sends(text)

    def presses(self, choice: Choice) -> None:
        self._sends(
            choice.title,
            MessageType="button",
            ButtonPayload=choice.id,
            ButtonText=choice.title,
        )

    def listens(self, seconds: float) -> None:
        self._waiting.wait(seconds)

    def conversation(self) -> str | None:
        with self._backend.uow(read_only=True) as uow:
            found = uow.conversations.of_sender(self._customer.number, channel="whatsapp")
        return None if found is None else found.id

    def is_through(self) -> bool:
        return self._courier.acknowledged.issuperset(self.sent)

    def closes(self) -> None:
        """Webhooks are carried by the courier, which is stopped for all at once."""

    def _sends(self, body: str, **fields: str) -> None:
        sid = new_sid("SM")
        self.sent.append(sid)
        number = ITALY if self._customer.market == "it" else INDONESIA
        webhook = self._webhooks.message(
            body, sender=self._customer.number, number=number, MessageSid=sid, **fields
        )
        self._courier.takes(webhook, sid)


class WidgetLine(Line):
    """The widget's protocol: what was not acknowledged is said again, what was seen is not."""

    def __init__(self, backend: Backend, base: str, customer: Customer) -> None:
        super().__init__(backend)
        address = f"10.{customer.index // 250}.{customer.index % 250}.1"
        self._headers = {"X-Forwarded-For": address}
        self._http = httpx.Client(base_url=base, headers=self._headers, timeout=20, trust_env=False)
        self._market = customer.market
        self._names = itertools.count(1)
        self._waiting = threading.Event()
        self._session: dict[str, Any] | None = None
        self._unacknowledged: dict[str, dict[str, Any]] = {}

    def writes(self, text: str) -> None:
        self._put({"type": "text", "text": text})

    def presses(self, choice: Choice) -> None:
        self._put({"type": "button", "id": choice.id})

    def conversation(self) -> str | None:
        return None if self._session is None else str(self._session["conversation"])

    def is_through(self) -> bool:
        return not self._unacknowledged

    def closes(self) -> None:
        self._http.close()

    @property
    def _hello(self) -> dict[str, Any]:
        assert self._session is not None
        return {
            "type": "hello",
            "token": self._session["token"],
            "after": max(self.seen, default=0),
        }

    def _put(self, frame: dict[str, Any]) -> None:
        name = f"k{next(self._names)}"
        self.sent.append(name)
        self._unacknowledged[name] = frame | {"client_id": name}

    def _has_session(self) -> bool:
        if self._session is None:
            with suppress(httpx.HTTPError):
                answer = self._http.post("/widget/sessions", json={"market": self._market})
                self._session = answer.json() if answer.status_code == 201 else None
        return self._session is not None

    def _hears(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "message":
            self.seen.append(frame["seq"])
        elif frame["type"] == "ack":
            self._unacknowledged.pop(frame["client_id"], None)


class SocketLine(WidgetLine):
    """By WebSocket, opened anew whenever it broke."""

    def __init__(self, backend: Backend, base: str, customer: Customer) -> None:
        super().__init__(backend, base, customer)
        self._address = base.replace("http", "ws", 1) + "/widget/socket"
        self._socket: ClientConnection | None = None
        self._said: set[str] = set()

    def listens(self, seconds: float) -> None:
        if not self._has_session():
            self._waiting.wait(_PAUSE)
            return
        try:
            socket = self._opened()
            for name in [name for name in self._unacknowledged if name not in self._said]:
                socket.send(json.dumps(self._unacknowledged[name]))
                self._said.add(name)
            while True:
                frame = json.loads(socket.recv(timeout=seconds))
                self._hears(frame)
                if frame["type"] == "error":
                    self._said.discard(frame.get("client_id"))
                    return
        except TimeoutError:
            return
        except (OSError, EOFError, WebSocketException):
            self._hangs_up()
            self._waiting.wait(_PAUSE)

    def closes(self) -> None:
        self._hangs_up()
        super().closes()

    def _opened(self) -> ClientConnection:
        if self._socket is None:
            socket = connect(
                self._address, additional_headers=self._headers, open_timeout=8, proxy=None
            )
            self._said = set()
            self._socket = socket
            socket.send(json.dumps(self._hello))
        return self._socket

    def _hangs_up(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(OSError, EOFError, WebSocketException):
                socket.close()


class RequestsLine(WidgetLine):
    """By plain requests, as where WebSockets are blocked."""

    def listens(self, seconds: float) -> None:
        if self._has_session():
            with suppress(httpx.HTTPError):
                if self._unacknowledged:
                    self._asks("/widget/frames", *self._unacknowledged.values())
                self._asks("/widget/poll")
        self._waiting.wait(seconds)

    def _asks(self, door: str, *frames: dict[str, Any]) -> None:
        body = "\n".join(json.dumps(frame) for frame in (self._hello, *frames))
        answer = self._http.post(door, content=body)
        if answer.status_code == 200:
            for line in answer.text.splitlines():
                self._hears(json.loads(line))


def line_of(
    customer: Customer, backend: Backend, base: str, webhooks: Webhooks, courier: Courier
) -> Line:
    """The line that this customer has."""
    if customer.line == "whatsapp":
        return WhatsAppLine(backend, customer, webhooks, courier)
    kind = SocketLine if customer.line == "socket" else RequestsLine
    return kind(backend, base, customer)


def pause(chance: Chance, *, after_apology: bool) -> float:
    """Between reading and writing: so that nobody writes faster than the desk listens."""
    return chance.uniform(5.0, 12.0) if after_apology else chance.uniform(1.5, 3.0)
