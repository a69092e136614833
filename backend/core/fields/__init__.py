"""Parsers of what customers answer: text as written in, a normalised value and its mask out.

A parser raises `Invalid` with a code of `core.flow.ANSWER_ERRORS`; it never repeats the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from backend.core.fields.base import Field, FieldContext
from backend.core.fields.choices import parse_policy_type, parse_profile, parse_sex
from backend.core.fields.codes import parse_code
from backend.core.fields.contacts import parse_contact, parse_mobile
from backend.core.fields.dates import parse_date_of_birth
from backend.core.fields.names import parse_company_name, parse_name
from backend.core.fields.places import parse_address, parse_city, parse_place_of_birth
from backend.core.fields.policies import parse_policy_number
from backend.core.fields.requests import parse_request_number
from backend.core.fields.tax import parse_tax_code, parse_vat_number
from backend.core.fields.usernames import parse_username

type Parser = Callable[[str, FieldContext], Field]

PARSERS: Mapping[str, Parser] = MappingProxyType(
    {
        "profile": parse_profile,
        "policy_type": parse_policy_type,
        "first_name": parse_name,
        "last_name": parse_name,
        "company_name": parse_company_name,
        "vat_number": parse_vat_number,
        "contact": parse_contact,
        "tax_code": parse_tax_code,
        "policy_number": parse_policy_number,
        "date_of_birth": parse_date_of_birth,
        "otp_code": parse_code,
        "username": parse_username,
        "new_mobile": parse_mobile,
        "place_of_birth": parse_place_of_birth,
        "sex": parse_sex,
        "address": parse_address,
        "city": parse_city,
        "request_number": parse_request_number,
    }
)

__all__ = ["PARSERS", "Field", "FieldContext", "Parser"]
