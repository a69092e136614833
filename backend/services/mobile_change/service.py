"""Another mobile number: who writes, the number, and either codes or a request decide.

Whether somebody could not be reached and their data fit or not: same words, same pace.
"""

from __future__ import annotations

from functools import partial

from backend.core.answers import Answers
from backend.core.challenges import Purpose
from backend.core.customers import Customer
from backend.core.drafts import Stage
from backend.core.errors import Conflict
from backend.core.flow import Outcome
from backend.core.identity import BY_CODE
from backend.core.markets import Market
from backend.core.masking import mask_mobile
from backend.core.mobile_change import (
    FORM,
    MobileDraft,
    asking,
    filled,
    next_datum,
    slots_open,
    take_file,
)
from backend.core.pages import Page, PageKind
from backend.services.contact_changes import ContactChanges
from backend.services.flows.account_flow import AccountFlow
from backend.services.flows.codes import CodePlan, Codes
from backend.services.flows.confirmation import is_confirmed
from backend.services.flows.consent import take_consent
from backend.services.flows.contact_choice import REFUSALS
from backend.services.flows.flow import FlowParts
from backend.services.flows.identity import IdentityStage, Owner
from backend.services.flows.own_data import tell_absorbed
from backend.services.flows.waiting_page import WaitingPage
from backend.services.mobile_change.filing import Filing
from backend.services.mobile_change.work import Work
from backend.services.uploads import UploadOffer, Uploads
from backend.unit_of_work import UnitOfWork

_PAGE = WaitingPage(link="upload_link", waiting="upload_waiting")
_HOUR = 3600


class MobileChange(AccountFlow[MobileDraft]):
    """Takes a customer from the wish for another number to the change, or to a request for it."""

    slug = "update_mobile"
    purposes = (Purpose.IDENTIFY, Purpose.NEW_MOBILE)
    page_kinds = (PageKind.UPLOAD,)
    draft_type = MobileDraft

    def __init__(  # noqa: PLR0913 - the parts it works with
        self,
        parts: FlowParts,
        identity: IdentityStage,
        *,
        codes: Codes,
        uploads: Uploads,
        changes: ContactChanges,
        filing: Filing,
    ) -> None:
        super().__init__(parts, identity)
        self._codes = codes
        self._uploads = uploads
        self._changes = changes
        self._filing = filing

    def asking_next(self, draft: MobileDraft, market: Market) -> str:
        """As `core.mobile_change` has it."""
        del market
        return asking(draft)

    def filled(self, draft: MobileDraft, market: Market) -> dict[str, str]:
        """As `core.mobile_change` has it."""
        del market
        return filled(draft)

    def awaited_next(self, draft: MobileDraft) -> Purpose | None:
        """Only while a code to the new number is out."""
        return Purpose.NEW_MOBILE if draft.stage is Stage.CODE else None

    def give_up(self, uow: UnitOfWork, conversation_id: str) -> None:
        """Codes, pages and the files of a document that belongs to no request yet."""
        super().give_up(uow, conversation_id)
        stored = uow.drafts.find(conversation_id, self.slug)
        if stored and (upload_id := self._read(stored).upload_id):
            uow.files.remove_of(upload_id)

    # Who writes -----------------------------------------------------------------------------------

    def absorb(self, work: Work) -> None:
        """Read what came early; what was misread among it is noise, but for the number itself."""
        self._take_answers(work, "", told=frozenset({"new_mobile"}))

    def proved(self, work: Work, owner: Owner) -> None:
        """Go on with what the file knows; also when it had to be proved once more.

        Where codes decide, one to a contact on file is among them, whoever vouches.
        """
        draft = work.draft
        if draft.file_of not in {None, owner.customer.id}:
            draft.consent_given, draft.consent_id = False, None  # was somebody else's
        proof = work.uow.identities.of(work.turn.conversation_id)
        draft.is_by_code = proof is not None and proof.factor == BY_CODE
        draft.by_request = work.market.mobile_change == "request"
        if not draft.by_request and not draft.is_by_code:
            self._identity.take_again(work)
            return
        draft.is_proved = True
        take_file(draft, owner.customer)
        if draft.by_request and self._filing.is_open(work):
            return
        if draft.values.get("new_mobile") == owner.customer.details.mobile:
            self._forget_number(draft)
            work.tell_error("mobile_known", "new_mobile")
        self._move_on(work, "", changed=False)

    def unproved(self, work: Work) -> None:
        """No contact is left: staff decide by the document."""
        draft = work.draft
        self._codes.abort(work, Purpose.IDENTIFY)
        draft.forget_code()
        draft.forget_file()
        draft.is_proved, draft.is_by_code, draft.by_request = False, False, True
        draft.stage = Stage.COLLECTING
        work.tell("contacts_lost")
        if not self._filing.is_open(work):
            self._move_on(work, "", changed=False)

    # The number, and what goes with it ------------------------------------------------------------

    def go_on(self, work: Work) -> None:
        """Take one message once it is settled who writes."""
        draft, asked = work.draft, asking(work.draft)
        if draft.is_proved:
            self._identity.still_holds(work)  # stays alive by being used
        changed = self._take_answers(work, asked)
        if draft.stage is Stage.CODE and "new_mobile" in changed:
            self._codes.abort(work, Purpose.NEW_MOBILE)
            resends = draft.resends
            draft.forget_code()
            draft.resends = resends  # another number gives no new sends
            draft.stage = Stage.COLLECTING
        if draft.stage is Stage.CODE:
            self._take_code(work)
        else:
            self._move_on(work, asked, changed=bool(changed))

    def _take_answers(
        self, work: Work, asked: str, told: frozenset[str] | None = None
    ) -> list[str]:
        """Read the answers into the draft; the slots that are new or changed.

        Errors are told of *told* and of what was known before; of all where it is None.
        """
        draft = work.draft
        before = draft.values.get("new_mobile"), draft.masks.get("new_mobile")
        reader = Answers(
            draft, work.context, asked, order=FORM, open_slots=partial(slots_open, draft)
        )
        absorbed = reader.absorb(work.turn.answers, work.command)
        if "new_mobile" in absorbed.accepted and self._is_on_file(work):
            self._forget_number(draft)
            if before[0] is not None and before[1] is not None:
                draft.values["new_mobile"], draft.masks["new_mobile"] = before[0], before[1]
            for kept in (absorbed.accepted, absorbed.replaced):
                if "new_mobile" in kept:
                    kept.remove("new_mobile")
            absorbed.errors.append(reader.fail("new_mobile", "mobile_known"))
        if told is not None:
            absorbed.errors = [
                error for error in absorbed.errors if error.slot in {*told, *draft.values}
            ]
        tell_absorbed(work, absorbed, asked)
        return absorbed.accepted

    @staticmethod
    def _is_on_file(work: Work) -> bool:
        """Whether the number is no other one; a stranger is not told."""
        draft = work.draft
        if not draft.is_proved or draft.customer_id is None:
            return False
        customer = work.uow.customers.get(draft.customer_id)
        return draft.values["new_mobile"] == customer.details.mobile

    @staticmethod
    def _forget_number(draft: MobileDraft) -> None:
        draft.values.pop("new_mobile", None)
        draft.masks.pop("new_mobile", None)

    def _move_on(self, work: Work, asked: str, *, changed: bool) -> None:
        draft = work.draft
        if next_datum(draft):
            draft.stage = Stage.COLLECTING
            if work.command in REFUSALS and asked in FORM and not (changed or work.remarks):
                work.tell("contact_help")
        elif self._is_agreed(work, "" if changed else asked):
            self._conclude(work)

    def _is_agreed(self, work: Work, asked: str) -> bool:
        """Whether only the code is left; takes the answer to *asked*, if it is one."""
        draft = work.draft
        if draft.by_request:
            return self._has_document(work) and self._has_consent(work, asked)
        if not draft.is_confirmed and asked == "confirmation":
            draft.is_confirmed = is_confirmed(work)
        return draft.is_confirmed

    def _has_document(self, work: Work) -> bool:
        draft = work.draft
        if draft.is_uploaded:
            return True
        if draft.page_id and _PAGE.is_done(work):
            draft.is_uploaded = True
            draft.stage = Stage.CONSENT
            work.accepted.append("document_upload")
            work.tell("upload_received")
        elif draft.stage is Stage.UPLOAD:
            _PAGE.remind(work, lambda: self._new_page(work))
        else:
            draft.stage = Stage.UPLOAD
            _PAGE.begin(work, self._new_page(work))
        return draft.is_uploaded

    def _new_page(self, work: Work) -> Page:
        draft, turn = work.draft, work.turn
        work.uow.pages.call_off(conversation_id=turn.conversation_id, kinds=(PageKind.UPLOAD,))
        offer = UploadOffer(
            conversation_id=turn.conversation_id,
            market=draft.market,
            language=turn.language,
            account_id=draft.account_id if draft.is_proved else None,
            reference=draft.upload_id,
        )
        page = self._uploads.offer(work.uow, offer, work.now)
        draft.upload_id = page.reference
        return page

    def _has_consent(self, work: Work, asked: str) -> bool:
        draft = work.draft
        if not draft.consent_given and asked == "consent":
            consent = work.market.request_consent
            take_consent(work, consent.kind, consent.version)
            if draft.is_proved and draft.consent_id is not None and draft.account_id:
                work.uow.accounts.own_consent(draft.consent_id, draft.account_id)
        return draft.consent_given and not work.outcome

    # The code to the new number, and what follows from it -----------------------------------------

    def _take_code(self, work: Work) -> None:
        challenge = self._codes.take(work, self._plan(work))
        if challenge is not None:
            work.draft.verify(challenge.destination, work.now + work.limits.grant_life)
            self._conclude(work)

    def _conclude(self, work: Work) -> None:
        """Do it, where who writes and the new number are proved; else prove what is not."""
        draft = work.draft
        if draft.is_proved and not self.is_still_proved(work):
            return
        if not draft.is_verified(work.now):
            draft.stage = Stage.CODE
            draft.contact, draft.contact_channel = draft.values["new_mobile"], "sms"
            self._codes.send_first(work, self._plan(work))
        elif draft.by_request:
            self._filing.file(work)
        else:
            self._apply(work, work.uow.customers.get(draft.customer_id or 0))

    def _plan(self, work: Work) -> CodePlan:
        draft = work.draft
        subject = f"account/{draft.account_id}" if draft.is_proved else f"upload/{draft.upload_id}"
        return CodePlan(
            purpose=Purpose.NEW_MOBILE,
            subject=subject,
            contacts={"sms": draft.values["new_mobile"]},
        )

    def _apply(self, work: Work, customer: Customer) -> None:
        number = work.draft.values["new_mobile"]
        try:
            self._changes.apply_mobile(
                work.uow,
                customer,
                number,
                work.now,
                conversation_id=work.turn.conversation_id,
                language=work.turn.language,
            )
        except Conflict:
            work.end(Outcome.PERSON, "contact_help")
            return
        work.facts |= {"next_offer": "nothing"}
        work.end(
            Outcome.COMPLETED,
            "mobile_changed",
            mobile=mask_mobile(number),
            hours=work.limits.mobile_cooldown // _HOUR,
        )
