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
    return fits_name(customer, said)


def fits_name(customer: Customer, said: Mapping[str, str]) -> bool:
    """The name, as people and companies write theirs."""
    if said.get("profile") == "company":
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


def fits_namesake(customer: Customer, owner: Customer, said: Mapping[str, str]) -> bool:
    """Whether *customer* is *owner* once more: name, and VAT number or date of birth.

    What is said must not contradict the owner's own record either: father and son may share a name.
    """
    if (customer.holder_kind == "company") != (owner.holder_kind == "company"):
        return False
    mine, theirs = owner.details, customer.details
    if owner.holder_kind == "company":
        return (
            same_company_name(mine.company_name, theirs.company_name)
            and _same_vat(customer, said)
            and mine.vat_number in {"", theirs.vat_number}
        )
    born = said.get("date_of_birth")
    return (
        same_person_name(owner.whole_name, customer.whole_name)
        and bool(born)
        and born == theirs.date_of_birth
        and mine.date_of_birth in {"", born}
    )


def _whole_name(said: Mapping[str, str]) -> str:
    return f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()


def _same_vat(customer: Customer, said: Mapping[str, str]) -> bool:
    on_file = customer.details.vat_number
    return bool(on_file) and on_file == said.get("vat_number")
