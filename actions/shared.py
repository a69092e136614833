"""Actions that every flow and the talk between flows use."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.base import DeskAction, Event, Speaker, flow_of
from actions.flows import FORMS
from actions.reading import Message

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
        intent, asking = Message.of(tracker).intent, tracker.get_slot("requested_slot")
        if flow is None:
            asking = None  # left over from a flow that is closed
        fitting = (
            speaker.own(f"utter_why__{asking}") if intent == "ask_why" else None,
            f"utter_{intent}__midway" if asking else None,  # in a flow, without an offer of others
            f"utter_{intent}",
        )
        known = (name for name in fitting if name and name in speaker.responses)
        speaker.say(next(known, "utter_default"))
        return []


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
