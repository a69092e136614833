"""`make check`: the content lint, before Rasa's own validator."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from backend.core.errors import SportelloError
from backend.core.limits import Limits
from backend.markets import load_markets
from backend.texts import Texts
from tools.check import examples, responses
from tools.check.finding import Finding

TEXTS = ("notices", "pages", "area", "gateway", "widget", "whatsapp")


def main() -> int:
    """Print every finding; the status is 1 when there is any."""
    found = sorted(_all())
    for finding in found:
        print(finding)
    print(f"· content: {len(found)} finding(s)" if found else "· content: nothing to mend")
    return 1 if found else 0


def _all() -> list[Finding]:
    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    names = {name if isinstance(name, str) else next(iter(name)) for name in domain["intents"]}
    files = sorted(Path("data").rglob("*.yml"))
    found: list[Finding] = []
    try:
        markets = load_markets(Path("markets"), Limits())
        facts = {fact for name in markets.names() for fact in markets[name].facts}
    except SportelloError as problem:
        return [Finding("markets", 0, str(problem))]
    found += responses.check(files, facts)
    found += examples.check(files, names, set(domain["entities"]))
    for name in TEXTS:
        path = Path("texts") / f"{name}.yml"
        try:
            Texts.load(path)
        except (SportelloError, OSError) as problem:
            found.append(Finding(str(path), 0, str(problem)))
    return found


if __name__ == "__main__":
    sys.exit(main())
