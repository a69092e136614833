"""What differs by market, as one checked model of `markets/<market>.yml`."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from backend.core.errors import NotFound
from backend.core.limits import Limits

type Language = Literal["it", "id", "en"]
type HolderKind = Literal["person", "professional", "company"]
type PolicyType = Literal["individual", "group", "dplk"]
type IdentityDocument = Literal[
    "identity_card", "passport", "driving_licence", "residence_permit", "ktp"
]


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as failure:
        raise ValueError("is not a time zone") from failure
    return name


def _https(address: str) -> str:
    if not address.startswith("https://"):
        raise ValueError("must be an https:// address")
    return address


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as failure:
        raise ValueError(f"is not a regular expression: {failure}") from failure
    return text


type Https = Annotated[str, AfterValidator(_https)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class PasswordRules(_Part):
    """How a password must look here."""

    least: int = Field(ge=8)
    most: int = Field(le=128)
    needs: tuple[Literal["upper", "lower", "digit"], ...] = ()
    guessable_words: tuple[str, ...] = ()
    """Brand words: a password built on them counts as guessable."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.least:
            raise ValueError("most must not be less than least")
        return self


class Consent(_Part):
    """What must be accepted to register."""

    kind: Literal["privacy_notice", "eula"]
    version: str = Field(min_length=1)
    url: Https


class RequestConsent(_Part):
    """What must be accepted to file a request with one's data and documents."""

    kind: Literal["request_data"] = "request_data"
    version: str = Field(min_length=1)


class PolicyNumber(_Part):
    """One way a policy number is written, on the number without spaces and dashes."""

    type: PolicyType
    pattern: Annotated[str, AfterValidator(_pattern)]
    form: str
    """The number as printed, with `{0}`, `{1}` for the pattern's groups."""
    example: str
    """What an error or a question shows; it must fit its own pattern."""

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        groups = re.compile(self.pattern).groups
        try:
            self.form.format(*["0"] * groups)
        except (IndexError, KeyError, ValueError) as failure:
            raise ValueError(f"form needs other groups than the {groups} of pattern") from failure
        if not re.fullmatch(self.pattern, re.sub(r"[\s.\-/]", "", self.example)):
            raise ValueError("example does not fit pattern")
        return self


class ContactCenter(_Part):
    """Whom to call; a market may have only some of these."""

    phone: str | None = None
    email: str | None = None
    url: Https | None = None


class Retention(_Part):
    """How long what the desk keeps about customers stays, counted from when it was last of use."""

    drafts_minutes: int = Field(ge=1)
    transcripts_days: int = Field(ge=1)
    trackers_days: int = Field(ge=1)
    """The engine's copies of conversations."""
    notices_days: int = Field(ge=1)
    challenges_days: int = Field(ge=1)
    """Codes, and the one-time pages that come with them."""
    requests_days: int = Field(ge=1)
    """After the decision; changes of contacts after they were made."""
    identity_documents_days: int = Field(ge=1)
    """After the decision."""
    audit_years: int = Field(ge=1)
    """Also for consents of accounts that are closed."""

    def cutoff(self, what: str, now: datetime) -> datetime:
        """What is of that moment or before has been kept long enough."""
        if what == "drafts":
            return now - timedelta(minutes=self.drafts_minutes)
        if what == "audit":
            year = now.year - self.audit_years
            is_leap_day = (now.month, now.day) == (2, 29)
            return now.replace(year=year, day=28) if is_leap_day else now.replace(year=year)
        days: int = getattr(self, f"{what}_days")
        return now - timedelta(days=days)


class QuietHours(_Part):
    """When nobody is written to unasked, in the market's own time; it may go past midnight."""

    begin: time
    end: time

    @model_validator(mode="after")
    def _are_hours(self) -> Self:
        if self.begin == self.end or self.begin.tzinfo or self.end.tzinfo:
            raise ValueError("begin and end must differ, and be times of day without a zone")
        return self


class Market(_Part):
    """One market's rules, links, lines and patterns."""

    name: Literal["it", "id"]
    region: str = Field(pattern=r"^[A-Z]{2}$")
    """Where its mobile numbers belong, as the phone library names it."""
    timezone: Annotated[str, AfterValidator(_timezone)]
    quiet_hours: QuietHours
    languages: tuple[Language, ...] = Field(min_length=1)
    default_language: Language
    product: str
    app_name: str
    brands: tuple[str, ...] = ()
    identify_by: Literal["contact", "policy"]
    username: Literal["contact", "generated"]
    profiles: tuple[HolderKind, ...] = ()
    policy_types: tuple[PolicyType, ...] = Field(min_length=1)
    link_with_code_for: tuple[HolderKind, ...] = ()
    second_code: Literal["mobile", "mobile_or_email"]
    policies_on_registration: Literal["all", "given"]
    password: PasswordRules
    consent: Consent
    request_consent: RequestConsent
    mobile_change: Literal["request", "codes"]
    """Whether staff decide on a new mobile number, or codes to the old and the new one do."""
    policy_numbers: tuple[PolicyNumber, ...] = Field(min_length=1)
    identity_documents: tuple[IdentityDocument, ...] = Field(min_length=1)
    """What may be uploaded to prove who somebody is, the most usual first."""
    pec_labels: tuple[str, ...] = ()
    pec_domains: tuple[str, ...] = ()
    contact_center: ContactCenter
    retention: Retention
    limits: dict[str, int] = Field(default_factory=dict)
    """Numbers that differ from the defaults here."""
    facts: dict[str, str] = Field(default_factory=dict)
    """What responses may use as placeholders."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.default_language not in self.languages:
            raise ValueError("default_language must be one of languages")
        known = {limit.name for limit in fields(Limits)}
        if unknown := sorted(set(self.limits) - known):
            raise ValueError(f"limits: unknown {', '.join(unknown)}")
        idle = self.limits.get("flow_idle", Limits().flow_idle)
        if self.retention.drafts_minutes * 60 < idle:
            raise ValueError("retention: drafts_minutes must not be shorter than flow_idle")
        if self.identify_by == "contact" and not self.profiles:
            raise ValueError("profiles: a market that goes by contact needs them")
        return self

    def may_disturb_from(self, now: datetime) -> datetime:
        """*now*, or the end of the quiet hours that *now* is in; in the time zone of *now*."""
        here = now.astimezone(ZoneInfo(self.timezone))
        begin, end = self.quiet_hours.begin, self.quiet_hours.end
        hour = here.time()
        is_quiet = begin <= hour < end if begin < end else hour >= begin or hour < end
        if not is_quiet:
            return now
        day = here.date() + timedelta(days=1 if hour >= end else 0)
        return datetime.combine(day, end, here.tzinfo).astimezone(now.tzinfo)

    def is_certified_mail(self, address: str) -> bool:
        """Whether *address* is (or names itself) a certified mailbox (PEC)."""
        domain = address.rpartition("@")[2]
        if any(domain == known or domain.endswith(f".{known}") for known in self.pec_domains):
            return True
        labels = re.split(r"[.-]", domain)[:-1]
        return (
            any(label.startswith(self.pec_labels) for label in labels) if self.pec_labels else False
        )


class Markets:
    """All markets by name, with the numbers that hold in each."""

    def __init__(self, markets: dict[str, Market], limits: Limits) -> None:
        self._markets = markets
        self._limits = {name: replace(limits, **market.limits) for name, market in markets.items()}

    def __getitem__(self, name: str) -> Market:
        try:
            return self._markets[name]
        except KeyError:
            raise NotFound("market_unknown") from None

    def limits(self, name: str) -> Limits:
        """The numbers of one market."""
        self[name]
        return self._limits[name]

    def names(self) -> tuple[str, ...]:
        """All market names, sorted."""
        return tuple(sorted(self._markets))
