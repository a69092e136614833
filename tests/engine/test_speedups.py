import copy
import json
from pathlib import Path
from typing import Any, Iterator

import jsonschema
import numpy as np
import pytest
import yaml
from engine import speedups, version_guard
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.graph_components.providers.nlu_training_data_provider import NLUTrainingDataProvider
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import all_subclasses

from tests.engine.small_assistant import DOMAIN, NLU

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.mark.parametrize("domain", [DOMAIN, ROOT / "domain.yml"], ids=["small", "whole"])
def test_a_domain_kept_in_either_way_is_read_the_same_by_either_reader(
    tmp_path: Path, domain: Any
) -> None:
    made = Domain.from_path(domain) if isinstance(domain, Path) else Domain.from_yaml(domain)
    context = ExecutionContext(GraphSchema({}))
    read = []
    for persist in (speedups._stock_persist_domain, speedups._persist_domain):
        storage = LocalModelStorage(tmp_path / persist.__name__)
        storage._storage_path.mkdir()
        resource = Resource("domain")
        persist(DomainProvider.create({}, storage, resource, context), made)
        for load in (speedups._stock_load_domain.__func__, speedups._load_domain):  # type: ignore[attr-defined]
            read.append(load(DomainProvider, {}, storage, resource, context).provide_inference())
    assert len({one.fingerprint() for one in read}) == 1
    assert all(one.as_dict() == read[0].as_dict() for one in read)


def test_unchanged_files_are_read_once_and_changed_ones_anew(tmp_path: Path) -> None:
    asked = []

    def read(paths: Any, language: str) -> TrainingData:
        asked.append(paths)
        return TrainingData()

    once, file = speedups._reading_once(read), tmp_path / "nlu.yml"
    file.write_text("first")
    assert once([str(file)], "en") is once([str(file)], "en")
    file.write_text("second one")
    once([str(file)], "en")
    assert asked == [[str(file)]] * 2


def test_training_gets_what_rasa_itself_reads(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("language: it\nrecipe: default.v1\npipeline: []\n")
    (tmp_path / "domain.yml").write_text(DOMAIN)
    (tmp_path / "nlu.yml").write_text(NLU)

    def provided() -> Any:
        importer = TrainingDataImporter.load_from_config(
            str(tmp_path / "config.yml"), str(tmp_path / "domain.yml"), [str(tmp_path / "nlu.yml")]
        )
        importer.get_domain()
        importer.get_nlu_data()
        provider = NLUTrainingDataProvider({"language": "it", "persist": False}, None, None)
        data = provider.provide(importer)
        return [each.as_dict() for each in data.training_examples], data.responses

    stock = provided()
    speedups.install_for_training()
    try:
        assert provided() == stock
    finally:
        speedups.uninstall()


def test_yaml_parsed_once_still_belongs_to_its_reader() -> None:
    read = speedups._remembering(lambda content, kind: {"list": [content]})
    first = read("a")
    first["list"].append("mine")
    assert read("a") == {"list": ["a"]}


@pytest.fixture
def training() -> Iterator[None]:
    speedups.install_for_training()
    yield
    speedups.uninstall()


def message(text: str = "ciao a tutti", **data: Any) -> Message:
    tokens = [Token(word, place) for place, word in enumerate(text.split())]
    return Message({"text": text, "intent": "greet", "text_tokens": tokens, **data})


def dense(*numbers: float) -> Features:
    return Features(np.array([numbers]), "sentence", "text", "SentenceEncoder")


def test_messages_are_alike_whatever_the_order_of_their_data(training: None) -> None:
    turned = message()
    turned.data = dict(reversed(list(turned.data.items())))
    assert message().fingerprint() == turned.fingerprint()
    assert message() == message()
    assert hash(message()) == hash(message())


def test_each_part_of_a_message_makes_another_one_of_it(training: None) -> None:
    tagged = message(entities=[{"entity": "city", "start": 0, "end": 4}])
    moved = message()
    moved.data["text_tokens"][0].start = 7
    with_features, with_others = message(), message()
    with_features.add_features(dense(1.0, 2.0))
    with_others.add_features(dense(1.0, 2.5))
    several = [message(), message("ciao a te"), tagged, moved, with_features, with_others]
    assert len({each.fingerprint() for each in several}) == len(several)


def test_a_copied_message_shares_nothing_with_the_first(training: None) -> None:
    first = message(entities=[{"entity": "city", "start": 0, "end": 4}])
    first.add_features(dense(1.0, 2.0))
    second = copy.deepcopy(first)
    assert second == first
    second.data["entities"][0]["start"] = 3
    second.data["text_tokens"][0].start = 5
    second.features[0].features[0, 0] = 9.0
    assert first.data["entities"][0]["start"] == first.data["text_tokens"][0].start == 0
    assert first.features[0].features[0, 0] == 1.0


def test_a_changed_response_leaves_the_training_data_as_they_are(training: None) -> None:
    data = TrainingData([message()], responses={"utter_faq/a": [{"text": "prima"}]})
    changed = TrainingData([message()], responses={"utter_faq/a": [{"text": "dopo"}]})
    more = TrainingData([message(), message("ciao a te")])
    assert data.fingerprint() == changed.fingerprint() != more.fingerprint()
    assert changed.responses


def test_nothing_learns_from_responses() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    assert not [part["name"] for part in pipeline if "ResponseSelector" in part["name"]]


def test_another_rasa_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_guard.rasa.version, "__version__", "3.6.22")
    with pytest.raises(RuntimeError, match=r"3\.6\.22"):
        speedups.install()
