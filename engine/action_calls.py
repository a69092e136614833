"""An action that cannot be run breaks its turn off.

Rasa logs a failed action and goes on as if it had done nothing: the customer gets half an answer or
none, and what the action was to note is missing from the conversation for good. Here the turn ends,
nothing of it is stored, and the gateway may have it run again: what an action has done for a message
before, it does not do twice.
"""

import logging
from typing import TYPE_CHECKING, List

import aiohttp
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from engine.version_guard import require_supported_rasa

if TYPE_CHECKING:
    from rasa.core.channels.channel import OutputChannel
    from rasa.core.nlg import NaturalLanguageGenerator

_stock_run = RemoteAction.run

logger = logging.getLogger(__name__)


class ActionFailed(BaseException):
    """No Exception: of these Rasa catches every one. `may_pass`: the action server was not there."""

    def __init__(self, action: str, *, may_pass: bool) -> None:
        super().__init__(action)
        self.may_pass = may_pass


def install() -> None:
    """Have failed actions end their turn, for the whole process."""
    require_supported_rasa()
    RemoteAction.run = _run  # type: ignore[method-assign]


def uninstall() -> None:
    """Put Rasa's own way back (for tests)."""
    RemoteAction.run = _stock_run  # type: ignore[method-assign]


async def _run(
    self: RemoteAction,
    output_channel: "OutputChannel",
    nlg: "NaturalLanguageGenerator",
    tracker: DialogueStateTracker,
    domain: Domain,
) -> List[Event]:
    try:
        return await _stock_run(self, output_channel, nlg, tracker, domain)
    except ActionExecutionRejection:
        raise
    except Exception as error:
        # what a library puts into its text may be of the customer: its type alone is told
        reason = error.__cause__ or error.__context__ or error
        logger.error("action %s failed: %s", self.name(), type(reason).__name__)
        away = isinstance(reason, aiohttp.ClientConnectionError)
        raise ActionFailed(self.name(), may_pass=away) from error
