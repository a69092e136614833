"""Italian tax codes and VAT numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from codicefiscale import codicefiscale
from stdnum.exceptions import ValidationError
from stdnum.it import iva

from backend.core.errors import Invalid
from backend.core.fields.base import Field, FieldContext
from backend.core.masking import mask_tail, mask_tax_code
from backend.core.text import tidy

_TAX_CODE = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])")
_VAT_NUMBER = re.compile(r"(?<!\d)\d{11}(?!\d)")
_JOINTS = re.compile(r"(?<=[A-Z0-9])[\s.\-/]+(?=[A-Z0-9])")
_DIGIT_JOINTS = re.compile(r"(?<=\d)[\s.\-/]+(?=\d)")


def parse_tax_code(text: str, _context: FieldContext) -> Field:
    """A person's codice fiscale with a right check letter; homocodes as their base code."""
    upper = tidy(text).upper()
    for candidate in (*_TAX_CODE.findall(upper), *_TAX_CODE.findall(_JOINTS.sub("", upper))):
        if codicefiscale.is_valid(candidate):
            code = base_tax_code(candidate)
            return Field(code, mask_tax_code(code))
    raise Invalid("tax_code_malformed")


def base_tax_code(code: str) -> str:
    """The code before digits were replaced by letters to tell namesakes apart."""
    omocodes: list[str] = codicefiscale.decode(code)["omocodes"]
    return omocodes[0]


def tax_code_of(said: Mapping[str, str]) -> str:
    """The codice fiscale that follows from name, sex, date and place of birth; empty for none."""
    try:
        code: str = codicefiscale.encode(
            lastname=said["last_name"],
            firstname=said["first_name"],
            gender="F" if said["sex"] == "f" else "M",
            birthdate=said["date_of_birth"],
            birthplace=said["place_of_birth"],
        )
    except (KeyError, ValueError):
        return ""
    return code


def parse_vat_number(text: str, _context: FieldContext) -> Field:
    """A partita IVA: eleven digits with a right check digit."""
    compact = _DIGIT_JOINTS.sub("", tidy(text))
    for candidate in _VAT_NUMBER.findall(compact):
        try:
            number: str = iva.validate(candidate)
        except ValidationError:
            continue
        return Field(number, mask_tail(number, 3))
    raise Invalid("vat_number_malformed")
