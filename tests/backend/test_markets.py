"""Market files: the house's own, and what is said of broken ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from backend.core.errors import ConfigurationInvalid, NotFound
from backend.core.limits import Limits
from backend.markets import load_markets
from tests.backend.desk import ROOT

ITALY = yaml.safe_load((ROOT / "markets" / "it.yml").read_text(encoding="utf-8"))


def problems_of(folder: Path, content: object) -> str:
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    (folder / "it.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationInvalid) as refused:
        load_markets(folder, Limits())
    return str(refused.value)


def test_the_markets_of_the_house_hold() -> None:
    markets = load_markets(ROOT / "markets", Limits())

    assert markets.names() == ("id", "it")
    assert (markets["it"].password.least, markets["it"].password.most) == (8, 16)
    assert (markets["id"].password.least, markets["id"].password.most) == (8, 64)
    assert markets["id"].contact_center.email == "cs@generali.co.id"
    with pytest.raises(NotFound):
        markets["de"]


@pytest.mark.parametrize(
    ("hours", "now", "then"),
    [
        (("21:00", "08:00"), "20:59:59", "20:59:59"),
        (("21:00", "08:00"), "21:00:00", "08:00:00 +1"),
        (("21:00", "08:00"), "23:59:59", "08:00:00 +1"),
        (("21:00", "08:00"), "07:59:59", "08:00:00"),
        (("21:00", "08:00"), "08:00:00", "08:00:00"),
        (("13:00", "15:00"), "13:30:00", "15:00:00"),
        (("13:00", "15:00"), "15:00:00", "15:00:00"),
    ],
)
def test_quiet_hours_end_in_the_markets_own_time(
    tmp_path: Path, hours: tuple[str, str], now: str, then: str
) -> None:
    content = ITALY | {"quiet_hours": {"begin": hours[0], "end": hours[1]}}
    (tmp_path / "it.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    market = load_markets(tmp_path, Limits())["it"]
    rome = ZoneInfo("Europe/Rome")
    clock, _, next_day = then.partition(" ")
    day = "2026-03-29" if next_day else "2026-03-28"  # the night in which clocks go forward

    found = market.may_disturb_from(
        datetime.fromisoformat(f"2026-03-28 {now}").replace(tzinfo=rome).astimezone(UTC)
    )

    assert found == datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=rome)


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"quiet_hours": {"begin": "21:00", "end": "21:00"}}, "quiet_hours", "must differ"),
        ({"timezone": "Europe/Nowhere"}, "timezone", "is not a time zone"),
        ({"default_language": "fr"}, "default_language", "should be 'it'"),
        ({"languages": ["id"]}, "(whole file)", "default_language must be one of languages"),
        ({"password": {"least": 20, "most": 16}}, "password", "most must not be less"),
        ({"password": {"least": 4, "most": 16}}, "password.least", "greater than or equal to 8"),
        ({"consent": {"kind": "privacy_notice", "version": "1", "url": "http://x"}},
         "consent.url", "https://"),
        ({"policy_numbers": [{"type": "individual", "pattern": "(", "form": "{0}",
                              "example": "1"}]},
         "policy_numbers.0.pattern", "is not a regular expression"),
        ({"policy_numbers": [{"type": "individual", "pattern": "(1)", "form": "{1}",
                              "example": "1"}]},
         "policy_numbers.0", "form needs other groups"),
        ({"policy_numbers": [{"type": "individual", "pattern": "(1)", "form": "{0}",
                              "example": "2"}]},
         "policy_numbers.0", "example does not fit"),
        ({"identity_documents": []}, "identity_documents", "at least 1 item"),
        ({"identity_documents": ["library_card"]}, "identity_documents.0", "should be"),
        ({"limits": {"otp_tttl": 1}}, "(whole file)", "limits: unknown otp_tttl"),
        ({"surprise": 1}, "surprise", "Extra inputs are not permitted"),
        ({"name": "id"}, "name", "must be it, like the file"),
    ],
)  # fmt: skip
def test_a_broken_market_is_told_by_file_field_and_reason(
    tmp_path: Path, change: dict[str, object], field: str, why: str
) -> None:
    told = problems_of(tmp_path, ITALY | change)

    assert f"{tmp_path / 'it.yml'}: {field}: " in told
    assert why in told


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    told = problems_of(tmp_path, {k: v for k, v in ITALY.items() if k != "region"})

    assert "it.yml: region: Field required" in told


@pytest.mark.parametrize("text", ["a: [", "- just\n- a list\n", ""])
def test_what_is_no_market_at_all_is_told_too(tmp_path: Path, text: str) -> None:
    assert str(tmp_path / "it.yml") in problems_of(tmp_path, text)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="holds no market file"):
        load_markets(tmp_path, Limits())


def test_a_market_may_set_its_own_numbers(tmp_path: Path) -> None:
    (tmp_path / "it.yml").write_text(yaml.safe_dump(ITALY | {"limits": {"otp_resends": 1}}))

    markets = load_markets(tmp_path, Limits())

    assert (markets.limits("it").otp_resends, markets.limits("it").otp_ttl) == (1, 120)
