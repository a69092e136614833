"""Texts: every language, every placeholder, or an error that names what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import ConfigurationInvalid
from backend.texts import Texts
from tests.backend.desk import ROOT


def load(folder: Path, text: str) -> Texts:
    file = folder / "words.yml"
    file.write_text(text, encoding="utf-8")
    return Texts.load(file)


def test_a_text_is_found_by_key_and_language(tmp_path: Path) -> None:
    texts = load(tmp_path, 'code:\n  sms: {it: "{code} è suo", id: "{code} Anda", en: "{code}"}\n')

    assert texts.get("code.sms", "it", code="739204") == "739204 è suo"
    assert texts.get("code.sms", "fr", code="739204") == "739204"
    assert texts.placeholders("code.sms") == {"code"}
    assert "code.sms" in texts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: {it: x, id: x}", "a: en is missing"),
        ('a: {it: x, id: x, en: ""}', "a: en is missing or not text"),
        ("a: {it: x, id: x, en: x, fr: x}", "a: fr is no language"),
        ('a: {it: "{n}", id: "{n}", en: "x"}', "a: en lacks {n}"),
        ('a: {it: "{n", id: "x", en: "x"}', "a: "),
        ("a: x", "a: must have it, id, en under it"),
        ("- a", "must be a mapping"),
        ("a: [", "not YAML"),
    ],
)
def test_what_does_not_hold_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        load(tmp_path, text)

    assert str(tmp_path / "words.yml") in str(refused.value)
    assert why in str(refused.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"nowhere\.yml"):
        Texts.load(tmp_path / "nowhere.yml")


@pytest.mark.parametrize("name", ["notices", "pages", "area", "gateway", "widget"])
def test_the_texts_of_the_house_hold(name: str) -> None:
    assert Texts.load(ROOT / "texts" / f"{name}.yml").keys()
