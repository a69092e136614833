"""Caches for work that Rasa repeats. None changes an outcome (tests/engine/test_speedups.py).

For every turn: `Event.resolve_by_type` walks all event classes for each stored event, and
`RemoteAction` has jsonschema check the schema itself, which never changes, for each answer of the
action server. Together they halve the time of a form's turn (bench/engine_speedups.py).
For every start and training: the domain in a model is YAML that is parsed four times, and the
training data are read and parsed by each of their readers; all in pure Python.
Training copies all messages over and over, and tells them apart by fingerprints that hash each
word and number of a message for itself. The fingerprint of the training data takes in all responses,
which only a response selector learns from, and we have none: a changed response would have
everything trained anew.
"""

import copy
import functools
import hashlib
import json
import pickle
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Type, Union

import jsonschema
import rasa.shared.importers.utils
import rasa.shared.utils.common
import rasa.shared.utils.io
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.graph_components.providers.nlu_training_data_provider import NLUTrainingDataProvider
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.constants import DOCS_BASE_URL, LATEST_TRAINING_DATA_FORMAT_VERSION
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.validation import KEY_TRAINING_DATA_FORMAT_VERSION

from engine.version_guard import require_supported_rasa

_stock_resolve_by_type = Event.resolve_by_type
_stock_validate_action_result = RemoteAction._validate_action_result
_stock_persist_domain = DomainProvider._persist
_stock_load_domain = DomainProvider.load
_stock_read_yaml = rasa.shared.utils.io.read_yaml
_stock_message_fingerprint = Message.fingerprint
_stock_data_fingerprint = TrainingData.fingerprint
_stock_provide = NLUTrainingDataProvider.provide
_stock_from_paths = rasa.shared.importers.utils.training_data_from_paths

_DOMAIN_FILE = "domain.yml"


def install() -> None:
    """Put the caches in place, for the whole process."""
    require_supported_rasa()
    Event.resolve_by_type = staticmethod(_CachedEventTypes())  # type: ignore[assignment]
    RemoteAction._validate_action_result = _CompiledActionSchema().validate  # type: ignore[assignment]
    DomainProvider._persist = _persist_domain  # type: ignore[method-assign]
    DomainProvider.load = classmethod(_load_domain)  # type: ignore[assignment,arg-type]


def install_for_training() -> None:
    """The same, for a process that ends soon: YAML texts are parsed once, messages hashed in one go."""
    install()
    rasa.shared.utils.io.read_yaml = _remembering(_stock_read_yaml)  # type: ignore[assignment]
    Message.fingerprint = _message_fingerprint  # type: ignore[method-assign]
    Message.__deepcopy__ = _copied  # type: ignore[attr-defined]
    TrainingData.fingerprint = _data_fingerprint  # type: ignore[method-assign]
    NLUTrainingDataProvider.provide = _provide_read  # type: ignore[method-assign]
    rasa.shared.importers.utils.training_data_from_paths = _reading_once(_stock_from_paths)


def uninstall() -> None:
    """Put Rasa's own code back (for comparisons)."""
    Event.resolve_by_type = staticmethod(_stock_resolve_by_type)  # type: ignore[assignment]
    RemoteAction._validate_action_result = _stock_validate_action_result  # type: ignore[method-assign]
    DomainProvider._persist = _stock_persist_domain  # type: ignore[method-assign]
    DomainProvider.load = _stock_load_domain  # type: ignore[method-assign]
    rasa.shared.utils.io.read_yaml = _stock_read_yaml
    Message.fingerprint = _stock_message_fingerprint  # type: ignore[method-assign]
    if "__deepcopy__" in vars(Message):
        del Message.__deepcopy__  # type: ignore[attr-defined]
    TrainingData.fingerprint = _stock_data_fingerprint  # type: ignore[method-assign]
    NLUTrainingDataProvider.provide = _stock_provide  # type: ignore[method-assign]
    rasa.shared.importers.utils.training_data_from_paths = _stock_from_paths


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
    """As JSON, which every reader of YAML takes, and which is written and read in no time."""
    told = {
        KEY_TRAINING_DATA_FORMAT_VERSION: LATEST_TRAINING_DATA_FORMAT_VERSION,
        **domain.as_dict(),
    }
    with self._model_storage.write_to(self._resource) as folder:
        (folder / _DOMAIN_FILE).write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def _load_domain(
    cls: Type[DomainProvider],
    config: Dict[str, Any],
    model_storage: ModelStorage,
    resource: Resource,
    execution_context: ExecutionContext,
    **kwargs: Any,
) -> DomainProvider:
    with model_storage.read_from(resource) as folder:
        try:
            told = json.loads((folder / _DOMAIN_FILE).read_text("utf-8"))
        except ValueError:  # Rasa's own YAML
            return _stock_load_domain(config, model_storage, resource, execution_context, **kwargs)
    merged = Domain.merge_domain_dicts(told, {})
    return cls(model_storage, resource, Domain.from_dict(merged))


def _provide_read(self, importer: TrainingDataImporter) -> TrainingData:  # type: ignore[no-untyped-def]
    """What the training has read already: Rasa asks once more with the language, for Dialogflow's files.

    Rasa takes every annotated parameter for an input of the graph, therefore `self` has none.
    """
    training_data = importer.get_nlu_data()
    if self._config["persist"]:
        self._persist(training_data)
    return training_data


def _reading_once(read: Callable[..., Any]) -> Callable[..., Any]:
    """`training_data_from_paths` that reads unchanged files once; whoever merges the data copies them."""
    known: Dict[Any, TrainingData] = {}

    def read_once(paths: Iterable[str], language: str) -> TrainingData:
        files = [(path, Path(path).stat().st_mtime_ns, Path(path).stat().st_size) for path in paths]
        key = (tuple(files), language)
        if key not in known:
            known[key] = read([path for path, _, _ in files], language)
        return known[key]

    return read_once


def _remembering(read_yaml: Callable[..., Any]) -> Callable[..., Any]:
    """`read_yaml` that parses equal texts once and gives everyone a copy of their own."""

    @functools.cache
    def parsed(content: str, reader_type: "tuple[str, ...]") -> bytes:
        kinds = list(reader_type) if len(reader_type) > 1 else reader_type[0]
        return pickle.dumps(read_yaml(content, kinds), pickle.HIGHEST_PROTOCOL)

    def read(content: str, reader_type: Union[str, List[str]] = "safe") -> Any:
        kinds = (reader_type,) if isinstance(reader_type, str) else tuple(reader_type)
        return pickle.loads(parsed(content, kinds))  # noqa: S301 - our own bytes

    return read


def _copied(self: Message, _memo: Any) -> Message:
    """A deep copy, ten times as fast as by Python's own way, which looks at each word for itself."""
    return pickle.loads(pickle.dumps(self, pickle.HIGHEST_PROTOCOL))  # noqa: S301 - our own bytes


def _data_fingerprint(self: TrainingData) -> str:
    """Rasa's, of all but the responses."""
    without = copy.copy(self)
    without.responses = {}
    return _stock_data_fingerprint(without)


def _message_fingerprint(self: Message) -> str:
    """Of data and features as a whole; like Rasa's, the order of a dictionary's keys makes no difference."""
    if self._cached_fingerprint is None:
        told = json.dumps([self.data, self.features], sort_keys=True, default=_as_json)
        self._cached_fingerprint = hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()
    return self._cached_fingerprint


def _as_json(part: Any) -> Any:
    if isinstance(part, Token):
        return [part.text, part.start, part.end, part.lemma, part.data]
    if isinstance(part, Features) and part.is_dense():
        content = hashlib.md5(part.features.tobytes(), usedforsecurity=False).hexdigest()
        return [part.type, part.origin, part.attribute, content]
    return part.fingerprint() if hasattr(part, "fingerprint") else str(part)
