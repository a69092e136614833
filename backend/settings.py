"""Settings of every process, read once from the environment.

`load()` is the way in: it raises one error that names every field that does not hold, and why,
without ever showing the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.core.errors import ConfigurationInvalid
from backend.core.limits import Limits
from backend.texts import LANGUAGES

PREFIX = "SPORTELLO_"
DEVELOPMENT_MARK = "development-only-"
_LEAST_SECRET = 32
_DEVELOPMENT_IDENTITY_SECRET = DEVELOPMENT_MARK + "identity-token-secret-of-no-worth"

_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")
_CONTENT_SID: Final = re.compile(r"HX[0-9a-fA-F]{32}")

type HostList = Annotated[tuple[str, ...], NoDecode]
type NamedValues = Annotated[Mapping[str, str], NoDecode]
"""`name=value` with commas between, in the environment."""


class Profile(StrEnum):
    """Who the process works for."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Hashing(BaseModel):
    """Argon2id cost (RFC 9106, OWASP's 46 MiB / 1 / 1); tests take a cheap one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_kib: int = Field(46 * 1024, ge=8)
    time_cost: int = Field(1, ge=1)
    parallelism: int = Field(1, ge=1)


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ValueError("must be an http(s) address without a query")
    return value


class Settings(BaseSettings):
    """All settings, frozen; the names in the environment carry the prefix SPORTELLO_."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    profile: Profile = Profile.DEVELOPMENT
    var_dir: Path = Path("var")
    markets_dir: Path = Path("markets")
    texts_dir: Path = Path("texts")
    demo_dir: Path = Path("demo")
    database_url: str = ""
    # The engine reads SPORTELLO_TRACKER_URL too: both must find the same trackers.
    tracker_database_url: str = Field(
        "", validation_alias=AliasChoices("tracker_database_url", "SPORTELLO_TRACKER_URL")
    )

    web_host: str = "127.0.0.1"
    web_port: int = Field(8000, ge=1, le=65535)
    engine_port: int = Field(5005, ge=1, le=65535)
    actions_port: int = Field(5055, ge=1, le=65535)
    public_base_url: str = ""
    # Several engines share the conversations; the order of the list does not matter.
    engine_urls: HostList = ()
    actions_url: str = ""
    trusted_hosts: HostList = ("127.0.0.1", "localhost", "testserver")
    trusted_proxy_hops: int = Field(0, ge=0, le=5)
    widget_origins: HostList = ()

    secret_key: SecretStr = SecretStr(DEVELOPMENT_MARK + "secret-key-of-no-worth-at-all")
    gateway_secret: SecretStr = SecretStr(DEVELOPMENT_MARK + "gateway-secret-of-no-worth")
    # Shared with the page around the widget; empty: no page can say who is logged in. In
    # development it is never empty by itself, so that our own area can be tried.
    identity_token_secret: SecretStr = SecretStr("")

    sender_sms: Literal["development", "twilio"] = "development"
    sender_email: Literal["development", "smtp"] = "development"
    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = True
    smtp_from: str = "Sportello <noreply@localhost>"
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_api_base_url: str = ""
    sender_whatsapp: Literal["off", "twilio"] = "off"
    # Our number in each market, and the approved template of each language that asks a customer to
    # write again once the 24 hours are over.
    whatsapp_numbers: NamedValues = {}
    whatsapp_templates: NamedValues = {}

    limits: Limits = Limits()
    hashing: Hashing = Hashing()

    @field_validator("trusted_hosts", "widget_origins", "engine_urls", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("whatsapp_numbers", "whatsapp_templates", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if not all(name.strip() and equals and given.strip() for name, equals, given in pairs):
            raise ValueError("must be name=value, with commas between")
        return {name.strip(): given.strip() for name, _, given in pairs}

    @field_validator("whatsapp_numbers")
    @classmethod
    def _whole_numbers(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if not all(_NUMBER.fullmatch(number) for number in value.values()):
            raise ValueError("numbers are written +39…, digits only")
        if len(set(value.values())) < len(value):
            raise ValueError("each market needs a number of its own")
        return value

    @field_validator("whatsapp_templates")
    @classmethod
    def _template_sids(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if not all(_CONTENT_SID.fullmatch(sid) for sid in value.values()):
            raise ValueError("templates are named HX and 32 hexadecimal digits")
        return value

    @model_validator(mode="before")
    @classmethod
    def _fill_addresses(cls, values: dict[str, Any]) -> dict[str, Any]:
        def port(name: str) -> Any:
            return values.get(name) or cls.model_fields[name].default

        filled = dict(values)
        if values.get("profile") != Profile.PRODUCTION:
            filled.setdefault("identity_token_secret", _DEVELOPMENT_IDENTITY_SECRET)
        for name, port_name in (
            ("public_base_url", "web_port"),
            ("actions_url", "actions_port"),
        ):
            filled[name] = (values.get(name) or f"http://127.0.0.1:{port(port_name)}").rstrip("/")
        filled["engine_urls"] = (
            values.get("engine_urls") or f"http://127.0.0.1:{port('engine_port')}"
        )
        if not values.get("database_url"):
            folder = Path(values.get("var_dir") or cls.model_fields["var_dir"].default)
            filled["database_url"] = f"sqlite:///{folder / 'sportello.db'}"
        own = values.get("tracker_database_url") or values.get("SPORTELLO_TRACKER_URL")
        filled.pop("SPORTELLO_TRACKER_URL", None)
        filled["tracker_database_url"] = own or _tracker_database(filled)
        return filled

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
        return value

    @field_validator("public_base_url", "actions_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        return _address(value)

    @field_validator("engine_urls")
    @classmethod
    def _whole_addresses(cls, values: HostList) -> HostList:
        addresses = tuple(_address(value).rstrip("/") for value in values)
        if len(set(addresses)) < len(addresses):
            raise ValueError("must be different addresses")
        return addresses

    @field_validator("widget_origins")
    @classmethod
    def _origins(cls, values: HostList) -> HostList:
        """As browsers write them, or no page would ever match; no wildcard."""
        for value in values:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or value != f"{parts.scheme}://{parts.netloc}":
                raise ValueError("must be origins such as https://www.example.com, with commas")
            if "*" in value or value != value.lower():
                raise ValueError("must be whole origins, in small letters")
        return values

    @property
    def is_production(self) -> bool:
        """Whether customers are real."""
        return self.profile is Profile.PRODUCTION

    def refuse_unfit(self) -> Self:
        """Return self, or say everything that keeps these settings from being used.

        Raises:
            ConfigurationInvalid: a sender lacks its account, or production would run on
                development's secrets, senders or addresses.
        """
        problems = _sender_problems(self)
        if self.is_production:
            problems += _production_problems(self)
        if problems:
            raise ConfigurationInvalid(tuple(problems))
        return self


def load(**overrides: Any) -> Settings:
    """Read the environment; *overrides* win over it.

    Raises:
        ConfigurationInvalid: with one line for every field that does not hold.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as failure:
        # `from None`: pydantic's own text would show the refused value, which may be a secret.
        raise ConfigurationInvalid(
            tuple(
                f"{_variable(error['loc'])}: {error['msg'].removeprefix('Value error, ')}"
                for error in failure.errors(include_input=False, include_url=False)
            )
        ) from None
    return settings.refuse_unfit()


def _tracker_database(values: dict[str, Any]) -> str:
    """As `engine/database_url.py` has it: the house's PostgreSQL, else a file of its own."""
    if str(values["database_url"]).startswith("postgresql"):
        return str(values["database_url"])
    folder = Path(values.get("var_dir") or Settings.model_fields["var_dir"].default)
    return f"sqlite:///{folder / 'tracker.db'}"


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + "__".join(str(part) for part in location).upper()


def _sender_problems(settings: Settings) -> list[str]:
    needed: dict[str, object] = {}
    if settings.sender_email == "smtp":
        needed = {"smtp_host": settings.smtp_host, "smtp_from": settings.smtp_from}
    if "twilio" in {settings.sender_sms, settings.sender_whatsapp}:
        needed |= {
            "twilio_account_sid": settings.twilio_account_sid,
            "twilio_auth_token": settings.twilio_auth_token.get_secret_value(),
        }
    if settings.sender_sms == "twilio":
        needed["twilio_from"] = settings.twilio_from or settings.twilio_messaging_service_sid
    if settings.sender_whatsapp == "twilio":
        needed["whatsapp_numbers"] = settings.whatsapp_numbers
    return [
        f"{_variable((name,))}: is missing, and the chosen sender needs it"
        for name, value in needed.items()
        if not value
    ]


def _secret_problems(settings: Settings) -> list[str]:
    problems = []
    seen: dict[str, str] = {}
    for name in ("secret_key", "gateway_secret", "identity_token_secret"):
        secret: str = getattr(settings, name).get_secret_value()
        variable = _variable((name,))
        if name == "identity_token_secret" and not secret:
            continue
        if secret.startswith(DEVELOPMENT_MARK):
            problems.append(f"{variable}: is the development one; set your own")
        elif len(secret) < _LEAST_SECRET:
            problems.append(f"{variable}: needs at least {_LEAST_SECRET} characters")
        if secret in seen:
            problems.append(f"{variable}: must differ from {seen[secret]}")
        seen.setdefault(secret, variable)
    return problems


def _half_whatsapp(settings: Settings) -> list[str]:
    """What would make WhatsApp work for some customers, or some days, only."""
    if settings.sender_whatsapp == "off":
        return [
            f"{_variable((name,))}: is given, but {_variable(('sender_whatsapp',))} is off"
            for name in ("whatsapp_numbers", "whatsapp_templates")
            if getattr(settings, name)
        ]
    lacking = [name for name in LANGUAGES if name not in settings.whatsapp_templates]
    variable = _variable(("whatsapp_templates",))
    return [f"{variable}: lacks {', '.join(lacking)}"] if lacking else []


def _production_problems(settings: Settings) -> list[str]:
    problems = _secret_problems(settings) + _half_whatsapp(settings)
    problems += [
        f"{_variable((name,))}: 'development' sends nothing; production needs a real sender"
        for name in ("sender_sms", "sender_email")
        if getattr(settings, name) == "development"
    ]
    if not settings.public_base_url.startswith("https://"):
        problems.append(f"{_variable(('public_base_url',))}: must be an https:// address")
    elif urlsplit(settings.public_base_url).hostname not in settings.trusted_hosts:
        problems.append(f"{_variable(('trusted_hosts',))}: must hold the public address's host")
    return problems
