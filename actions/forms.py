"""One mechanism for every form: read the turn, let the service take it, say where it stands."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import DeskAction, Event, Speaker, market_of
from actions.reading import Message, turn_of
from actions.speaking import ask, tell
from backend.core.flow import Step, Turn


class FlowService(Protocol):
    """What a form needs from the service of its flow."""

    def advance(self, turn: Turn) -> Step:
        """Take one turn."""
        ...

    def resume(self, conversation_id: str, market: str) -> Step:
        """Where the flow stands, without an effect."""
        ...

    def abandon(self, conversation_id: str) -> None:
        """Forget the draft and end what is open."""
        ...


class FlowForm(DeskAction, FormValidationAction, ABC):  # type: ignore[misc]  # no types
    """Validates a form whose questions and answers belong to a service of the backend.

    Slots get masks. Which slot is asked next is the service's word; the question is said here, so
    that an error and its question come in one breath.
    """

    slots: frozenset[str]
    """The questions of this flow, as `Step.asking` names them."""

    @abstractmethod
    def service(self) -> FlowService:
        """The service of this flow."""

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """Take the turn, or nothing when the message is an aside: then the flow's rules answer."""
        speaker = Speaker(dispatcher, tracker, domain)
        if self._comes_back(tracker):
            return await self._ask_again(speaker, tracker)
        if self._wants_correction(tracker):
            return self._offer_corrections(speaker, tracker)
        reopened = self._reopened(tracker)
        if reopened:
            ask(speaker, await self._where_it_stands(tracker), reopened)
            return [SlotSet("outcome", None), SlotSet("requested_slot", reopened)]
        opening = not self._is_open(tracker)
        turn = turn_of(tracker, self.slots, opening=opening)
        if turn is None:
            return []
        step = await asyncio.to_thread(self.service().advance, turn)
        tell(speaker, step)
        return self._events(step)

    def after_failure(self, tracker: Tracker) -> list[Event]:
        """Keep asking what was asked; a form that could not even open is closed."""
        asking = tracker.get_slot("requested_slot") if self._is_open(tracker) else None
        outcome = None if asking else "unavailable"
        return [SlotSet("outcome", outcome), SlotSet("requested_slot", asking)]

    async def _ask_again(self, speaker: Speaker, tracker: Tracker) -> list[Event]:
        step = await self._where_it_stands(tracker)
        asking = tracker.get_slot("requested_slot")
        if step.outcome is None and Message.of(tracker).intent == "goodbye":
            return [SlotSet("outcome", None), SlotSet("requested_slot", asking)]
        if step.outcome is None and asking in step.filled:
            ask(speaker, step, asking)  # an earlier answer is being corrected
            return [SlotSet("outcome", None), SlotSet("requested_slot", asking)]
        tell(speaker, step)
        return self._events(step)

    async def _where_it_stands(self, tracker: Tracker) -> Step:
        return await asyncio.to_thread(self.service().resume, tracker.sender_id, market_of(tracker))

    def _offer_corrections(self, speaker: Speaker, tracker: Tracker) -> list[Event]:
        filled = [slot for slot in sorted(self.slots) if tracker.get_slot(slot)]
        buttons = speaker.buttons(*(f"utter_detail__{slot}" for slot in filled))
        speaker.say("utter_question__detail", buttons=buttons)
        return [
            SlotSet("outcome", None),
            SlotSet("requested_slot", tracker.get_slot("requested_slot")),
        ]

    def _wants_correction(self, tracker: Tracker) -> bool:
        message = Message.of(tracker)
        named = {str(e.get("entity")) for e in message.entities} - {"language", "market", "channel"}
        return self._is_open(tracker) and message.intent == "correct_detail" and not named

    def _reopened(self, tracker: Tracker) -> str | None:
        message = Message.of(tracker)
        if not self._is_open(tracker) or message.intent != "correct_detail":
            return None
        named = [str(e.get("value")) for e in message.entities if e.get("entity") == "detail"]
        return next((slot for slot in named if slot in self.slots), None)

    def _is_open(self, tracker: Tracker) -> bool:
        loop = (tracker.active_loop or {}).get("name")
        return loop == self.form_name() and tracker.get_slot("requested_slot") is not None

    def _comes_back(self, tracker: Tracker) -> bool:
        """Whether the newest message was an aside that the rules have answered by now."""
        for event in reversed(tracker.events):
            if event.get("event") == "user":
                return False
            if event.get("event") == "action_execution_rejected":
                return True
        return False

    def _events(self, step: Step) -> list[Event]:
        events: list[Event] = [SlotSet("outcome", step.outcome)]
        events += _masks(self.slots, step.filled)
        if step.outcome == "completed":
            events.append(SlotSet("next_offer", str(step.facts.get("next_offer", "nothing"))))
        elif step.asking:
            events.append(SlotSet("next_offer", None))
        events.append(SlotSet("requested_slot", step.asking))
        return events


def _masks(slots: Iterable[str], filled: Mapping[str, str]) -> list[Event]:
    return [SlotSet(slot, filled[slot]) for slot in sorted(slots) if slot in filled]
