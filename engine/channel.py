"""The one input channel: the gateway hands over a message, and gets the whole turn back.

credentials.yml:   engine.channel.GatewayInput: {secret: ${SPORTELLO_GATEWAY_SECRET}}
"""

import asyncio
import hmac
import logging
import os
from collections import OrderedDict
from typing import Any, Awaitable, Callable, Dict, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from engine.action_calls import ActionFailed
from engine.output import NAME, TurnOutput
from engine.request import MalformedRequest, TurnRequest
from engine.tracker_store import TrackerStoreFailed, masked_store_of
from engine.understanding import understand

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Sportello-Secret"
_DEVELOPMENT_SECRET = "development-only-gateway-secret-of-no-worth"
_KEPT_ANSWERS = 5000

Answer = Dict[str, Any]


class GatewayInput(InputChannel):
    """Runs one turn per message id, each in a task of its own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._turns: "OrderedDict[Tuple[str, str], asyncio.Task[Answer]]" = OrderedDict()

    @classmethod
    def name(cls) -> str:
        """The last part of the channel's URL, and `input_channel` of its messages."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "GatewayInput":
        """Takes the secret from credentials.yml or the environment; production has no built-in one."""
        secret = (credentials or {}).get("secret") or os.environ.get("SPORTELLO_GATEWAY_SECRET")
        if not secret and os.environ.get("SPORTELLO_PROFILE", "development") == "development":
            secret = _DEVELOPMENT_SECRET
        if not secret:
            raise RuntimeError(
                "SPORTELLO_GATEWAY_SECRET is missing: the gateway could not be told from others"
            )
        return cls(str(secret))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """`POST /webhooks/gateway/webhook` and `GET /webhooks/gateway/health`."""
        blueprint = Blueprint("gateway_webhook", __name__)

        @blueprint.get("/health")
        async def health(request: Request) -> HTTPResponse:
            return await _health(_agent_of(request))

        @blueprint.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            return await self._receive(request)

        return blueprint

    async def _receive(self, request: Request) -> HTTPResponse:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return json({"error": "unauthorised"}, 401)
        try:
            turn = TurnRequest.parse(request.json)
        except MalformedRequest as error:
            return json({"error": "malformed", "field": error.field}, 400)
        agent = _agent_of(request)
        if agent is None:
            return json({"error": "not_ready"}, 503)
        return await self._answer(agent, turn)

    async def _answer(self, agent: Agent, turn: TurnRequest) -> HTTPResponse:
        task = self._task(agent, turn)
        try:
            # shielded: a gateway that hangs up must not stop a turn half-way
            return json(await asyncio.shield(task))
        except TrackerStoreFailed:
            return json({"error": "tracker_store"}, 503)
        except ActionFailed as failure:
            # 424: the turn needs what failed, and will the next time
            return json({"error": "action_failed"}, 503 if failure.may_pass else 424)
        except Exception:
            logger.exception("turn %s failed", turn.message_id)
            return json({"error": "turn_failed"}, 503)

    def _task(self, agent: Agent, turn: TurnRequest) -> "asyncio.Task[Answer]":
        """The turn of this message id: the one that runs or ran already, else a new one."""
        key = (turn.conversation, turn.message_id)
        task = self._turns.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._run(agent, turn))
            task.add_done_callback(lambda done: self._forget_failed(key, done))
            self._turns[key] = task
        self._turns.move_to_end(key)
        while len(self._turns) > _KEPT_ANSWERS and next(iter(self._turns.values())).done():
            self._turns.popitem(last=False)
        return task

    def _forget_failed(self, key: Tuple[str, str], task: "asyncio.Task[Answer]") -> None:
        if task.cancelled() or task.exception():
            self._turns.pop(key, None)

    async def _run(self, agent: Agent, turn: TurnRequest) -> Answer:
        store = masked_store_of(agent)
        async with agent.lock_store.lock(turn.conversation):
            store.take_failure(turn.conversation)
            tracker = await store.peek(turn.conversation)
            parse_data, decided = await understand(turn, agent, tracker)
            output = TurnOutput()
            message = UserMessage(
                text=parse_data["text"],
                output_channel=output,
                sender_id=turn.conversation,
                parse_data=parse_data,
                input_channel=NAME,
                message_id=turn.message_id,
                metadata={**decided, "client": turn.client},
            )
            await agent.processor.handle_message(message)  # type: ignore[union-attr]
            if store.take_failure(turn.conversation):
                raise TrackerStoreFailed("the turn was not stored")
            return {
                "messages": output.messages,
                **_outcome(store.current(turn.conversation), turn, decided["language"]),
            }

    async def drain(self, seconds: float = 20) -> None:
        """Wait for the turns under way, so that a stop breaks none off."""
        running = [task for task in self._turns.values() if not task.done()]
        if running:
            await asyncio.wait(running, timeout=seconds)


async def _health(agent: Optional[Agent]) -> HTTPResponse:
    if agent is None:
        return json({"status": "starting"}, 503)
    try:
        await masked_store_of(agent).peek("health")
    except TrackerStoreFailed:
        return json({"status": "tracker_store"}, 503)
    return json({"status": "ok", "model": agent.model_name})


def _agent_of(request: Request) -> Optional[Agent]:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _outcome(tracker: Optional[DialogueStateTracker], turn: TurnRequest, language: str) -> Answer:
    """Where the conversation stands, and what may be kept of the message."""
    if tracker is None:
        raise TrackerStoreFailed("the turn left nothing behind")
    slots = tracker.current_slot_values()
    loop = tracker.active_loop_name
    flow = (slots.get("flow") or loop.replace("_form", "")) if loop else None
    # not the tracker's latest message: a fallback may have taken that back
    said = (e for e in reversed(tracker.events) if isinstance(e, UserUttered))
    masked_text = next((e.text for e in said if e.message_id == turn.message_id), "")
    return {
        "state": {
            "flow": flow,
            "asking": slots.get("requested_slot") if loop else None,
            "language": language,
        },
        "masked_text": masked_text or "",
    }
