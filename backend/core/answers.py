"""What the answers of one message do to the draft of a flow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.core.drafts import FlowDraft
from backend.core.errors import Invalid
from backend.core.fields import PARSERS, Field, FieldContext
from backend.core.fields.names import split_full_name
from backend.core.flow import Command, Remark
from backend.core.masking import mask_name
from backend.core.text import fold, words

SINGLE_NAME_MASK: Final = "-"
"""Mask of a last name that does not exist."""
NUMBER_ENDING: Final = "number_ending"
"""Not a slot: the last digits with which a number given before is corrected."""
WHOLE_NAME: Final = "whole_name"
"""Not a slot: first and last name in one, given anew for both."""

_NO_LAST_NAME: Final = frozenset({Command.NOT_AVAILABLE, Command.DENY})
_WITH_TAIL: Final = frozenset({"policy_number", "vat_number", "new_mobile", "request_number"})


@dataclass(slots=True)
class Absorbed:
    """What came of the answers."""

    accepted: list[str] = field(default_factory=list)
    """Newly known, or changed."""
    repeated: list[str] = field(default_factory=list)
    """Said again, as it was known."""
    replaced: list[str] = field(default_factory=list)
    """Changed."""
    errors: list[Remark] = field(default_factory=list)

    @property
    def touched(self) -> list[str]:
        """Every slot that got a valid answer."""
        return [*self.accepted, *self.repeated]


class Answers:
    """Reads the answers of one message into a draft."""

    def __init__(
        self,
        draft: FlowDraft,
        context: FieldContext,
        asking: str,
        *,
        order: Sequence[str],
        open_slots: Callable[[], Collection[str]],
    ) -> None:
        """*order* is that in which answers are read; *open_slots* gives those that may be given
        now, asked or not, which an answer just read may change."""
        self._draft = draft
        self._context = context
        self._asking = asking
        self._order = order
        self._open_slots = open_slots
        self._result = Absorbed()

    def absorb(self, answers: Mapping[str, str], command: Command) -> Absorbed:
        """Take every answer that holds; an invalid one leaves what was known in its place."""
        failed: list[tuple[str, str]] = []
        answers = self._with_new_ending(answers)
        if WHOLE_NAME in answers:
            self._draft.split_name = True  # of what it held before nothing stays
        for slot in self._order:
            if slot in answers and slot in self._open_slots():
                try:
                    self._take(slot, answers[slot], answers)
                except Invalid as error:
                    failed.append((slot, error.reason))
        if self._asking == "last_name" and command in _NO_LAST_NAME and not self._result.touched:
            self._take_single_name()
        self._drop_what_no_longer_fits(failed)
        self._report(failed)
        return self._result

    def fail(self, slot: str, code: str) -> Remark:
        """Count one more failure at *slot*."""
        self._draft.failures[slot] = self._draft.failures.get(slot, 0) + 1
        return Remark(code, slot=slot, is_error=True, repeat=self._draft.failures[slot])

    def _with_new_ending(self, answers: Mapping[str, str]) -> Mapping[str, str]:
        """ "No, the number ends in 4": the number said last, with another tail."""
        ending = answers.get(NUMBER_ENDING)
        if ending is None:
            return answers
        known = [slot for slot in self._draft.values if slot in _WITH_TAIL or self._is_number(slot)]
        if not known:
            return answers
        slot = self._asking if self._asking in known else known[-1]
        number = self._draft.values[slot]
        return {slot: number[: -len(ending)] + ending, **answers}

    def _is_number(self, slot: str) -> bool:
        return slot == "contact" and "@" not in self._draft.values[slot]

    def _take(self, slot: str, text: str, answers: Mapping[str, str]) -> None:
        if slot == "last_name" and self._means_no_last_name(text):
            self._take_single_name()
        elif slot == "first_name" and "last_name" not in answers:
            self._take_name(PARSERS[slot](text, self._now()))
        elif slot == "policy_number":
            self._take_policy_number(text)
        else:
            answer = PARSERS[slot](text, self._now())
            self._set(slot, self._without_first_name(answer) if slot == "last_name" else answer)
            if slot in {"first_name", "last_name"}:
                self._draft.split_name = False

    def _now(self) -> FieldContext:
        values = self._draft.values
        return FieldContext(
            self._context.market,
            self._context.today,
            profile=values.get("profile"),
            policy_type=values.get("policy_type"),
        )

    def _set(self, slot: str, answer: Field) -> None:
        known = self._draft.values.get(slot)
        if known == answer.value:
            self._result.repeated.append(slot)
            return
        self._draft.values[slot] = answer.value
        self._draft.masks[slot] = answer.mask
        self._result.accepted.append(slot)
        if known is not None:
            self._result.replaced.append(slot)

    def _take_name(self, name: Field) -> None:
        draft = self._draft
        known_last = draft.values.get("last_name")
        if known_last is not None and not draft.split_name:
            given, ending = words(name.value), words(known_last)
            if not ending or given[-len(ending) :] != ending or len(given) == len(ending):
                self._set("first_name", name)
                return
        italian = self._context.market.identify_by == "contact"
        first, last = split_full_name(name.value, by_particles=italian)
        self._set("first_name", Field(first, mask_name(first)))
        draft.split_name = last is not None
        if last is not None:
            self._set("last_name", Field(last, mask_name(last)))

    def _without_first_name(self, answer: Field) -> Field:
        """Asked for the last name, many write the whole one again."""
        first = words(self._draft.values.get("first_name", ""))
        parts = answer.value.split()
        if not first or len(parts) <= len(first) or words(answer.value)[: len(first)] != first:
            return answer
        last = " ".join(parts[len(first) :])
        return Field(last, mask_name(last))

    def _means_no_last_name(self, text: str) -> bool:
        if self._context.market.identify_by != "policy":
            return False
        first = self._draft.values.get("first_name", "")
        return not words(text) or (bool(first) and fold(text) == fold(first))

    def _take_single_name(self) -> None:
        if self._context.market.identify_by == "policy":
            self._set("last_name", Field("", SINGLE_NAME_MASK))

    def _take_policy_number(self, text: str) -> None:
        market = self._context.market
        anyhow = PARSERS["policy_number"](
            text, FieldContext(market, self._context.today, policy_type=None)
        )
        if market.identify_by == "policy":
            # The number tells the type better than a button pressed in doubt.
            kind = next(
                number.type
                for number in market.policy_numbers
                if self._reads_as(anyhow.value, number.type)
            )
            if self._draft.values.get("policy_type") != kind:
                self._set("policy_type", Field(kind, kind))
        self._set("policy_number", anyhow)

    def _reads_as(self, number: str, policy_type: str) -> bool:
        context = FieldContext(self._context.market, self._context.today, policy_type=policy_type)
        try:
            return PARSERS["policy_number"](number, context).value == number
        except Invalid:
            return False

    def _drop_what_no_longer_fits(self, failed: list[tuple[str, str]]) -> None:
        draft = self._draft
        contact = draft.values.get("contact", "")
        is_person = draft.values.get("profile") == "person"
        if is_person and "@" in contact and self._context.market.is_certified_mail(contact):
            self._drop("contact")
            failed.append(("contact", "email_pec"))
        number, kind = draft.values.get("policy_number"), draft.values.get("policy_type")
        if number and kind and not self._reads_as(number, kind):
            self._drop("policy_number")

    def _drop(self, slot: str) -> None:
        self._draft.values.pop(slot, None)
        self._draft.masks.pop(slot, None)
        for kept in (self._result.accepted, self._result.repeated, self._result.replaced):
            if slot in kept:
                kept.remove(slot)

    def _report(self, failed: list[tuple[str, str]]) -> None:
        for slot, code in failed:
            # A datum that nobody asked for and that was misread beside a good one is noise.
            is_awaited = slot == self._asking or slot in self._draft.values
            if is_awaited or not self._result.touched or code == "email_pec":
                self._result.errors.append(self.fail(slot, code))
