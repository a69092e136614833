import json
from typing import Any, Iterator

import jsonschema
import pytest
from engine import speedups, version_guard
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.utils.common import all_subclasses

from tests.engine.small_assistant import DOMAIN

GOOD = {
    "events": [{"event": "slot", "name": "a", "value": None}, {"event": "bot", "text": "x"}],
    "responses": [],
}
BAD = [
    {"events": [{"event": "slot"}], "responses": []},
    {"events": [{"event": "no_such_event"}], "responses": []},
    {"events": "none", "responses": []},
    {"events": [], "responses": ["text"]},
]


@pytest.fixture
def fast() -> Iterator[None]:
    speedups.install()
    yield
    speedups.uninstall()


def outcome(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except (ValueError, jsonschema.ValidationError) as error:
        return type(error), str(error)


def test_every_event_type_resolves_to_the_same_class(fast: None) -> None:
    for event_class in all_subclasses(Event):
        name = event_class.type_name
        assert Event.resolve_by_type(name) is speedups._stock_resolve_by_type(name)
        assert Event.resolve_by_type(name) is speedups._stock_resolve_by_type(
            name
        )  # now from the cache


def test_unknown_event_types_are_treated_alike(fast: None) -> None:
    for arguments in (("nonsense",), ("topic",), ("nonsense", UserUttered)):
        assert outcome(Event.resolve_by_type, *arguments) == outcome(
            speedups._stock_resolve_by_type, *arguments
        )


def test_a_class_made_later_is_found(fast: None) -> None:
    class Late(UserUttered):
        type_name = "made_later"

    assert Event.resolve_by_type("made_later") is Late


@pytest.mark.parametrize("answer", [GOOD, *BAD])
def test_answers_of_actions_are_judged_alike(fast: None, answer: Any) -> None:
    action = RemoteAction("action_x", None)
    stock = outcome(speedups._stock_validate_action_result, action, json.loads(json.dumps(answer)))
    assert outcome(action._validate_action_result, answer) == stock


def test_the_domain_is_the_same_from_json_as_from_yaml(fast: None, tmp_path: Any) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("domain")
    context = ExecutionContext(GraphSchema({}))
    DomainProvider.create({}, storage, resource, context)._persist(Domain.from_yaml(DOMAIN))
    fast_one = DomainProvider.load({}, storage, resource, context).provide_inference()
    stock_one = speedups._stock_load_domain({}, storage, resource, context).provide_inference()
    assert fast_one.as_dict() == stock_one.as_dict()
    assert fast_one.fingerprint() == stock_one.fingerprint()


def test_yaml_parsed_once_still_belongs_to_its_reader() -> None:
    read = speedups._remembering(lambda content, kind: {"list": [content]})
    first = read("a")
    first["list"].append("mine")
    assert read("a") == {"list": ["a"]}


def test_another_rasa_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_guard.rasa.version, "__version__", "3.6.22")
    with pytest.raises(RuntimeError, match=r"3\.6\.22"):
        speedups.install()
