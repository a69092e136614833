"""Registration: the form that opens an account."""

from __future__ import annotations

from actions import runtime
from actions.forms import FlowForm, FlowService


class ValidateRegisterForm(FlowForm):
    """Answers of `register_form` go to the registration service."""

    slots = frozenset(
        {
            "profile", "policy_type", "first_name", "last_name", "company_name", "vat_number",
            "tax_code", "date_of_birth", "policy_number", "contact", "contact_choice",
            "code_channel", "consent", "otp_code", "password_page",
        }
    )  # fmt: skip

    def name(self) -> str:
        """The action's name in the domain."""
        return "validate_register_form"

    def service(self) -> FlowService:
        """The registration service."""
        return runtime.backend().registration
