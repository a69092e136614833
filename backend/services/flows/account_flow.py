"""A flow about an account: first it is proved who writes, then the flow's own part begins."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence

from backend.core.challenges import Purpose
from backend.core.drafts import AccountDraft, Stage
from backend.core.errors import Fact
from backend.core.flow import Choice
from backend.core.limits import Limits
from backend.core.markets import Market
from backend.services.flows.codes import code_facts
from backend.services.flows.flow import Flow, FlowParts
from backend.services.flows.identity import IdentityStage, Owner
from backend.services.flows.work import Work
from backend.unit_of_work import UnitOfWork


class AccountFlow[D: AccountDraft](Flow[D]):
    """Puts the proof of identity before what a flow does."""

    def __init__(self, parts: FlowParts, identity: IdentityStage) -> None:
        super().__init__(parts)
        self._identity = identity

    @abstractmethod
    def proved(self, work: Work[D], owner: Owner) -> None:
        """It is known who writes: the flow's own part begins."""

    @abstractmethod
    def go_on(self, work: Work[D]) -> None:
        """Take one message of the flow's own part."""

    @abstractmethod
    def asking_next(self, draft: D, market: Market) -> str:
        """What the flow's own part asks now."""

    def unproved(self, work: Work[D]) -> None:
        """None of the contacts can be reached; only flows that allow it come here."""
        raise NotImplementedError(self.slug)

    def is_still_proved(self, work: Work[D]) -> bool:
        """Whether it is still proved who writes; where not, that begins anew in this very turn.

        The answers are kept, and `proved` comes again.
        """
        if self._identity.still_holds(work):
            return True
        for purpose in self.purposes:
            self._challenges.abort(work.uow, work.turn.conversation_id, purpose)
        self._identity.take_again(work)
        return False

    def absorb(self, work: Work[D]) -> None:
        """Read answers to questions of the flow's own part that came early."""
        del work

    def awaited_next(self, draft: D) -> Purpose | None:
        """The purpose of a code that the flow's own part awaits."""
        del draft
        return None

    def choices_next(self, uow: UnitOfWork, draft: D, market: Market) -> Sequence[Choice]:
        """What the flow's own part offers to choose from."""
        del uow, draft, market
        return ()

    def handle(self, work: Work[D]) -> None:
        """Take one message."""
        draft = work.draft
        if draft.stage is not Stage.IDENTITY:
            self.go_on(work)
            return
        self.absorb(work)
        owner = self._identity.take(work) if draft.has_begun else self._identity.begin(work)
        draft.has_begun = True
        if owner is not None:
            self.proved(work, owner)
        elif draft.lost_contacts:
            self.unproved(work)

    def asking(self, draft: D, market: Market) -> str:
        """User name, contact and code; then whatever the flow asks."""
        if draft.stage is Stage.IDENTITY:
            return self._identity.asking(draft)
        return self.asking_next(draft, market)

    def awaited_code(self, draft: D) -> Purpose | None:
        """The code of the proof, else the flow's own."""
        if draft.stage is Stage.IDENTITY:
            return self._identity.purpose if draft.code_wanted else None
        return self.awaited_next(draft)

    def choices(self, uow: UnitOfWork, draft: D, market: Market) -> Sequence[Choice]:
        """Masked contacts, else whatever the flow offers."""
        if draft.stage is Stage.IDENTITY:
            return self._identity.choices(uow, draft)
        return self.choices_next(uow, draft, market)

    def facts(self, draft: D, market: Market, limits: Limits) -> Mapping[str, Fact]:
        """Where the code went."""
        del market
        return code_facts(draft, limits.otp_ttl)

    def settled(self, draft: D, market: Market) -> Collection[str]:
        """The user name, once it is settled who writes."""
        is_open = draft.stage is Stage.IDENTITY
        return super().settled(draft, market) or (() if is_open else ("username",))

    def filled(self, draft: D, market: Market) -> dict[str, str]:
        """The masks of all that was given."""
        del market
        return dict(draft.masks)
