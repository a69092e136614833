"""What all actions share: one edge where failures become words, and one way to speak."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.words import Button, Responses, buttons_of, text_of
from backend.core.errors import Fact

log = structlog.get_logger("sportello.actions")

type Event = dict[str, Any]


class Speaker:
    """Says responses by name, with the facts every response may use."""

    def __init__(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Mapping[str, Any],
        *,
        flow: str | None = None,
    ) -> None:
        """*flow* is the slug of the flow that speaks: it may have words of its own."""
        self._dispatcher = dispatcher
        self._flow = flow
        self.language = language_of(tracker)
        self.responses: Responses = domain.get("responses") or {}

    def say(
        self,
        response: str,
        facts: Mapping[str, Fact] | None = None,
        *,
        buttons: list[Button] | None = None,
        page: Mapping[str, Any] | None = None,
    ) -> None:
        """Utter *response*; a *page* travels beside the text, its link is made at delivery."""
        self._dispatcher.utter_message(
            response=response,
            buttons=buttons or [],
            json_message={"page": dict(page)} if page else {},
            **{**common_facts(), **(facts or {})},
        )

    def buttons(self, *names: str) -> list[Button]:
        """The buttons that the named responses hold, in the language of the turn."""
        return buttons_of(self.responses, names, self.language)

    def words_of(self, name: str) -> str:
        """The bare text of a response, to be put into another one."""
        return text_of(self.responses, name, self.language)

    def own(self, name: str) -> str:
        """The response of that name that is the flow's own, where it has one."""
        own = f"{name}__{self._flow}"
        return own if own in self.responses else name


def common_facts() -> dict[str, Fact]:
    """Addresses that depend on where this house runs, not on the market files."""
    return {"login_url": f"{runtime.backend().settings.public_base_url}/area/login"}


def metadata_of(tracker: Tracker) -> Mapping[str, Any]:
    """What the gateway said of the newest message: market, language, channel, client."""
    return (tracker.latest_message or {}).get("metadata") or {}


def market_of(tracker: Tracker) -> str:
    """The market of the conversation; it is the gateway's word, never the customer's."""
    return str(metadata_of(tracker).get("market") or tracker.get_slot("market"))


def language_of(tracker: Tracker) -> str:
    """The language in which this turn is answered."""
    return str(tracker.get_slot("language") or metadata_of(tracker).get("language"))


def flow_of(tracker: Tracker) -> str | None:
    """The slug of the flow whose form is open."""
    loop = str((tracker.active_loop or {}).get("name") or "")
    return loop.removesuffix("_form") or None


class DeskAction(Action, ABC):  # type: ignore[misc]  # the SDK has no types
    """An action whose failures are spoken, and logged without a word of the customer's."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """Run `act`; whatever escapes it becomes an apology with an incident id."""
        try:
            return await self.act(dispatcher, tracker, domain)
        except Exception as failure:  # noqa: BLE001  the one edge of the action server
            # The SDK would answer 500 with the whole tracker in the body, and Rasa would log that.
            incident = secrets.token_hex(4)
            log.error(  # noqa: TRY400  a traceback shows values; kind and place are enough
                "action_failed",
                action=self.name(),
                incident=incident,
                kind=type(failure).__name__,
                at=_place_of(failure),
            )
            dispatcher.messages.clear()
            dispatcher.utter_message(response="utter_error__internal", incident=incident)
            return self.after_failure(tracker)

    @abstractmethod
    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """Do the work; anything raised is told to the customer as a fault of ours."""

    def after_failure(self, tracker: Tracker) -> list[Event]:
        """Events that leave the conversation where it was."""
        del tracker
        return []


def _place_of(failure: BaseException) -> str:
    """Where it broke, as file and line of the innermost frame: no values, so nothing leaks."""
    trace = failure.__traceback__
    if trace is None:
        return "unknown"
    while trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
