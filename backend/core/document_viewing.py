"""Opening a document as a process without I/O: which policy, then which of its documents."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.drafts import AccountDraft


@dataclass(slots=True)
class ViewDraft(AccountDraft):
    """One document on its way to a customer."""

    policy_id: int | None = None

    def forget_number(self) -> None:
        """A number that came early has been looked at."""
        self.values.pop("policy_number", None)
        self.masks.pop("policy_number", None)


def asking(draft: ViewDraft) -> str:
    """What is being asked once it is known who writes."""
    return "policy_choice" if draft.policy_id is None else "document_choice"
