"""The contact to register with: an e-mail address or a mobile number of the market."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.masking import mask_email, mask_mobile
from backend.core.text import tidy

_SPOKEN: Final = (
    (re.compile(r"\s*\b(?:chiocciola|chiocciolina|keong)\b\s*", re.I), "@"),
    (re.compile(r"\s+(?:at|et)\s+", re.I), "@"),
    (re.compile(r"\s*\b(?:punto|titik)\b\s*|\s+dot\s+", re.I), "."),
    (re.compile(r"\s+(?:trattino|strip|dash|hyphen)\s+", re.I), "-"),
    (re.compile(r"\s+(?:underscore|trattino basso|garis bawah)\s+", re.I), "_"),
)
_AROUND_AT = re.compile(r"\s*@\s*")
_ADDRESS = re.compile(r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+")
_NUMBER = re.compile(r"\+?[\d(][\d\s().\-/]{4,}\d")
_LEAST_DIGITS: Final = 5


def parse_contact(text: str, context: FieldContext) -> Field:
    """An e-mail address (lower case) or a mobile number (E.164), whichever *text* holds."""
    tidied = tidy(text)
    if "@" in tidied:
        return parse_email(tidied, context)
    if sum(char.isdigit() for char in tidied) >= _LEAST_DIGITS and not _is_spoken(tidied):
        return parse_mobile(tidied, context)
    if _is_spoken(tidied):
        return parse_email(_written(tidied), context)
    raise Invalid("contact_unreadable")


def parse_email(text: str, context: FieldContext) -> Field:
    """An address that can receive mail; for persons no certified mailbox (PEC)."""
    found = _ADDRESS.search(_AROUND_AT.sub("@", tidy(text)))
    if not found:
        raise Invalid("email_malformed")
    try:
        checked = validate_email(
            found.group().strip(".'<>[]!?"),
            allow_smtputf8=False,
            check_deliverability=False,
            test_environment=False,
        )
    except EmailNotValidError:
        raise Invalid("email_malformed") from None
    address = checked.normalized.lower()
    # A look-alike of a known domain hides behind punycode.
    if not address.isascii() or "xn--" in address or "xn--" in (checked.ascii_domain or ""):
        raise Invalid("email_malformed")
    if context.profile == "person" and context.market.is_certified_mail(address):
        raise Invalid("email_pec")
    return Field(address, mask_email(address))


def parse_mobile(text: str, context: FieldContext) -> Field:
    """A mobile number of the market, with or without country code, dots and spaces."""
    found = _NUMBER.search(tidy(text))
    if not found:
        raise Invalid("mobile_malformed")
    try:
        number = phonenumbers.parse(found.group(), context.market.region)
    except phonenumbers.NumberParseException:
        raise Invalid("mobile_malformed") from None
    if not phonenumbers.is_valid_number_for_region(number, context.market.region):
        raise Invalid("mobile_malformed")
    if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
        raise Invalid("mobile_not_mobile")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Field(written, mask_mobile(written))


def channel_of(contact: str) -> str:
    """By which channel a code reaches *contact*."""
    return "email" if "@" in contact else "sms"


def _is_spoken(text: str) -> bool:
    return "@" in _written(text)


def _written(text: str) -> str:
    for pattern, sign in _SPOKEN:
        text = pattern.sub(sign, text)
    if "@" in text and not _ADDRESS.search(text):
        return text
    # "giulia . bianchi @ example . it": what is left of the spaces belongs to the speaking.
    head, at, tail = text.partition("@")
    return head.split(" ")[-1] + at + tail.split(" ")[0] if at else text
