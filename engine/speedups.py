"""Two caches for work that Rasa repeats at every event and every action call.

`Event.resolve_by_type` walks all event classes for each stored event; `RemoteAction` has jsonschema
check the schema itself, which never changes, for each answer of the action server. Neither cache
changes an outcome; together they halve the time of a form's turn (see bench/engine_speedups.py).
"""

from typing import Any, Dict, Optional, Type

import jsonschema
import rasa.shared.utils.common
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.constants import DOCS_BASE_URL

from engine.version_guard import require_supported_rasa

_stock_resolve_by_type = Event.resolve_by_type
_stock_validate_action_result = RemoteAction._validate_action_result


def install() -> None:
    """Put both caches in place, for the whole process."""
    require_supported_rasa()
    Event.resolve_by_type = staticmethod(_CachedEventTypes())  # type: ignore[assignment]
    RemoteAction._validate_action_result = _CompiledActionSchema().validate  # type: ignore[assignment]


def uninstall() -> None:
    """Put Rasa's own code back (for comparisons)."""
    Event.resolve_by_type = staticmethod(_stock_resolve_by_type)  # type: ignore[assignment]
    RemoteAction._validate_action_result = _stock_validate_action_result  # type: ignore[method-assign]


class _CachedEventTypes:
    """Looks a class up once; an unknown name still goes to Rasa's own search and errors."""

    def __init__(self) -> None:
        self._classes: Dict[str, Type[Event]] = {}

    def __call__(
        self, type_name: str, default: Optional[Type[Event]] = None
    ) -> Optional[Type[Event]]:
        known = self._classes.get(type_name)
        if known is not None:
            return known
        for event_class in rasa.shared.utils.common.all_subclasses(Event):
            if event_class.type_name == type_name:
                self._classes[type_name] = event_class
                return event_class
        return _stock_resolve_by_type(type_name, default)


class _CompiledActionSchema:
    """The schema of an action's answer, checked and compiled once."""

    def __init__(self) -> None:
        schema = RemoteAction.action_response_format_spec()
        validator_class = validator_for(schema)
        validator_class.check_schema(schema)
        self._validator = validator_class(schema)

    def validate(self, result: Dict[str, Any]) -> bool:
        error = jsonschema.exceptions.best_match(self._validator.iter_errors(result))
        if error is None:
            return True
        error.message += (
            ". Failed to validate Action server response from API, "
            "make sure your response from the Action endpoint is valid. "
            f"For more information about the format visit {DOCS_BASE_URL}/custom-actions"
        )
        raise error
