"""The forms of all flows: which questions each may ask, and nothing else.

What is asked when, and what an answer does, is the business of the flow's service in the backend.
"""

from __future__ import annotations

from actions.forms import FlowForm

_IDENTITY = frozenset({"username", "contact_choice", "code_channel", "otp_code"})
_NAME = frozenset({"first_name", "last_name"})
_HOLDER = _NAME | {"profile", "company_name", "vat_number", "tax_code", "date_of_birth"}


class ValidateRegisterForm(FlowForm):
    """Opens an account."""

    flow = "register"
    slots = _HOLDER | {
        "policy_type", "policy_number", "contact", "contact_choice", "code_channel", "consent",
        "otp_code", "password_page",
    }  # fmt: skip


class ValidateResetPasswordForm(FlowForm):
    """Sets a new password."""

    flow = "reset_password"
    slots = _IDENTITY | {"password_page"}


class ValidateRecoverUsernameForm(FlowForm):
    """Sends a forgotten user name to the contact on file."""

    flow = "recover_username"
    slots = _HOLDER | {"policy_type", "policy_number", "confirmation"}


class ValidateLinkPolicyForm(FlowForm):
    """Links one more policy to the account."""

    flow = "link_policy"
    slots = _IDENTITY | {
        "policy_type", "policy_number", "date_of_birth", "vat_number", "confirmation",
    }  # fmt: skip


class ValidateUpdateMobileForm(FlowForm):
    """Changes or adds the mobile number."""

    flow = "update_mobile"
    slots = (
        _IDENTITY
        | _NAME
        | {"place_of_birth", "date_of_birth", "sex", "address", "city", "new_mobile"}
        | {"document_upload", "consent", "confirmation"}
    )


class ValidateViewDocumentsForm(FlowForm):
    """Opens a document of a policy."""

    flow = "view_documents"
    slots = _IDENTITY | {"policy_choice", "policy_number", "document_choice"}


class ValidateCheckRequestForm(FlowForm):
    """Tells how a request stands, and withdraws it."""

    flow = "check_request"
    slots = frozenset({"request_choice", "request_number", "contact", "confirmation"})
    denial_corrects = False


FORMS: tuple[type[FlowForm], ...] = (
    ValidateRegisterForm,
    ValidateResetPasswordForm,
    ValidateRecoverUsernameForm,
    ValidateLinkPolicyForm,
    ValidateUpdateMobileForm,
    ValidateViewDocumentsForm,
    ValidateCheckRequestForm,
)
FLOWS = tuple(form.flow for form in FORMS)
