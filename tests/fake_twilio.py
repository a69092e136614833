"""A Twilio of our own: it signs and sends webhooks, keeps what it was asked to send, and can lose,
repeat, delay, reorder and refuse.

Its signature is written here from Twilio's description, not taken from the library that the desk
checks with: two of the same mistake would agree.
"""

from __future__ import annotations

import hmac
import itertools
import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests import twilio_schemas

ACCOUNT = "AC" + "a" * 32
TOKEN = "the-auth-token-of-the-tests-0001"
ITALY, INDONESIA = "+390612345678", "+622112345678"
ANNA, BUDI = "+393331234567", "+6281234567890"
TEMPLATES = {name: f"HX{number:032x}" for number, name in enumerate(("it", "id", "en"), 1 << 64)}
"""Far from the numbers of what is made in a run."""

type Post = Callable[..., Any]

_numbers = itertools.count(1)


def new_sid(prefix: str) -> str:
    return f"{prefix}{next(_numbers):032x}"


def sign(address: str, fields: Mapping[str, str], token: str = TOKEN) -> str:
    """The address, then every field and its value in the order of the names."""
    signed = address + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac.digest(token.encode(), signed.encode(), sha1)).decode()


@dataclass
class Webhook:
    """One call of Twilio's, ready to be sent as often and as late as a test wants."""

    path: str
    body: bytes
    headers: dict[str, str]

    def to(self, post: Post) -> int:
        return int(post(self.path, content=self.body, headers=self.headers).status_code)


@dataclass
class Webhooks:
    """Makes webhooks of one account for one public address."""

    base: str
    token: str = TOKEN
    account: str = ACCOUNT

    def form(self, path: str, **fields: str) -> Webhook:
        signature = sign(self.base + path, fields, self.token)
        return Webhook(
            path,
            urlencode(fields).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "X-Twilio-Signature": signature,
            },
        )

    def json(self, path: str, **fields: str) -> Webhook:
        body = json.dumps(fields).encode()
        signed = f"{path}?bodySHA256={sha256(body).hexdigest()}"
        return Webhook(
            signed,
            body,
            {
                "Content-Type": "application/json",
                "X-Twilio-Signature": sign(self.base + signed, {}, self.token),
            },
        )

    def message(self, body: str = "", **fields: str) -> Webhook:
        """A customer's message as Twilio tells it, blank fields and all."""
        return self.form("/whatsapp/inbound", **self.message_fields(body, **fields))

    def message_fields(self, body: str = "", **fields: str) -> dict[str, str]:
        sender = fields.pop("sender", ANNA)
        return {
            "SmsMessageSid": "",
            "NumMedia": "0",
            "ProfileName": "Anna",
            "MessageType": "text",
            "MessageSid": new_sid("SM"),
            "AccountSid": self.account,
            "WaId": sender.removeprefix("+"),
            "From": f"whatsapp:{sender}",
            "To": f"whatsapp:{fields.pop('number', ITALY)}",
            "Body": body,
            "ApiVersion": "2010-04-01",
        } | fields

    def media(self, media_type: str, body: str = "", **fields: str) -> Webhook:
        message, medium = new_sid("MM"), new_sid("ME")
        address = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{message}/Media"
        return self.message(
            body,
            MessageSid=message,
            NumMedia="1",
            MediaContentType0=media_type,
            MediaUrl0=f"{address}/{medium}",
            **fields,
        )


@dataclass
class Message:
    """One message that the desk handed over."""

    sid: str
    form: dict[str, str]
    shown: str
    """As the customer reads it."""
    choices: list[tuple[str, str]] = field(default_factory=list)
    """Title and id of what can be tapped."""
    kind: str = "text"
    status: str = "queued"

    @property
    def to(self) -> str:
        return self.form["To"].removeprefix("whatsapp:")


class FakeTwilio:
    """The API: what it takes it keeps, what it refuses it refuses with Twilio's own codes."""

    def __init__(self, webhooks: Webhooks) -> None:
        self.webhooks = webhooks
        self.url = ""
        self.messages: list[Message] = []
        self.contents: dict[str, dict[str, Any]] = {}
        self.removed: list[str] = []
        self.refusals: list[tuple[int, int]] = []
        """Status and code of the next answers to messages; 0 as the code is taken and not told."""
        self.content_refusals: list[int] = []
        self.approved: dict[str, str] = {}
        """Templates that may be sent at any time, with their words."""
        self.closed: set[str] = set()
        """Customers whose 24 hours are over, by Twilio's reckoning."""

    # The customer's view ------------------------------------------------------------------------

    def sent(self, to: str = ANNA) -> list[Message]:
        return [message for message in self.messages if message.to == to]

    def texts(self, to: str = ANNA) -> list[str]:
        return [message.shown for message in self.sent(to)]

    def tap(self, message: Message, title: str) -> Webhook:
        """The customer presses a button, or takes a row, of this message."""
        pressed = next(each for each in message.choices if each[0] == title)
        sender = message.to
        if message.kind == "twilio/list-picker":
            fields = {"MessageType": "interactive", "ListId": pressed[1], "ListTitle": title}
        else:
            fields = {"MessageType": "button", "ButtonPayload": pressed[1], "ButtonText": title}
        number = message.form["From"].removeprefix("whatsapp:")
        return self.webhooks.message(title, sender=sender, number=number, **fields)

    def callback(self, message: Message, status: str, code: int | None = None) -> Webhook:
        """The status callback that Twilio makes for a message."""
        path = message.form["StatusCallback"].removeprefix(self.webhooks.base)
        failure = {} if code is None else {"ErrorCode": str(code)}
        return self.webhooks.form(
            path,
            AccountSid=self.webhooks.account,
            MessageSid=message.sid,
            MessageStatus=status,
            SmsStatus=status,
            From=message.form["From"],
            To=message.form["To"],
            **failure,
        )

    def before_breaking_off(self) -> None:
        """Called when nothing is going to be answered, while the other side still waits."""

    # The API ------------------------------------------------------------------------------------

    def answer(
        self, method: str, path: str, content: bytes, is_json: bool
    ) -> tuple[int, dict[str, Any] | None]:
        """Status and body; a body of None breaks the connection off."""
        account = f"/2010-04-01/Accounts/{self.webhooks.account}"
        if (method, path) == ("POST", f"{account}/Messages.json") and not is_json:
            pairs = parse_qsl(content.decode(), keep_blank_values=True)
            return self._take_message(dict(pairs))
        if (method, path) == ("POST", "/v1/Content") and is_json:
            return self._take_content(json.loads(content))
        if method == "DELETE" and path.startswith(f"{account}/Messages/"):
            medium = path.removeprefix(f"{account}/Messages/").removesuffix(".json")
            if medium in self.removed:
                return refused(404, 20404)
            self.removed.append(medium)
            return 204, {}
        return refused(404, 20404)

    def _take_message(self, form: dict[str, str]) -> tuple[int, dict[str, Any] | None]:
        if self.refusals:
            status, code = self.refusals.pop(0)
            if code or status >= 500:
                return refused(status, code)
            self._keep(form)
            return 0, None
        fault = self._fault(form)
        if fault:
            return refused(400, fault)
        message = self._keep(form)
        told = message_resource(self.webhooks.account, message)
        twilio_schemas.check(twilio_schemas.MESSAGES, "api.v2010.account.message", told)
        return 201, told

    def _fault(self, form: dict[str, str]) -> int | None:
        if not form.get("To", "").startswith("whatsapp:+"):
            return 21211
        if form.get("From", "").removeprefix("whatsapp:") not in {ITALY, INDONESIA}:
            return 63007
        content = form.get("ContentSid")
        if content in self.approved:
            return None
        if form["To"].removeprefix("whatsapp:") in self.closed:
            return 63016
        return self._fault_of_words(content, form)

    def _fault_of_words(self, content: str | None, form: dict[str, str]) -> int | None:
        if content is None:
            return None if 0 < len(form.get("Body", "")) <= 1_600 else 21617
        if content not in self.contents:
            return 21655
        values = json.loads(form["ContentVariables"]).values()
        is_bad = any(not v or "\n" in v or "\t" in v or "     " in v for v in values)
        return 21656 if is_bad else self._too_long(content, form)

    def _too_long(self, content: str, form: dict[str, str]) -> int | None:
        kind, shown, choices = self._filled(content, form)
        most = {"twilio/quick-reply": (3, 20), "twilio/list-picker": (10, 24)}[kind]
        fits = len(choices) <= most[0] and all(len(title) <= most[1] for title, _ in choices)
        return None if fits and len(shown) <= 1_024 else 63021

    def _keep(self, form: dict[str, str]) -> Message:
        sid = new_sid("SM")
        content = form.get("ContentSid")
        if content is None:
            message = Message(sid, form, form["Body"])
        elif content in self.approved:
            message = Message(sid, form, self.approved[content], kind="template")
        else:
            kind, shown, choices = self._filled(content, form)
            message = Message(sid, form, shown, choices, kind)
        self.messages.append(message)
        return message

    def _filled(self, content: str, form: dict[str, str]) -> tuple[str, str, list[tuple[str, str]]]:
        told = json.dumps(self.contents[content]["types"])
        for name, value in json.loads(form["ContentVariables"]).items():
            told = told.replace("{{" + name + "}}", json.dumps(value)[1:-1])
        ((kind, shape),) = json.loads(told).items()
        rows = shape.get("actions") or shape["items"]
        choices = [(row.get("title") or row["item"], row["id"]) for row in rows]
        return kind, shape["body"], choices

    def _take_content(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.content_refusals:
            return refused(self.content_refusals.pop(0), 0)
        twilio_schemas.check(twilio_schemas.CONTENT, "ContentCreateRequest", told)
        sid = new_sid("HX")
        self.contents[sid] = told
        made = {
            "sid": sid,
            "account_sid": self.webhooks.account,
            "url": f"https://content.twilio.com/v1/Content/{sid}",
            "links": {},
            **told,
        }
        twilio_schemas.check(twilio_schemas.CONTENT, "content.v1.content", made)
        return 201, made

    @contextmanager
    def serving(self) -> Iterator[FakeTwilio]:
        """Answer on a port of this machine."""
        with ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()


def refused(status: int, code: int) -> tuple[int, dict[str, Any]]:
    told = {"code": code, "message": f"about {ANNA}", "more_info": "", "status": status}
    return status, told


def message_resource(account: str, message: Message) -> dict[str, Any]:
    """As the API tells of a message it has just taken."""
    base = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    moment = "Fri, 20 Nov 2026 09:00:00 +0000"
    return {
        "sid": message.sid,
        "account_sid": account,
        "messaging_service_sid": None,
        "to": message.form["To"],
        "from": message.form["From"],
        "body": message.shown,
        "status": message.status,
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "price": None,
        "price_unit": None,
        "error_code": None,
        "error_message": None,
        "api_version": "2010-04-01",
        "date_created": moment,
        "date_updated": moment,
        "date_sent": None,
        "uri": f"{base}.json",
        "subresource_uris": {"media": f"{base}/Media.json"},
    }


def _handler(twilio: FakeTwilio) -> type[BaseHTTPRequestHandler]:
    expected = b64encode(f"{twilio.webhooks.account}:{twilio.webhooks.token}".encode()).decode()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_json = self.headers.get("Content-Type", "").startswith("application/json")
            with lock:
                status, told = twilio.answer(self.command, self.path, content, is_json)
            if self.headers.get("Authorization") != f"Basic {expected}":
                status, told = refused(401, 20003)
            if told is None:
                twilio.before_breaking_off()
                self.close_connection = True
                return
            body = b"" if status == 204 else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_DELETE = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    return Handler
