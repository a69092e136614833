"""Twilio's own descriptions of its API, to check the fake's answers by.

The files lie beside the repository (`tests/prism/mock.py` says where); without them nothing is
checked, and the test that is about it says so.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from tests.prism.mock import MockUnavailable, description

MESSAGES, CONTENT = "twilio_messages_trim.json", "twilio_content_v1.json"


def check(file: str, schema: str, told: Any) -> None:
    """Hold an answer or a request against a schema of that description.

    Raises:
        AssertionError: it does not fit.
    """
    try:
        validator = _validator(file, schema)
    except MockUnavailable:
        return
    problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(told)]
    assert not problems, (schema, problems)


@cache
def _validator(file: str, schema: str) -> Draft7Validator:
    root = _with_nulls(json.loads(description(file).read_text(encoding="utf-8")))
    assert schema in root["components"]["schemas"], schema
    return Draft7Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": root["components"]}
    )


def _with_nulls(node: Any) -> Any:
    """OpenAPI's `nullable` as JSON Schema has it."""
    if isinstance(node, list):
        return [_with_nulls(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: _with_nulls(value) for name, value in node.items()}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        made["type"] = [node["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made
