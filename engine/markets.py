"""The facts of markets/<market>.yml (phone lines, links, names) that responses may speak of."""

from pathlib import Path
from typing import Dict, Mapping

from ruamel.yaml import YAML


def load_facts(directory: Path) -> Dict[str, Mapping[str, str]]:
    """The `facts` of every market of the folder, by market. A broken file is an error that names it."""
    return {path.stem: _facts(path) for path in sorted(directory.glob("*.yml"))}


def _facts(path: Path) -> Mapping[str, str]:
    facts = (YAML(typ="safe").load(path) or {}).get("facts") or {}
    if not isinstance(facts, dict) or not all(
        isinstance(v, (str, int, float)) for v in facts.values()
    ):
        raise ValueError(f"{path}: `facts` must be a flat map of names to words")
    return {str(key): str(value) for key, value in facts.items()}
