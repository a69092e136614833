"""Keeps TensorFlow out of a process whose pipeline has no use for it.

Rasa imports every component it knows as soon as a recipe is read, and with them TensorFlow: ten
seconds and some 300 MB for nothing when the pipeline is all linear models. `install` puts small
stand-ins in the place of the modules that pull it in; whatever needs the real thing then
fails by name instead of half working.
"""

import importlib
import sys
from types import ModuleType
from typing import List

from engine.version_guard import require_supported_rasa

# What config.yml may name beside the components of engine.nlu.
LIGHT_COMPONENTS = (
    "rasa.nlu.classifiers.fallback_classifier.FallbackClassifier",
    "rasa.nlu.extractors.entity_synonyms.EntitySynonymMapper",
    "rasa.nlu.extractors.regex_entity_extractor.RegexEntityExtractor",
    "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer.CountVectorsFeaturizer",
    "rasa.nlu.featurizers.sparse_featurizer.regex_featurizer.RegexFeaturizer",
    "rasa.nlu.featurizers.sparse_featurizer.lexical_syntactic_featurizer.LexicalSyntacticFeaturizer",
    "rasa.nlu.tokenizers.whitespace_tokenizer.WhitespaceTokenizer",
    "rasa.core.policies.memoization.MemoizationPolicy",
    "rasa.core.policies.memoization.AugmentedMemoizationPolicy",
    "rasa.core.policies.rule_policy.RulePolicy",
)

_STAND_INS = {
    # named by the checks before a training, to see whether the pipeline has them
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaDataGenerator", "RasaBatchDataGenerator"),
}


def install() -> None:
    """Put the stand-ins in place. Must run before anything of `rasa.core` or `rasa.nlu` is imported."""
    require_supported_rasa()
    if "tensorflow" in sys.modules:
        return  # too late to save anything, and nothing is broken by having it
    # spaCy's thinc would import it too; None makes every import of it fail, and thinc does without.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    for name, classes in _STAND_INS.items():
        sys.modules[name] = _stand_in(name, classes)
    _register_light_components()


def _stand_in(module_name: str, classes: "tuple[str, ...]") -> ModuleType:
    module = ModuleType(module_name, "Stand-in: this process runs without TensorFlow.")
    for class_name in classes:
        setattr(module, class_name, type(class_name, (_NeedsTensorFlow,), {}))
    return module


class _NeedsTensorFlow:
    def __init__(self, *_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"{type(self).__name__} needs TensorFlow, which this process leaves out")


def _register_light_components() -> None:
    # Set before it is filled: reading a component imports the recipe, which imports this very module.
    name = "rasa.engine.recipes.default_components"
    module = ModuleType(name, "Stand-in: the components that need no TensorFlow.")
    sys.modules[name] = module
    components: List[type] = []
    module.DEFAULT_COMPONENTS = components  # type: ignore[attr-defined]
    for path in LIGHT_COMPONENTS:
        module_name, _, class_name = path.rpartition(".")
        components.append(getattr(importlib.import_module(module_name), class_name))
