"""One mechanism for every form: read the turn, let the service take it, say where it stands."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.base import DeskAction, Event, Speaker, market_of
from actions.data import ENTITIES_OF_DATA, answers_of
from actions.message import Message
from actions.naming import named_in, owns_up
from actions.reading import brings_misread_number, flow_wanted, is_chosen, turn_of
from actions.speaking import ask, tell
from backend.core.flow import Command, Step, Turn

FLOW_CHOICE = "flow_choice"


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

    slots: ClassVar[frozenset[str]] = frozenset()
    """The questions of this flow, as `Step.asking` names them."""
    denial_corrects: ClassVar[bool] = True
    """Whether a no at the summary means that a detail is wrong."""

    @property
    @abstractmethod
    def flow(self) -> str:
        """The slug of the flow."""

    def name(self) -> str:
        """The action's name in the domain."""
        return f"validate_{self.flow}_form"

    def service(self) -> FlowService:
        """The service of this flow."""
        return runtime.backend().flows[self.flow]

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """Take the turn, or nothing when the message is an aside: then the flow's rules answer."""
        speaker = Speaker(dispatcher, tracker, domain, flow=self.flow)
        if self._comes_back(tracker):
            return await self._ask_again(speaker, tracker)
        if self._is_open(tracker):
            asking = tracker.get_slot("requested_slot")
            data = answers_of(Message.of(tracker), asking, self.slots, opening=False)
            reopened = self._reopened(tracker, data)
            if reopened:
                return await self._reopen(speaker, tracker, reopened)
            changed_over = await self._change_over(speaker, tracker)
            if changed_over is not None:
                return changed_over
            if self._wants_correction(tracker, data):
                return await self._offer_corrections(speaker, tracker)
        return await self._take_turn(speaker, tracker)

    async def _take_turn(self, speaker: Speaker, tracker: Tracker) -> list[Event]:
        opening = not self._is_open(tracker)
        asking = tracker.get_slot("requested_slot")
        if asking == FLOW_CHOICE:
            # Neither the one nor the other was chosen: it is an answer to what was asked before.
            asking = (await self._where_it_stands(tracker)).asking
        turn = turn_of(tracker, self.slots, asking, opening=opening)
        if turn is None:
            return []
        step = await asyncio.to_thread(self.service().advance, turn)
        if turn.command is Command.CORRECT and not (step.accepted or step.remarks or step.outcome):
            return await self._offer_corrections(speaker, tracker)  # of nothing that is asked here
        tell(speaker, step)
        return self._events(step)

    def after_failure(self, tracker: Tracker) -> list[Event]:
        """Keep asking what was asked; a form that could not even open is closed."""
        asking = tracker.get_slot("requested_slot") if self._is_open(tracker) else None
        outcome = None if asking else "unavailable"
        return [
            SlotSet("outcome", outcome),
            SlotSet("next_offer", None if asking else "silence"),
            SlotSet("switch_to", None),
            SlotSet("requested_slot", asking),
        ]

    async def _change_over(self, speaker: Speaker, tracker: Tracker) -> list[Event] | None:
        """Change to another task, or ask whether to; None when that is not the matter."""
        wanted = flow_wanted(tracker, self.flow, self.slots)
        is_deciding = tracker.get_slot("requested_slot") == FLOW_CHOICE
        if wanted == self.flow and (is_deciding or not self._brings_data(tracker)):
            return await self._ask_open_question(speaker, tracker)
        if wanted is None or wanted == self.flow:
            return None
        if is_deciding or is_chosen(tracker):
            return [
                SlotSet("outcome", None),
                SlotSet("next_offer", None),
                SlotSet("switch_to", wanted),
                SlotSet("requested_slot", None),
            ]
        return self._offer_change(speaker, wanted)

    def _brings_data(self, tracker: Tracker) -> bool:
        return any(e.get("entity") in ENTITIES_OF_DATA for e in Message.of(tracker).entities)

    def _offer_change(self, speaker: Speaker, wanted: str) -> list[Event]:
        names = [f"utter_flow_name__{slug}" for slug in (self.flow, wanted)]
        current_name, wanted_name = (speaker.words_of(name) for name in names)
        speaker.say(
            "utter_question__flow_choice",
            {"current": current_name, "wanted": wanted_name},
            buttons=speaker.buttons(*names),
        )
        return [SlotSet("wanted_flow", wanted), *_still_asking(FLOW_CHOICE)]

    async def _ask_again(self, speaker: Speaker, tracker: Tracker) -> list[Event]:
        asking = tracker.get_slot("requested_slot")
        if asking == FLOW_CHOICE:
            return self._offer_change(speaker, tracker.get_slot("wanted_flow"))
        step = await self._where_it_stands(tracker)
        if step.outcome is None and Message.of(tracker).intent == "goodbye":
            return _still_asking(asking)
        if step.outcome is None and asking in step.filled:
            ask(speaker, step, asking)  # an earlier answer is being corrected
            return _still_asking(asking)
        tell(speaker, step)
        return self._events(step)

    async def _ask_open_question(self, speaker: Speaker, tracker: Tracker) -> list[Event]:
        step = await self._where_it_stands(tracker)
        tell(speaker, step)
        return self._events(step)

    async def _where_it_stands(self, tracker: Tracker) -> Step:
        return await asyncio.to_thread(self.service().resume, tracker.sender_id, market_of(tracker))

    async def _offer_corrections(self, speaker: Speaker, tracker: Tracker) -> list[Event]:
        """Ask which detail, of those that may still change; where there is none, say so."""
        step = await self._where_it_stands(tracker)
        open_ones = (self.slots & step.filled.keys()).difference(step.settled)
        buttons = speaker.buttons(*(f"utter_detail__{slot}" for slot in sorted(open_ones)))
        if buttons and step.outcome is None:
            speaker.say("utter_question__detail", buttons=buttons)
            return _still_asking(tracker.get_slot("requested_slot"))
        if step.outcome is None:
            speaker.say("utter_detail_settled" if step.settled else "utter_nothing_to_correct")
        tell(speaker, step)
        return self._events(step)

    async def _reopen(self, speaker: Speaker, tracker: Tracker, slot: str) -> list[Event]:
        """Ask once more for a detail that was called wrong, where it may still change."""
        step = await self._where_it_stands(tracker)
        if step.outcome is None and slot in {step.asking, *step.filled}.difference(step.settled):
            ask(speaker, step, slot)
            return _still_asking(slot)
        if slot not in step.settled:
            return await self._offer_corrections(speaker, tracker)
        speaker.say("utter_detail_settled")
        tell(speaker, step)
        return self._events(step)

    def _wants_correction(self, tracker: Tracker, data: Mapping[str, str]) -> bool:
        """Whether something is called wrong, and nothing is said in its place."""
        message, asking = Message.of(tracker), tracker.get_slot("requested_slot")
        if data:
            return False
        if message.intent == "correct_detail" or owns_up(message.text):
            return True
        denied = message.intent == "deny" and asking == "confirmation"
        return self.denial_corrects and (denied or brings_misread_number(message, asking))

    def _reopened(self, tracker: Tracker, data: Mapping[str, str]) -> str | None:
        """The detail that is called wrong without another value: by its button, or by its name."""
        message = Message.of(tracker)
        if message.intent == "correct_detail":
            chosen = [str(e.get("value")) for e in message.entities if e.get("entity") == "detail"]
            if chosen:
                return next((slot for slot in chosen if slot in self.slots), None)
        named = named_in(message.text, self.slots)
        is_bare = not self._brings_data(tracker) and not data.keys() - {named and named.slot}
        return named.slot if named and named.value is None and is_bare else None

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
        events += [
            SlotSet("next_offer", _offer_after(step)),
            SlotSet("switch_to", None),
            SlotSet("requested_slot", step.asking),
        ]
        return events


def _offer_after(step: Step) -> str | None:
    """What is worth saying after the flow: an offer, whether there is anything else, nothing."""
    if step.outcome is None:
        return None
    otherwise = "nothing" if step.outcome == "completed" else "silence"
    return str(step.facts.get("next_offer", otherwise))


def _still_asking(slot: str) -> list[Event]:
    return [SlotSet("outcome", None), SlotSet("requested_slot", slot)]


def _masks(slots: Iterable[str], filled: Mapping[str, str]) -> list[Event]:
    return [SlotSet(slot, filled[slot]) for slot in sorted(slots) if slot in filled]
