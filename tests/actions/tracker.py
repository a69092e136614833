"""Builds what the engine sends to the action server, one turn at a time."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.types import ActionCall

from tools.check.finding import compose, items, plain

CONVERSATION = "c_" + "a" * 22


def entity(name: str, value: str, text: str = "") -> dict[str, Any]:
    """An entity where it stands in *text*."""
    start = max(text.find(value), 0)
    return {"entity": name, "value": value, "start": start, "end": start + len(value)}


def call(
    action: str,
    text: str,
    intent: str,
    *entities: dict[str, Any],
    asking: str | None = None,
    form: str | None = None,
    slots: dict[str, Any] | None = None,
    confidence: float = 0.95,
    rejected: bool = False,
    market: str = "it",
) -> ActionCall:
    """The call for one action after a message of the customer."""
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "entities": list(entities),
        "message_id": "m_" + "b" * 22,
        "metadata": {"market": market, "language": "it", "channel": "web", "client": "k"},
    }
    events: list[dict[str, Any]] = [{"event": "user", "parse_data": message, **message}]
    if rejected:
        events += [
            {"event": "action_execution_rejected", "name": form},
            {"event": "action", "name": "utter_faq"},
        ]
    return {
        "next_action": action,
        "sender_id": CONVERSATION,
        "version": "3.6.21",
        "domain": {"responses": responses()},
        "tracker": {
            "sender_id": CONVERSATION,
            "slots": {"language": "it", "requested_slot": asking, **(slots or {})},
            "latest_message": message,
            "events": events,
            "paused": False,
            "followup_action": None,
            "active_loop": {"name": form} if form else {},
            "latest_action_name": "action_listen",
        },
    }


async def run(action_call: ActionCall) -> dict[str, Any]:
    """Through the SDK's own executor, names and wiring included."""
    executor = ActionExecutor()
    executor.register_package("actions")
    result = await executor.run(action_call)
    assert result is not None
    return dict(result)


def said(result: dict[str, Any]) -> list[str]:
    """Names of the responses, in order."""
    return [message["response"] for message in result["responses"]]


def slots_set(result: dict[str, Any]) -> dict[str, Any]:
    """Slot events as a mapping; the last one wins."""
    return {event["name"]: event["value"] for event in result["events"] if event["event"] == "slot"}


def responses() -> dict[str, Any]:
    """The project's real responses."""
    if not _RESPONSES:
        from pathlib import Path  # noqa: PLC0415

        for path in Path("data").rglob("*.yml"):
            for key, _, node in items(compose(path)):
                if key == "responses":
                    _RESPONSES.update(plain(node))
    return _RESPONSES


_RESPONSES: dict[str, Any] = {}
