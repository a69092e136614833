"""The words of the pages: whole, and all of them in use."""

from __future__ import annotations

import re

import pytest

from backend.core.limits import Limits
from backend.core.passwords import Reason
from backend.core.uploads import Reason as FileReason
from backend.markets import load_markets
from backend.texts import Texts
from tests.web.customer_pages import ROOT

FILES = ("pages.yml", "area.yml")
# Keys whose name is put together while a page is made.
BUILT = re.compile(
    r"(rule|reason|demo_step|demo_market|type|identity|status|minutes|seconds|attempts"
    r"|channel|consent|language|withdraw_account|withdraw_request)_|.*_done_(title|lead)$"
)


def used_words() -> str:
    sources = [*ROOT.glob("web/templates/**/*.html"), *ROOT.glob("web/**/*.py")]
    return "\n".join(source.read_text() for source in sources)


@pytest.mark.parametrize("name", FILES)
def test_every_text_is_used_somewhere(name):
    named = set(re.findall(r"""["']([a-z_]+)["']""", used_words()))
    named |= {f"{name}_{part}" for name in named for part in ("title", "lead")}
    keys = Texts.load(ROOT / "texts" / name).keys()
    assert sorted(key for key in keys - named if not BUILT.match(key)) == []


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_against_a_password_has_its_sentence(reason):
    assert f"reason_{reason}" in Texts.load(ROOT / "texts/pages.yml")


@pytest.mark.parametrize("reason", list(FileReason))
def test_every_reason_against_a_file_has_its_sentence(reason):
    assert f"reason_{reason}" in Texts.load(ROOT / "texts/pages.yml")


def test_every_identity_document_of_a_market_has_its_name():
    markets = load_markets(ROOT / "markets", Limits())
    texts = Texts.load(ROOT / "texts/pages.yml")
    for market in markets.names():
        for kind in markets[market].identity_documents:
            assert f"identity_{kind}" in texts
