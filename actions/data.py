"""The data that a message holds, in the light of what was asked: slot -> text as written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.message import (
    ASIDES,
    CHOICES,
    COMMANDS,
    FREE,
    MOST_WORDS_OF_A_NAME,
    NAMES,
    STRICT,
    SUMMARIES,
    TAKEN_WHOLE,
    TASKS,
    Message,
    is_question,
    is_sure,
)
from actions.naming import Named, named_in, names, owns_up
from backend.core.answers import NUMBER_ENDING, WHOLE_NAME

ENTITIES_OF_DATA = (STRICT | FREE | {"email", "mobile", "code_channel"}) - {NUMBER_ENDING}
NUMBERS = frozenset(
    {"vat_number", "policy_number", "otp_code", "mobile", "request_number", "date_of_birth"}
)
# "No, it ends in 4"
_ENDING = re.compile(
    r"\b(?:finisce|finiva|termina|ends?|ending|berakhir(?:an)?|akhir(?:an)?nya|belakangnya|ujungnya)"
    r"(?:\s+(?:con|per|in|with|dengan|di|il|lo|la|the|angka|numero|adalah|è))*\s+(\d{1,4})\b",
    re.IGNORECASE,
)
WITHOUT_ANSWER = frozenset({"password_page", "document_upload"})
# What people put before and behind a bare answer: "ok. Torino, grazie".
_BEFORE_AN_ANSWER = re.compile(
    r"^(?:\W*(?:ecco(?:lo|la|mi)?|allora|ok(?:ay)?|oke|certo|è|it'?s|here (?:you go|it is)|sure"
    r"|well|ini|nih|baik)\b[\s,.:;!]*)+",
    re.IGNORECASE,
)
_BEHIND_AN_ANSWER = re.compile(
    r"(?:[\s,.!]+(?:grazie(?: mille)?|prego|thx|thanks|thank you|pls|please|ya|yah|kak|dong|deh|nih"
    r"|terima kasih|makasih|trims))+\W*$",
    re.IGNORECASE,
)
_FEW_LETTERS = 12
"""Around a number that is little else than that: "il codice è"."""
_MOST_DIGITS_OF_A_CODE = 8
"""With more it is no mistyped code."""
_NOT_THAT = frozenset({"deny", "not_available"})


def new_ending(message: Message) -> str | None:
    """The last digits with which a number given before is corrected."""
    match = _ENDING.search(message.text)
    return match.group(1) if match else None


def bare(text: str) -> str:
    """The answer in *text* without the politeness around it; all of it where nothing is left."""
    rest = _BEHIND_AN_ANSWER.sub("", _BEFORE_AN_ANSWER.sub("", text)).strip()
    return rest if any(map(str.isalnum, rest)) else text


def answers_of(
    message: Message,
    asking: str | None,
    slots: frozenset[str],
    *,
    opening: bool,
) -> dict[str, str]:
    """Slot -> text as written, for every datum of *slots* that the message holds."""
    found = _recognised(message, asking, slots)
    if opening or asking is None:
        return found
    ending = new_ending(message)
    if ending is not None and not (asking == "otp_code" and "otp_code" in found):
        return {NUMBER_ENDING: ending}
    named = named_in(message.text, slots)
    is_misread = asking in SUMMARIES and named and named.slot in STRICT - found.keys()
    if named is not None and named.value and not is_misread:
        return _with_named(message, asking, found, named, named.value)
    if asking in TAKEN_WHOLE:
        is_wrong = named is not None and named.value is None
        return {} if is_wrong else _place_or_correction(message, asking, found)
    return _in_answer_to(message, asking, found)


def _recognised(message: Message, asking: str | None, slots: frozenset[str]) -> dict[str, str]:
    """The data that the recogniser found."""
    found: dict[str, str] = {}
    for entity in message.entities:
        slot = slot_of(str(entity.get("entity")), asking, slots)
        if slot == "contact" and "username" in slots and _is_user_name(message):
            slot = "username"  # not the contact that the code shall go to
        if slot is not None and not (slot == "otp_code" and asking != "otp_code"):
            found.setdefault(slot, str(entity.get("value")))
    if len({e.get("value") for e in message.entities if e.get("entity") == "code_channel"}) > 1:
        found.pop("code_channel", None)  # "not by SMS, by mail": the other one, whichever that is
    return found


def _is_user_name(message: Message) -> bool:
    return message.intent == "correct_detail" or names(message.text, "username")


def _with_named(
    message: Message, asking: str, found: dict[str, str], named: Named, value: str
) -> dict[str, str]:
    """A detail put right by its name; what seems to be in its value is no other datum.

    Nor is it an answer to what is asked, which may be any word.
    """
    start = message.text.rfind(value)
    inside = {
        str(e.get("value")) for e in message.entities if int(e.get("start") or 0) >= start >= 0
    }
    if asking in FREE:
        inside.add(found.get(asking, ""))
    others = {slot: said for slot, said in found.items() if said not in inside}
    return {**others, named.slot: found.get(named.slot, value)}


def _place_or_correction(message: Message, asking: str, found: dict[str, str]) -> dict[str, str]:
    """An address is whatever text comes, unless the text surely is about something else."""
    if not _is_of_the_task(message, asking):
        return {asking: bare(message.text)}
    if message.intent == "correct_detail":
        return {slot: said for slot, said in found.items() if slot in STRICT}
    return {}


def _is_of_the_task(message: Message, asking: str) -> bool:
    """Whether a message says something about the question rather than answering it."""
    if owns_up(message.text):
        return True
    is_about = message.intent in (ASIDES | TASKS | COMMANDS.keys()) - {"out_of_scope"}
    return is_about and is_sure(message, asking)


def _in_answer_to(message: Message, asking: str, found: dict[str, str]) -> dict[str, str]:
    """What was *found*, in the light of what was asked."""
    if asking in NAMES:
        return _with_whole_name(message, asking, found)
    if asking == "place_of_birth" and message.intent != "correct_detail":
        return _with_place(message, asking, found)
    if asking in CHOICES and message.intent in _NOT_THAT and is_sure(message, asking):
        return {slot: said for slot, said in found.items() if slot != asking}
    if asking in found or asking not in STRICT:
        return found
    if asking == "otp_code":
        return {asking: message.text} if _is_mostly_a_code(message, found) else found
    # A number was asked and a number came: which number it looks like matters less.
    return {asking: message.text} if _is_mostly_a_number(message) else found


def slot_of(entity: str, asking: str | None, slots: frozenset[str]) -> str | None:
    """Which question an entity answers; an e-mail address or number is what is being asked for."""
    if entity not in {"email", "mobile"}:
        return entity if entity in slots else None
    if asking == "contact_choice":
        return "contact"
    if entity == "mobile" and "new_mobile" in slots and asking != "username":
        return "new_mobile"
    return next((slot for slot in ("contact", "username") if slot in slots), None)


def _with_whole_name(message: Message, asking: str, found: dict[str, str]) -> dict[str, str]:
    """A bare name is taken whole: the recogniser may have seen only half of it."""
    names = [e for e in message.entities if e.get("entity") in NAMES]
    rest = _without_other_entities(message)
    is_bare = 0 < len(rest.split()) <= MOST_WORDS_OF_A_NAME and not any(map(str.isdigit, rest))
    begin = len(message.text) - len(_BEFORE_AN_ANSWER.sub("", message.text))
    begins_with_it = any(int(e.get("start") or 0) == begin for e in names)
    if is_bare and begins_with_it and not is_question(message.text):
        others = {slot: value for slot, value in found.items() if slot not in NAMES}
        return {**others, asking: rest}
    return found


def with_last_name(message: Message, answers: dict[str, str]) -> dict[str, str]:
    """Asked once more for the name, who gives all of it gives the last name anew as well."""
    is_whole = answers.get("first_name") in {message.text, _without_other_entities(message)}
    return {**answers, WHOLE_NAME: answers["first_name"]} if is_whole else answers


def _with_place(message: Message, asking: str, found: dict[str, str]) -> dict[str, str]:
    """To the recogniser a place may look like a name; it must not change the customer's."""
    others = {slot: value for slot, value in found.items() if slot not in NAMES}
    is_read_as_name = len(others) < len(found) and asking not in found
    return {**others, asking: bare(message.text)} if is_read_as_name else found


def _without_other_entities(message: Message) -> str:
    text = message.text
    for entity in sorted(message.entities, key=lambda e: -int(e.get("start") or 0)):
        if entity.get("entity") not in NAMES and entity.get("end"):
            text = text[: int(entity.get("start") or 0)] + " " + text[int(entity["end"]) :]
    return bare(re.sub(r"\s+", " ", text).strip(" ,;.-"))


def whole_text(message: Message, asking: str) -> dict[str, str]:
    is_other = asking in TAKEN_WHOLE and _is_of_the_task(message, asking)
    if asking in WITHOUT_ANSWER or is_other:
        return {}
    return {asking: bare(message.text) if asking in FREE else message.text}


def _is_mostly_a_number(message: Message) -> bool:
    numbers = [e for e in message.entities if e.get("entity") in NUMBERS]
    return bool(numbers) and _letters(message.text) <= _FEW_LETTERS


def _is_mostly_a_code(message: Message, found: Mapping[str, str]) -> bool:
    """Whether digits came where a code is awaited; beside another datum they are a part of that."""
    digits = sum(character.isdigit() for character in message.text)
    few = _letters(message.text) <= (0 if found else _FEW_LETTERS)
    return 0 < digits <= _MOST_DIGITS_OF_A_CODE and few


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
