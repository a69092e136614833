"""The web process's side of the engine's channel."""

import json
import secrets
from typing import Any, Dict, Tuple

import aiohttp
import sqlalchemy as sa
from engine.channel import SECRET_HEADER
from engine.tracker_store import MaskedTrackerStore
from sanic import Sanic


class Gateway:
    """Speaks to a served channel as the web process does."""

    def __init__(self, app: Sanic, url: str, session: aiohttp.ClientSession) -> None:
        self.app, self.url, self._session = app, url, session
        self.conversation = f"c_{secrets.token_urlsafe(16)}"

    async def post(self, secret: str = "s3cret", **body: Any) -> Tuple[int, Dict[str, Any]]:
        async with self._session.post(
            f"{self.url}/webhooks/gateway/webhook", json=body, headers={SECRET_HEADER: secret}
        ) as response:
            return response.status, await response.json()

    async def say(self, text: Any = None, **changes: Any) -> Dict[str, Any]:
        status, answer = await self.post(**self.request(text, **changes))
        assert status == 200, answer
        return answer

    def request(self, text: Any = None, **changes: Any) -> Dict[str, Any]:
        request = {
            "conversation": self.conversation,
            "message_id": f"m_{secrets.token_urlsafe(16)}",
            "channel": "web",
            "market": "it",
            "language": "it",
            "client": None,
            "text": text,
        }
        return {**request, **changes}


def texts(answer: Dict[str, Any]) -> "list[str]":
    return [message["text"] for message in answer["messages"]]


def user_events(store: MaskedTrackerStore) -> "list[str]":
    with store.engine.connect() as connection:
        rows = connection.execute(
            sa.text("select data from events where type_name='user' order by id")
        )
        return [json.loads(row[0])["text"] for row in rows]
