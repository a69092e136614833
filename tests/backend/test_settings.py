"""Settings: what development gives away, and what production insists on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend.core.errors import ConfigurationInvalid
from backend.settings import DEVELOPMENT_MARK, Profile, load

FIT = {
    "profile": "production",
    "secret_key": "k" * 32,
    "gateway_secret": "g" * 32,
    "sender_sms": "twilio",
    "sender_email": "smtp",
    "smtp_host": "mail.example.com",
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": "t" * 32,
    "twilio_from": "+15005550006",
    "public_base_url": "https://desk.example.com",
    "trusted_hosts": ("desk.example.com",),
}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SPORTELLO_")]:
        monkeypatch.delenv(name)


def problems_of(**changes: object) -> str:
    with pytest.raises(ConfigurationInvalid) as refused:
        load(**(FIT | changes))
    return str(refused.value)


def test_development_needs_nothing() -> None:
    settings = load()

    assert settings.profile is Profile.DEVELOPMENT
    assert settings.database_url == "sqlite:///var/sportello.db"
    assert settings.public_base_url == "http://127.0.0.1:8000"
    assert settings.engine_urls == ("http://127.0.0.1:5005",)


def test_addresses_follow_ports_and_the_database_its_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPORTELLO_WEB_PORT", "8123")
    monkeypatch.setenv("SPORTELLO_VAR_DIR", "/srv/desk")
    monkeypatch.setenv("SPORTELLO_TRUSTED_HOSTS", "a.example, b.example")
    monkeypatch.setenv("SPORTELLO_LIMITS__OTP_TTL", "60")

    settings = load()

    assert settings.public_base_url == "http://127.0.0.1:8123"
    assert settings.database_url == "sqlite:////srv/desk/sportello.db"
    assert settings.trusted_hosts == ("a.example", "b.example")
    assert settings.limits.otp_ttl == 60


def test_production_with_everything_of_its_own_starts() -> None:
    assert load(**FIT).is_production


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"secret_key": DEVELOPMENT_MARK + "x" * 40}, "SPORTELLO_SECRET_KEY"),
        ({"secret_key": "k" * 31}, "SPORTELLO_SECRET_KEY"),
        ({"gateway_secret": DEVELOPMENT_MARK + "x" * 40}, "SPORTELLO_GATEWAY_SECRET"),
        ({"gateway_secret": "k" * 32}, "SPORTELLO_GATEWAY_SECRET"),
        ({"identity_token_secret": DEVELOPMENT_MARK + "x" * 40}, "SPORTELLO_IDENTITY_TOKEN_SECRET"),
        ({"identity_token_secret": "i" * 31}, "SPORTELLO_IDENTITY_TOKEN_SECRET"),
        ({"identity_token_secret": "k" * 32}, "SPORTELLO_IDENTITY_TOKEN_SECRET"),
        ({"identity_token_secret": "g" * 32}, "SPORTELLO_IDENTITY_TOKEN_SECRET"),
        ({"sender_sms": "development"}, "SPORTELLO_SENDER_SMS"),
        ({"sender_email": "development"}, "SPORTELLO_SENDER_EMAIL"),
        ({"public_base_url": "http://desk.example.com"}, "SPORTELLO_PUBLIC_BASE_URL"),
        ({"trusted_hosts": ("other.example.com",)}, "SPORTELLO_TRUSTED_HOSTS"),
        ({"smtp_host": ""}, "SPORTELLO_SMTP_HOST"),
        ({"twilio_auth_token": ""}, "SPORTELLO_TWILIO_AUTH_TOKEN"),
    ],
)
def test_production_refuses(changes: dict[str, object], variable: str) -> None:
    assert f"{variable}: " in problems_of(**changes)


WHATSAPP = {
    "sender_whatsapp": "twilio",
    "whatsapp_numbers": "it=+390612345678, id=+622112345678",
    "whatsapp_templates": ", ".join(f"{name}=HX{'0' * 32}" for name in ("it", "id", "en")),
}


def test_whatsapp_with_all_that_it_needs_starts() -> None:
    settings = load(**(FIT | WHATSAPP))

    assert settings.whatsapp_numbers == {"it": "+390612345678", "id": "+622112345678"}
    assert set(settings.whatsapp_templates) == {"it", "id", "en"}


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"whatsapp_numbers": ""}, "WHATSAPP_NUMBERS"),
        ({"whatsapp_numbers": "it"}, "WHATSAPP_NUMBERS"),
        ({"whatsapp_numbers": "it=0612345678"}, "WHATSAPP_NUMBERS"),
        ({"whatsapp_numbers": "it=+390612345678, id=+390612345678"}, "WHATSAPP_NUMBERS"),
        ({"whatsapp_templates": ""}, "WHATSAPP_TEMPLATES"),
        ({"whatsapp_templates": f"it=HX{'0' * 32}"}, "WHATSAPP_TEMPLATES: lacks id, en"),
        ({"whatsapp_templates": "it=the first one"}, "WHATSAPP_TEMPLATES"),
        ({"twilio_account_sid": ""}, "TWILIO_ACCOUNT_SID"),
        ({"twilio_auth_token": ""}, "TWILIO_AUTH_TOKEN"),
        ({"sender_whatsapp": "off"}, "WHATSAPP_NUMBERS"),
    ],
)
def test_production_refuses_half_of_whatsapp(changes: dict[str, object], variable: str) -> None:
    assert variable in problems_of(**(WHATSAPP | changes))


def test_development_may_try_whatsapp_without_templates() -> None:
    given = WHATSAPP | {"whatsapp_templates": "", "profile": "development"}
    assert load(**(FIT | given)).whatsapp_templates == {}


@pytest.mark.parametrize("secret", ["", "i" * 32])
def test_production_may_let_pages_vouch_or_not(secret: str) -> None:
    settings = load(**FIT, identity_token_secret=secret)

    assert settings.identity_token_secret.get_secret_value() == secret
    assert not secret or secret not in repr(settings)


def test_only_development_lets_pages_vouch_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(**FIT).identity_token_secret.get_secret_value() == ""
    assert load().identity_token_secret.get_secret_value().startswith(DEVELOPMENT_MARK)

    monkeypatch.setenv("SPORTELLO_IDENTITY_TOKEN_SECRET", "")
    assert load().identity_token_secret.get_secret_value() == ""


def test_production_names_everything_at_once() -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        load(profile="production")

    named = {line.split(":")[0] for line in refused.value.problems}
    assert named == {
        "SPORTELLO_SECRET_KEY", "SPORTELLO_GATEWAY_SECRET", "SPORTELLO_SENDER_SMS",
        "SPORTELLO_SENDER_EMAIL", "SPORTELLO_PUBLIC_BASE_URL",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPORTELLO_WEB_PORT", "abc"),
        ("SPORTELLO_WEB_PORT", "70000"),
        ("SPORTELLO_PROFILE", "staging"),
        ("SPORTELLO_DATABASE_URL", "mysql://root@db/desk"),
        ("SPORTELLO_PUBLIC_BASE_URL", "ftp://desk"),
        ("SPORTELLO_SENDER_SMS", "pigeon"),
        ("SPORTELLO_LIMITS__OTP_TTL", "soon"),
    ],
)
def test_what_does_not_hold_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationInvalid) as refused:
        load()

    assert f"{name}: " in str(refused.value)
    if value not in {"abc", "soon"}:
        assert f"'{value}'" not in str(refused.value).split(name)[1]


def test_secrets_do_not_show(tmp_path: Path) -> None:
    settings = load(**FIT)

    for secret in ("k" * 32, "g" * 32, "t" * 32):
        assert secret not in repr(settings)
        assert secret not in str(settings.model_dump())


def test_trackers_are_where_the_engine_looks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().tracker_database_url == "sqlite:///var/tracker.db"
    assert load(var_dir="/srv").tracker_database_url == "sqlite:////srv/tracker.db"
    shared = "postgresql+psycopg://desk@host/desk"
    assert load(database_url=shared).tracker_database_url == shared

    monkeypatch.setenv("SPORTELLO_TRACKER_URL", "sqlite:///own.db")

    assert load(database_url=shared).tracker_database_url == "sqlite:///own.db"


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*.example.com", "www.example.com", "https://example.com/", "https://E.com", "x"],
)
def test_what_no_browser_would_send_is_no_origin(origin: str) -> None:
    problems = problems_of(widget_origins=f"https://www.example.com,{origin}")

    assert "SPORTELLO_WIDGET_ORIGINS" in problems


def test_origins_may_have_a_port() -> None:
    origins = "https://www.example.com, http://localhost:3000"

    assert load(widget_origins=origins).widget_origins == tuple(origins.split(", "))


def test_several_engines_are_told_with_commas() -> None:
    settings = load(engine_urls="http://a:5005/, http://b:5005")
    assert settings.engine_urls == ("http://a:5005", "http://b:5005")


@pytest.mark.parametrize("told", ["a:5005", "http://a:5005,http://a:5005/", "http://a?x=1"])
def test_engines_are_whole_addresses_and_each_told_once(told: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="ENGINE_URLS"):
        load(engine_urls=told)
