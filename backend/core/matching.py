"""Whether what somebody said fits somebody on file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.core.customers import Customer, Policy
from backend.core.fields.names import same_company_name, same_person_name


def fits_holder(customer: Customer, said: Mapping[str, str]) -> bool:
    """Profile, name and, for business, VAT number: what goes with a contact."""
    profile = said.get("profile")
    if customer.holder_kind != profile:
        return False
    if profile in {"professional", "company"} and not _same_vat(customer, said):
        return False
    if profile == "company":
        return same_company_name(said.get("company_name", ""), customer.details.company_name)
    return same_person_name(_whole_name(said), customer.whole_name)


def fits_datum(customer: Customer, policies: Sequence[Policy], said: Mapping[str, str]) -> bool:
    """The one more datum that goes with a tax code: a policy number, else the date of birth."""
    if customer.holder_kind != said.get("profile"):
        return False
    if "policy_number" in said:
        return any(policy.number == said["policy_number"] for policy in policies)
    born = said.get("date_of_birth")
    return bool(born) and born == customer.details.date_of_birth


def fits_policy(customer: Customer, policy: Policy, said: Mapping[str, str]) -> bool:
    """Type, name and date of birth: what goes with a policy number."""
    return (
        policy.type == said.get("policy_type")
        and same_person_name(_whole_name(said), customer.whole_name)
        and bool(said.get("date_of_birth"))
        and said["date_of_birth"] == customer.details.date_of_birth
    )


def _whole_name(said: Mapping[str, str]) -> str:
    return f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()


def _same_vat(customer: Customer, said: Mapping[str, str]) -> bool:
    on_file = customer.details.vat_number
    return bool(on_file) and on_file == said.get("vat_number")
