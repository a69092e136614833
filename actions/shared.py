"""Actions that every flow and the talk between flows use."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import not_understood, runtime
from actions.base import DeskAction, Event, Speaker, flow_of
from actions.flows import FORMS
from actions.message import TASKS, Message
from backend.core.requests import Request

FLOW_SLOTS = sorted(frozenset().union(*(form.slots for form in FORMS)) - {"code_channel"})


class AnswerAside(DeskAction):
    """Says why the open question is asked, `utter_<intent>__midway` in a flow, `utter_<intent>`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_answer"

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """Answer the newest message by its intent."""
        flow = flow_of(tracker)
        speaker = Speaker(dispatcher, tracker, domain, flow=flow)
        message, asking = Message.of(tracker), tracker.get_slot("requested_slot")
        intent = message.intent
        if intent == "request_decided":
            await self._tell_news(speaker, tracker, message)
            return []
        if flow is None:
            asking = None  # left over from a flow that is closed
        if intent == not_understood.FALLBACK and not asking:
            not_understood.answer(speaker, tracker)
            return []
        fitting = (
            speaker.own(f"utter_why__{asking}") if intent == "ask_why" else None,
            f"utter_{intent}__midway" if asking else None,  # in a flow, without an offer of others
            f"utter_{intent}",
        )
        known = (name for name in fitting if name and name in speaker.responses)
        speaker.say(next(known, "utter_default"))
        return []

    @staticmethod
    async def _tell_news(speaker: Speaker, tracker: Tracker, message: Message) -> None:
        """Staff have decided a request of this conversation: say what became of it."""
        numbers = [e.get("value") for e in message.entities if e.get("entity") == "request_number"]
        request = await asyncio.to_thread(
            _request, tracker.sender_id, numbers[0] if numbers else ""
        )
        if request is None:
            speaker.say("utter_default")
            return
        name = f"utter_request_news__{request.state}"
        reasoned = f"{name}__{request.reason}"
        speaker.say(
            reasoned if reasoned in speaker.responses else name,
            {"request_number": request.number},
        )


class TakeUpOffer(DeskAction):
    """Begins the task that the last answer offered on a button; with none, or several, helps."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_take_up_offer"

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """Take a yes for what was offered last."""
        offered = _offered_last(tracker)
        if len(offered) == 1:
            return [FollowupAction(f"{offered.pop()}_form")]
        Speaker(dispatcher, tracker, domain).say("utter_help")
        return []


def _offered_last(tracker: Tracker) -> set[str]:
    """The tasks on the buttons of what was said between the last two messages."""
    tasks: set[str] = set()
    users = 0
    for event in reversed(tracker.events):
        users += event.get("event") == "user"
        if users > 1:
            break
        if event.get("event") == "bot":
            buttons = (event.get("data") or {}).get("buttons") or []
            tasks |= {str(button.get("payload")).removeprefix("/") for button in buttons} & TASKS
    return tasks


def _request(conversation_id: str, number: object) -> Request | None:
    desk = runtime.backend()
    with desk.uow(read_only=True) as uow:
        mine = desk.requests.of_conversation(uow, conversation_id)
    return next((request for request in mine if request.number == number), None)


class FlowClose(DeskAction):
    """Forgets what a flow kept: the draft in the backend and the masks in the slots."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_flow_close"

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """End whatever is open in this conversation."""
        await asyncio.to_thread(runtime.backend().abandon, tracker.sender_id)
        return self.after_failure(tracker)

    def after_failure(self, tracker: Tracker) -> list[Event]:
        """The masks go in any case; a draft that stays behind runs out by itself."""
        return [SlotSet(slot, None) for slot in FLOW_SLOTS]
