"""Reads and checks the market files."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from backend.core.errors import ConfigurationInvalid
from backend.core.limits import Limits
from backend.core.markets import Market, Markets


def load_markets(folder: Path, limits: Limits) -> Markets:
    """Every `*.yml` of *folder*.

    Raises:
        ConfigurationInvalid: with file, field and reason for everything that does not hold.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise ConfigurationInvalid((f"{folder}: holds no market file (*.yml)",))
    markets: dict[str, Market] = {}
    problems: list[str] = []
    for path in paths:
        try:
            market = _load(path)
        except ConfigurationInvalid as failure:
            problems += failure.problems
        else:
            markets[market.name] = market
    if problems:
        raise ConfigurationInvalid(tuple(problems))
    return Markets(markets, limits)


def _load(path: Path) -> Market:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as failure:
        raise ConfigurationInvalid((f"{path}: cannot be read: {failure}",)) from failure
    except yaml.YAMLError as failure:
        raise ConfigurationInvalid((f"{path}: is not YAML: {failure}",)) from failure
    try:
        market = Market.model_validate(content)
    except ValidationError as failure:
        raise ConfigurationInvalid(
            tuple(
                f"{path}: {_field(error['loc'])}: {error['msg'].removeprefix('Value error, ')}"
                for error in failure.errors(include_url=False)
            )
        ) from failure
    if market.name != path.stem:
        raise ConfigurationInvalid((f"{path}: name: must be {path.stem}, like the file",))
    return market


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "(whole file)"
