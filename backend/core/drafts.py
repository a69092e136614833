"""What every flow keeps while it lasts; sealed, and deleted when it ends or rests too long."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

_KEPT_REPLIES: Final = 5


class Stage(StrEnum):
    """How far a flow is; a flow uses those that it needs."""

    IDENTITY = "identity"
    """Who writes is being proved."""
    COLLECTING = "collecting"
    CONSENT = "consent"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - the name of a stage
    UPLOAD = "upload"
    CHOICE = "choice"


@dataclass(slots=True)
class FlowDraft:
    """One flow under way in one conversation."""

    market: str
    stage: Stage = Stage.COLLECTING
    values: dict[str, str] = field(default_factory=dict, repr=False)
    masks: dict[str, str] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    split_name: bool = False
    """First and last name came in one answer and were told apart here."""

    contact: str | None = field(default=None, repr=False)
    contact_channel: str | None = None
    """Where the code of the moment goes."""
    challenge_id: str | None = None
    resends: int = 0

    customer_id: int | None = None
    account_id: str | None = None
    page_id: str | None = None
    page_renewals: int = 0

    replies: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The draft that `to_json` was called on."""
        draft = cls(**data)
        draft.stage = Stage(draft.stage)
        draft.replies = [(message_id, step) for message_id, step in data["replies"]]
        return draft

    def remember(self, message_id: str, step: dict[str, Any]) -> None:
        """Keep the answer to a message, so that the same message gets it again."""
        self.replies = [*self.replies, (message_id, step)][-_KEPT_REPLIES:]

    def reply_to(self, message_id: str) -> dict[str, Any] | None:
        """The answer this message got already."""
        return next((step for known, step in self.replies if known == message_id), None)

    def forget_answers(self) -> None:
        """Keep only the masked replies: the flow is over."""
        replies, market = self.replies, self.market
        self.__init__(market)  # type: ignore[misc]
        self.replies = replies

    def forget_code(self) -> None:
        """The code of before has done its work, or is worth nothing any more."""
        self.contact = self.contact_channel = self.challenge_id = None
        self.resends = 0
        self.masks.pop("contact_choice", None)


@dataclass(slots=True)
class AccountDraft(FlowDraft):
    """A flow about an account: it begins with the proof of who writes."""

    stage: Stage = Stage.IDENTITY
    has_begun: bool = False
    code_wanted: bool = False
    """A contact is settled and its code is awaited, whether it could leave or not."""
    lost_contacts: bool = False
    """None of the contacts on file can be reached any more: who writes is not proved."""
    was_helped: bool = False
    """The customer has no user name at hand, and was told where it is found."""
    offers_contacts: bool = False
    """The contacts are put to choice even where there is one only: its code can't be received."""
