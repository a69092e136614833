"""The forms of data that a message may carry, in order of precedence: where two overlap, the first wins.

A form is not a check: a codice fiscale with a wrong last letter is still one, and the backend says so.
"""

import re
from dataclasses import dataclass
from typing import Callable, List, Optional, Pattern, Tuple

from engine.nlu import dates

_SEP = r"[ .\-/]?"

# Words before a number that say what it is, in three languages.
_LABELS = {
    "vat_number": r"p\.?\s?i\.?v\.?a\.?|partita\s+iva|vat(?:\s+(?:number|no\.?|id))?|npwp",
    "request_number": r"pratica|ticket|tiket|protocollo|protokol|richiesta|request|case|pengajuan|permohonan"
    r"|permintaan|resi|segnalazione|reference|rif\.?|ref\.?",
    "policy_number": r"polizz[ae]|pol\.|polis|policy|contratto|contract|matricola|adesione|kepesertaan|membership"
    r"|member|peserta",
    "otp_code": r"codice|code|kode(?:nya)?|otp|pin|angka(?:nya)?",
    "mobile": r"cell(?:ulare)?|telefono|tel|numero|mobile|phone|hp|wa|whatsapp|telepon|nomor",
    "username": r"user\s?name|user\s?id|userid|user|login|nome\s+utente|id\s+utente|utente|nama\s+pengguna"
    r"|nick(?:name)?|log(?:ged|ging)?\s+in\s+as|sign\s+in\s+as",
    "date_of_birth": r"nat[oae]|nascita|born|birth(?:day|date)?|dob|lahir(?:nya)?|tgl|ttl|kelahiran|ultah",
}
_FILLER = (
    r"(?:\s+(?:n[.°ro]*|nr\.?|no\.?|numero|number|nomor|è|e'|is|adalah|il|l'|mia|mio|saya|my|of"
    r"|della?|dello|di)(?![^\W\d_]))*\s*[:#=.]?\s*"
)


def _after(label: str) -> str:
    return rf"(?<!\w)(?:{_LABELS[label]}){_FILLER}"


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def passes_luhn(number: str) -> bool:
    """The check digit of an Italian VAT number."""
    doubled = [int(d) * 2 if index % 2 else int(d) for index, d in enumerate(number)]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_vat(text: str) -> bool:
    """Eleven digits whose last one fits, or that begin as no mobile does: the backend checks them."""
    number = _digits(text)
    is_no_mobile = number.startswith("0") and not number.startswith("08")
    return len(number) == 11 and (passes_luhn(number) or is_no_mobile)


def _is_tax_code(text: str) -> bool:
    # letters may stand for digits, but then it is written as one word, in capitals
    return len(_digits(text)) >= 3 or (text.isupper() and " " not in text)


# "iphone15" and "android14" are no user names
_PRODUCTS = re.compile(
    r"(?i)(?:i-?phone|ipad|ios|android|windows|win|galaxy|samsung|redmi|poco|oppo|vivo|xiaomi|pixel|huawei|honor"
    r"|realme|covid|mac|form|modulo|mod|art|pasal|page|pag|versi|version|nr|no)[._-]?\d+\w{0,3}|dr[._]?leo"
)


def _is_username(text: str) -> bool:
    return not _PRODUCTS.fullmatch(text)


@dataclass(frozen=True)
class DataPattern:
    """One way to write one kind of datum. The datum is group `v`, or the whole match without one."""

    entity: str
    regex: Pattern[str]
    accepts: Callable[[str], bool] = lambda _text: True

    def spans(self, text: str) -> List[Tuple[int, int]]:
        """Where the text holds it."""
        group = "v" if "v" in self.regex.groupindex else 0
        return [m.span(group) for m in self.regex.finditer(text) if self.accepts(m.group(group))]


def _pattern(
    entity: str, regex: str, accepts: Optional[Callable[[str], bool]] = None
) -> DataPattern:
    compiled = re.compile(rf"(?i){regex}")
    return DataPattern(entity, compiled, accepts) if accepts else DataPattern(entity, compiled)


_DIGIT_WORDS = (
    r"(?:zero|uno|due|tre|quattro|cinque|sei|sette|otto|nove|nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan"
    r"|sembilan|oh|one|two|three|four|five|six|seven|eight|nine)"
)


def _spelled(low: int, high: int) -> str:
    """So many digits said one by one."""
    return rf"(?<!\w){_DIGIT_WORDS}(?:[ ,-]+{_DIGIT_WORDS}){{{low - 1},{high - 1}}}(?![ ,-]+{_DIGIT_WORDS}|\w)"


_B, _E = (
    r"(?<![\w@.+-])",
    r"(?![\w@]|[.-]\w)",
)  # a value stands alone, not inside a longer word or number
_SPOKEN_DOT = r"\s+(?:punto|dot|titik)\s+"
_CHECKED = "0-9LMNPQRSTUV"  # digits of a codice fiscale, or the letters that stand for them

PATTERNS: Tuple[DataPattern, ...] = (
    _pattern("email", r"(?<![\w@])[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+"),
    _pattern(
        "email",
        rf"(?<!\w)[\w-]+(?:(?:{_SPOKEN_DOT}|\s+(?:underscore|trattino|strip|garis\s+bawah)\s+|\.)[\w-]+|\s+[\w-]+(?=\s+at\s)){{0,3}}"
        rf"\s*\s(?:chiocciola|chiocciolina|at|et|keong)\s+[\w-]+(?:(?:{_SPOKEN_DOT}|\.)[\w-]+)+",
    ),
    _pattern(
        "tax_code",
        rf"{_B}[A-Z]{{3}} ?[A-Z]{{3}} ?[{_CHECKED}]{{2}} ?[A-Z] ?[{_CHECKED}]{{2}}"
        rf" ?[A-Z] ?[{_CHECKED}]{{3}} ?[A-Z]{_E}",
        _is_tax_code,
    ),
    _pattern("request_number", rf"{_B}(?:REQ|TKT|PRT|PRA)[-/ ]?\d[\w/-]*{_E}"),
    _pattern("policy_number", rf"{_B}(?:INA|CG)[- ]?\d{{4,6}}{_E}"),
    _pattern("policy_number", rf"{_B}GRP[- ]?\d{{4}}[- ]?\d{{4}}{_E}"),
    _pattern("policy_number", rf"{_B}DPLK[- ]?\d{{3}}[ -]?\d{{3}}{_E}"),
    _pattern("vat_number", rf"{_after('vat_number')}(?P<v>(?:IT)?\s?\d(?:{_SEP}\d){{9,14}}){_E}"),
    _pattern("vat_number", rf"{_B}IT ?\d{{11}}{_E}"),
    _pattern(
        "request_number", rf"{_after('request_number')}(?P<v>[A-Z]{{0,4}}[-/]?\d[\w/-]{{2,15}}){_E}"
    ),
    _pattern("request_number", rf"{_B}(?:[A-Z]{{2,4}}/)?(?:19|20)\d\d/(?:\d\d/)?\d{{3,8}}{_E}"),
    _pattern("date_of_birth", dates.WRITTEN),
    _pattern("date_of_birth", dates.SPELLED),
    _pattern("date_of_birth", dates.NUMERIC, dates.is_date),
    _pattern(
        "date_of_birth",
        rf"{_after('date_of_birth')}(?P<v>\d{{8}}|\d{{6}}){_E}",
        dates.is_compact_date,
    ),
    _pattern("vat_number", rf"{_B}00\d{{9}}{_E}", _is_vat),
    _pattern("mobile", rf"{_B}(?:\+|00)\d(?:[ ./-]?\d){{7,14}}{_E}"),
    _pattern("mobile", rf"{_B}3\d\d(?:{_SEP}\d){{7}}{_E}"),
    _pattern(
        "mobile",
        rf"{_B}(?:62 ?[-]?|0)8(?:1[1-9]|2[1238]|3[1238]|5[1-35-9]|7[789]|8[1-9]|9[5-9])(?:{_SEP}\d){{6,9}}{_E}",
    ),
    _pattern("vat_number", rf"{_B}\d(?:[ ]?\d){{10}}{_E}", _is_vat),
    _pattern("policy_number", rf"{_after('policy_number')}(?P<v>\d(?:\s?[ .\-]?\s?\d){{5,9}}){_E}"),
    _pattern("otp_code", rf"{_after('otp_code')}(?P<v>\d(?:[ .\-]?\d){{5}}){_E}"),
    _pattern(
        "policy_number",
        rf"{_B}\d(?:\s?[ .\-]?\s?\d){{7,8}}{_E}",
        lambda t: not dates.is_compact_date(t),
    ),
    _pattern("date_of_birth", rf"{_B}\d{{8}}{_E}", dates.is_compact_date),
    _pattern("otp_code", rf"{_B}(?:[A-Z]-)?(?P<v>\d(?:[ .\-]?\d){{5}}){_E}"),
    _pattern(
        "request_number", rf"{_B}(?:[A-Z]{{2,4}}-\d{{4,8}}|[A-Z]-\d{{5}}|\d{{4}}-\d{{5,6}}){_E}"
    ),
    _pattern("mobile", _spelled(10, 13)),
    _pattern("policy_number", _spelled(8, 9)),
    _pattern("otp_code", _spelled(6, 6)),
    # a user name is announced, and holds what no word does
    _pattern(
        "username",
        rf"{_after('username')}[«\"']?(?P<v>(?=[\w.-]*[\d._][\w.-]*)[a-z][\w.-]*\w)(?![\w@])",
        _is_username,
    ),
    _pattern(
        "username",
        rf"{_B}(?P<v>[a-z]{{3,}}(?:[._-][a-z]{{2,}})*[._-]?\d{{2,}}[a-z]{{0,2}}){_E}",
        _is_username,
    ),
    # user names as the house makes them in Indonesia: letters, four digits, two letters
    _pattern("username", rf"{_B}[a-z]{{3,9}}\d{{4}}[a-z]{{2}}{_E}"),
)
