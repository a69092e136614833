"""What may be kept of a message. The only place that decides it: channel, tracker store and logs ask here.

A mask has a fixed width, so that it tells nothing of the length of what it hides.
"""

import re
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

MASK = "•••"

# While one of these is asked, every word of the answer is taken for the answer.
PERSONAL_SLOTS = frozenset(
    "first_name last_name full_name company_name vat_number tax_code date_of_birth "
    "place_of_birth sex address city policy_number username contact otp_code new_mobile "
    "mobile email request_number password_page".split()
)

# Entities whose value is a choice of ours, never a datum of the customer.
PUBLIC_ENTITIES = frozenset(
    "language market channel language_wish profile policy_type code_channel contact_choice "
    "policy_choice document_choice flow_choice command brand".split()
)

# Under these the message is taken for an answer, even if the classifier sees nothing in it.
_ANSWER_INTENTS = frozenset(
    ("inform", "nlu_fallback", "out_of_scope", "affirm", "correct_detail", "")
)
_SURE_DIGRESSION = 0.6

_CHOICE = re.compile(r"[A-Za-z][\w-]{0,39}", re.ASCII)
# Identifiers of the house: conversations, messages, pages, drafts. Opaque, and of no use by themselves.
_ID = re.compile(
    r"[a-z]{1,5}_[\w-]{20,40}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII
)
_WORD = re.compile(r"\S+")
_TAX_CODE = re.compile(r"(?i)(?=(?:\W*\w){16}\W*$)\W*[a-z]{6}.*")
_PASSWORD = re.compile(
    r"""(?ix) (?<!\w)
    (?: password | pass\s?word | passw | pswd | pwd | parola\s+d['’]\s?ordine | parola\s+chiave | kata\s*sandi | sandi )
    (?: \s+ (?:mia|mya|saya|aku|ku|baru|nuova|attuale|vecchia|new|old|is|per|for|accesso|account|akun|yang) ){0,3}
    \s* (?: è | é | e['’] | sarebbe | is | it['’]?s | adalah | yaitu | ialah | nya | : | = | -> )
    \s* (?P<secret> \S .* ) $""",
    re.DOTALL,
)
# Whole digits and marks of links, mails and long numbers in what the bot said itself.
_BOT_SECRET = re.compile(
    r"\S*@\S*"  # e-mail addresses
    r"|https?://\S*/t/\S+"  # one-time links
    r"|(?<!\w)(?=\w*[A-Za-z])(?=(?:\w*\d){2})\w{5,}"  # letters and digits: user names, tax codes
    r"|\+?\d(?:[ .\-/*•]?\d){4,}"  # five digits or more, however grouped
)


def mask_message(
    text: Optional[str],
    entities: Sequence[Mapping[str, Any]] = (),
    asking: Optional[str] = None,
    intent: Optional[Mapping[str, Any]] = None,
) -> str:
    """`text` as it may be stored; `asking` is the slot the customer was being asked for."""
    if not text:
        return ""
    if asking in PERSONAL_SLOTS and not is_digression(intent):
        return _WORD.sub(MASK, text)
    hidden = [_span(entity) for entity in entities if _is_personal(entity)]
    password = _PASSWORD.search(text)
    if password:
        hidden.append(password.span("secret"))
    return _mask_words(text, [span for span in hidden if span])


def is_digression(intent: Optional[Mapping[str, Any]]) -> bool:
    """Whether the message surely says something else than the answer it was asked for."""
    intent = intent or {}
    name = intent.get("name") or ""
    return name not in _ANSWER_INTENTS and float(intent.get("confidence") or 0) >= _SURE_DIGRESSION


def mask_entities(entities: Iterable[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """Copies of `entities` with every personal value, and nothing but value and kind, kept."""
    return [
        {
            "entity": str(entity.get("entity")),
            "value": MASK if _is_personal(entity) else entity.get("value"),
        }
        for entity in entities
    ]


def mask_bot_text(text: Optional[str]) -> Optional[str]:
    """What the bot said, without contacts, user names, long numbers and one-time links."""
    return _BOT_SECRET.sub(MASK, text) if text else text


def looks_masked(value: str) -> bool:
    """Whether a slot value is a mask: it hides something, and what it shows is little."""
    shown = re.sub(r"[•*…\s]", "", value)
    hides = "•" in value or "**" in value
    digits = sum(char.isdigit() for char in shown)
    return hides and digits <= 6 and len(shown) <= 24


def is_choice(value: str) -> bool:
    """Whether a value has the form of one of our own identifiers, too short of digits to be data."""
    return bool(_CHOICE.fullmatch(value)) and sum(char.isdigit() for char in value) <= 4


def is_id(value: str) -> bool:
    """Whether a value is one of the house's opaque identifiers."""
    return bool(_ID.fullmatch(value))


def _is_personal(entity: Mapping[str, Any]) -> bool:
    if entity.get("entity") not in PUBLIC_ENTITIES:
        return True
    value = entity.get("value")
    return not (
        isinstance(value, (bool, type(None))) or (isinstance(value, str) and is_choice(value))
    )


def _span(entity: Mapping[str, Any]) -> Optional[Tuple[int, int]]:
    start, end = entity.get("start"), entity.get("end")
    return (start, end) if isinstance(start, int) and isinstance(end, int) else None


def _mask_words(text: str, hidden: List[Tuple[int, int]]) -> str:
    words = list(_WORD.finditer(text))
    with_digits = sum(any(char.isdigit() for char in word.group()) for word in words)

    def kept(word: "re.Match[str]") -> str:
        token = word.group()
        in_span = any(word.start() < end and start < word.end() for start, end in hidden)
        return MASK if in_span or _holds_data(token, with_digits == 1) else token

    return _WORD.sub(kept, text)


def _holds_data(token: str, only_one_with_digits: bool) -> bool:
    digits = sum(char.isdigit() for char in token)
    if digits and not (
        digits == 1 and only_one_with_digits and len(token.strip(".,;:!?()\"'")) == 1
    ):
        return True
    return "@" in token or bool(_TAX_CODE.fullmatch(token))
