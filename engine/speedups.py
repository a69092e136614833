"""Caches for work that Rasa repeats. None changes an outcome (tests/engine/test_speedups.py).

For every turn: `Event.resolve_by_type` walks all event classes for each stored event, and
`RemoteAction` has jsonschema check the schema itself, which never changes, for each answer of the
action server. Together they halve the time of a form's turn (bench/engine_speedups.py).
For every start and training: the domain in a model is YAML that is parsed four times, and the
training data are parsed by each of their readers; both in pure Python.
"""

import copy
import functools
import json
from typing import Any, Callable, Dict, List, Optional, Type, Union

import jsonschema
import rasa.shared.utils.common
import rasa.shared.utils.io
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event

from engine.version_guard import require_supported_rasa

_stock_resolve_by_type = Event.resolve_by_type
_stock_validate_action_result = RemoteAction._validate_action_result
_stock_persist_domain = DomainProvider._persist
_stock_load_domain = DomainProvider.load
_stock_read_yaml = rasa.shared.utils.io.read_yaml

_DOMAIN_FILE = "domain.json"


def install() -> None:
    """Put the caches in place, for the whole process."""
    require_supported_rasa()
    Event.resolve_by_type = staticmethod(_CachedEventTypes())  # type: ignore[assignment]
    RemoteAction._validate_action_result = _CompiledActionSchema().validate  # type: ignore[assignment]
    DomainProvider._persist = _persist_domain  # type: ignore[method-assign]
    DomainProvider.load = classmethod(_load_domain)  # type: ignore[assignment,arg-type]


def install_for_training() -> None:
    """The same, for a process that ends soon: every YAML text is parsed once."""
    install()
    rasa.shared.utils.io.read_yaml = _remembering(_stock_read_yaml)  # type: ignore[assignment]


def uninstall() -> None:
    """Put Rasa's own code back (for comparisons)."""
    Event.resolve_by_type = staticmethod(_stock_resolve_by_type)  # type: ignore[assignment]
    RemoteAction._validate_action_result = _stock_validate_action_result  # type: ignore[method-assign]
    DomainProvider._persist = _stock_persist_domain  # type: ignore[method-assign]
    DomainProvider.load = _stock_load_domain  # type: ignore[method-assign]
    rasa.shared.utils.io.read_yaml = _stock_read_yaml


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


def _persist_domain(self: DomainProvider, domain: Domain) -> None:
    """Rasa's YAML, and beside it what a reader would make of that YAML."""
    _stock_persist_domain(self, domain)
    with self._model_storage.write_to(self._resource) as folder:
        parsed = rasa.shared.utils.io.read_yaml((folder / "domain.yml").read_text("utf-8"))
        merged = Domain.merge_domain_dicts(parsed, {})
        (folder / _DOMAIN_FILE).write_text(json.dumps(merged), "utf-8")


def _load_domain(
    cls: Type[DomainProvider],
    config: Dict[str, Any],
    model_storage: ModelStorage,
    resource: Resource,
    execution_context: ExecutionContext,
    **kwargs: Any,
) -> DomainProvider:
    with model_storage.read_from(resource) as folder:
        file = folder / _DOMAIN_FILE
        if file.exists():
            return cls(
                model_storage, resource, Domain.from_dict(json.loads(file.read_text("utf-8")))
            )
    return _stock_load_domain(config, model_storage, resource, execution_context, **kwargs)


def _remembering(read_yaml: Callable[..., Any]) -> Callable[..., Any]:
    """`read_yaml` that parses equal texts once and gives everyone a copy of their own."""

    @functools.cache
    def parsed(content: str, reader_type: "tuple[str, ...]") -> Any:
        return read_yaml(content, list(reader_type) if len(reader_type) > 1 else reader_type[0])

    def read(content: str, reader_type: Union[str, List[str]] = "safe") -> Any:
        kinds = (reader_type,) if isinstance(reader_type, str) else tuple(reader_type)
        return copy.deepcopy(parsed(content, kinds))

    return read
