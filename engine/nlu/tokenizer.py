"""Tokens as spaCy's Italian rules cut them: "dell'altro" is two words, in every language harmless.

What they cut too small is put together again: "Ji-hoon" is one word, and so are "S.r.l." and the
abbreviations of Indonesian names.
"""

from functools import cache
from typing import Any, Callable, Dict, List, Tuple

import spacy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

_ABBREVIATED = frozenset("tbk br bte hj drs dra ir jl kab kec sig".split())


def words_of(text: str, language: str = "it") -> List[Tuple[str, int]]:
    """The words of a text by spaCy's rules for a language, with where each begins."""
    words: List[Tuple[str, int]] = []
    for token in _make_doc(language)(text):
        if words and _belongs(words[-1], token.text, token.idx):
            words[-1] = (words[-1][0] + token.text, words[-1][1])
        elif token.text.strip():
            words.append((token.text, token.idx))
    return words


def _belongs(before: Tuple[str, int], text: str, start: int) -> bool:
    """Whether what begins here, with no space between, is a part of the word before."""
    word, begun = before
    if begun + len(word) != start:
        return False
    if text == ".":
        return "." in word or word.lower() in _ABBREVIATED
    has_hyphen = word.endswith("-") and word[:-1].isalpha() and text[0].isalpha()
    return has_hyphen or (text == "-" and word.isalpha())


@cache
def _make_doc(language: str) -> Callable[[str], Any]:
    return spacy.blank(language).make_doc


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class ElisionTokenizer(Tokenizer):
    """spaCy's rule-based tokenizer alone. Rasa's SpacyTokenizer would want an installed model for it."""

    def __init__(self, config: Dict[str, Any]) -> None:
        super().__init__(config)
        self._language = str(config["language"])

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`language` chooses spaCy's rules; the rest is Rasa's."""
        return {
            "language": "it",
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def required_packages() -> List[str]:
        """Checked by Rasa before training."""
        return ["spacy"]

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ElisionTokenizer":
        """See Rasa's GraphComponent."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """The words of the text with their places in it."""
        found = words_of(message.get(attribute), self._language)
        return self._apply_token_pattern([Token(text, start) for text, start in found])
