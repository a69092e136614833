"""The part of markets/<market>.yml that the engine needs: facts for the wording, and brand names."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Mapping, Optional, Pattern

from ruamel.yaml import YAML

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineMarket:
    """One market as the engine sees it."""

    name: str
    facts: Mapping[str, str]
    brands: Optional[Pattern[str]]


def load_markets(directory: Path) -> Dict[str, EngineMarket]:
    """All markets of the folder, by name. A broken file is an error that names it."""
    return {path.stem: _load(path) for path in sorted(directory.glob("*.yml"))}


def _load(path: Path) -> EngineMarket:
    content = YAML(typ="safe").load(path) or {}
    facts = content.get("facts") or {}
    brands = content.get("brands") or []
    if not isinstance(facts, dict) or not all(isinstance(v, (str, int, float)) for v in facts.values()):
        raise ValueError(f"{path}: `facts` must be a flat map of names to words")
    return EngineMarket(path.stem, {key: str(value) for key, value in facts.items()}, _pattern(brands))


def _pattern(brands: "list[str]") -> Optional[Pattern[str]]:
    if not brands:
        return None
    names = (r"[\s-]*".join(map(re.escape, brand.split())) for brand in brands)
    return re.compile(rf"(?i)(?<!\w)(?:{'|'.join(names)})(?!\w)")


def other_market_named(text: str, market: str, markets: Mapping[str, EngineMarket]) -> Optional[str]:
    """The market whose product the text names, if it names another market's and none of its own."""

    def names(candidate: EngineMarket) -> bool:
        return bool(candidate.brands and candidate.brands.search(text))

    own = markets.get(market)
    if own and names(own):
        return None
    return next((m.name for m in markets.values() if m.name != market and names(m)), None)
