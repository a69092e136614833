"""Another mobile number as a process without I/O: what is known, what is asked next.

    identity ─proved, Indonesia─► collecting → confirmation → code → changed
        └────Italy, or no contact is left─► collecting → upload → consent → code → requested

The codes go to the number that is new; the one that proves who writes went before (`identity`).
A request is the form of the insurer's guides (inarcassa 11A, cassa-geometri) for staff to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from backend.core.answers import SINGLE_NAME_MASK
from backend.core.customers import Customer
from backend.core.drafts import AccountDraft, Stage
from backend.core.fields.names import same_person_name
from backend.core.masking import MIN_HIDDEN, STAR, mask_date, mask_name

FORM: Final = (
    "first_name", "last_name", "place_of_birth", "date_of_birth", "sex", "address", "city",
    "new_mobile",
)  # fmt: skip
"""What a request asks, in order; answers of one message are read in this order too."""
_FOR_A_COMPANY: Final = ("first_name", "last_name", "address", "city", "new_mobile")
_BY_CODES: Final = ("new_mobile",)
_NAME: Final = ("first_name", "last_name")
_SEXES: Final = frozenset({"m", "f"})


@dataclass(slots=True)
class MobileDraft(AccountDraft):
    """One change of a mobile number under way."""

    is_proved: bool = False
    is_by_code: bool = False
    """The proof was a code; else the page around the chat has vouched."""
    by_request: bool = False
    """Staff decide; else the codes do."""
    company_name: str = field(default="", repr=False)
    """Of the company on file for which a person writes."""
    file_of: int | None = None
    """The customer from whose file data were taken."""
    on_file: list[str] = field(default_factory=list)
    """The slots that hold what the file says; they are not asked."""

    is_confirmed: bool = False
    upload_id: str | None = None
    """What the files of the identity document are known by until the request is filed."""
    is_uploaded: bool = False
    consent_given: bool = False
    consent_id: int | None = None
    consent_refusals: int = 0

    verified_mobile: str | None = field(default=None, repr=False)
    verified_until: str | None = None
    """The new number that a code has proved, and until when that counts (ISO)."""

    def verify(self, mobile: str, until: datetime) -> None:
        """A code to *mobile* was met; it counts until the next step, at most till *until*."""
        self.verified_mobile, self.verified_until = mobile, until.isoformat()

    def is_verified(self, now: datetime) -> bool:
        """Whether the number in question was proved, and not too long ago."""
        until = self.verified_until
        return (
            until is not None
            and self.verified_mobile == self.values.get("new_mobile")
            and now < datetime.fromisoformat(until)
        )

    def forget_file(self) -> None:
        """Whoever writes may be somebody else: what the file said is not theirs."""
        for slot in self.on_file:
            self.values.pop(slot, None)
            self.masks.pop(slot, None)
        self.on_file, self.file_of, self.company_name = [], None, ""


def slots_asked(draft: MobileDraft) -> tuple[str, ...]:
    """The data that are needed, in the order in which they are asked."""
    if not draft.by_request:
        return _BY_CODES
    return _FOR_A_COMPANY if draft.company_name else FORM


def slots_open(draft: MobileDraft) -> tuple[str, ...]:
    """The data that may be given now; before it is known how it will go, all."""
    return FORM if draft.stage is Stage.IDENTITY else slots_asked(draft)


def next_datum(draft: MobileDraft) -> str | None:
    """The datum to ask for; None when all are there."""
    return next((slot for slot in slots_asked(draft) if slot not in draft.values), None)


def asking(draft: MobileDraft) -> str:
    """What is being asked once it is settled who writes."""
    if draft.stage is Stage.CODE:
        return "otp_code"
    if datum := next_datum(draft):
        return datum
    if not draft.by_request:
        return "confirmation"
    return "consent" if draft.is_uploaded else "document_upload"


def filled(draft: MobileDraft) -> dict[str, str]:
    """Slot -> mask of all that is known."""
    shown = {"username", "contact_choice", *slots_open(draft)}
    known = {slot: mask for slot, mask in draft.masks.items() if slot in shown}
    if draft.company_name:
        known["company_name"] = mask_name(draft.company_name)
    if draft.is_uploaded:
        known["document_upload"] = "received"
    if draft.consent_given:
        known["consent"] = "accepted"
    return known


def take_file(draft: MobileDraft, customer: Customer) -> None:
    """Let the file of a proved customer answer what it can."""
    if draft.file_of == customer.id:
        return
    draft.forget_file()
    draft.file_of = customer.id
    details = customer.details
    draft.company_name = details.company_name if customer.holder_kind == "company" else ""
    if draft.company_name:
        return
    said = {
        "first_name": (details.first_name, mask_name(details.first_name)),
        "last_name": (details.last_name, mask_name(details.last_name)),
        "place_of_birth": (details.place_of_birth, mask_name(details.place_of_birth)),
        "date_of_birth": (details.date_of_birth, mask_date(details.date_of_birth)),
        "sex": (details.sex.casefold(), STAR * MIN_HIDDEN),
    }
    if said["first_name"][0] and not said["last_name"][0]:
        said["last_name"] = ("", SINGLE_NAME_MASK)
    for slot, (value, mask) in said.items():
        is_single = slot == "last_name" and mask == SINGLE_NAME_MASK
        if (value or is_single) and (slot != "sex" or value in _SEXES):
            draft.values[slot], draft.masks[slot] = value, mask
            draft.on_file.append(slot)
    draft.split_name = False


def details_of(draft: MobileDraft) -> dict[str, str]:
    """The form as staff read it."""
    said = {slot: draft.values[slot] for slot in slots_asked(draft) if draft.values.get(slot)}
    return {"company_name": draft.company_name, **said} if draft.company_name else said


def fits_person(customer: Customer, said: Mapping[str, str]) -> bool:
    """Whether name and date of birth of the form are those on file."""
    born = said.get("date_of_birth")
    whole_name = " ".join(said.get(slot, "") for slot in _NAME).strip()
    return (
        customer.holder_kind != "company"
        and bool(born)
        and born == customer.details.date_of_birth
        and same_person_name(whole_name, customer.whole_name)
    )
