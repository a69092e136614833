"""Forms of a date of birth, numeric or with the month's name in Italian, Indonesian or English."""

import datetime
import re

_MONTHS = (
    r"gennaio|gen|januari|january|jan|febbraio|feb|februari|february|marzo|maret|march|mar|aprile|april|apr"
    r"|maggio|mag|mei|may|giugno|giu|juni|june|jun|luglio|lug|juli|july|jul|agosto|ago|agustus|august|agt|agu|aug"
    r"|settembre|set|sett|september|sept|sep|ottobre|ott|oktober|october|okt|oct"
    r"|novembre|november|nopember|nov|dicembre|dic|desember|december|des|dec"
)
_YEAR = r"(?:1[89]|20)\d\d|['’]?\d\d"

_DAY_FIRST = (
    r"(?:(?:1°|\d{1,2})(?:st|nd|rd|th|º)?)(?:\s+(?:of|di))?[\s./-]*"
    rf"(?:{_MONTHS})\.?[\s,./-]*(?:(?:del|dell['’]|tahun|of)\s*)?(?:{_YEAR})"
)
_MONTH_FIRST = rf"(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:1[89]|20)\d\d"

WRITTEN = rf"(?<![\w])(?:{_DAY_FIRST}|{_MONTH_FIRST})(?!\w)"
_NUMBER_ID = (
    r"(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|belas|puluh"
    r"|seratus|ratus|seribu|ribu)"
)
_YEAR_IT = (
    r"(?:del(?:l['’]|\s))?\s*(?:mille|duemila|venti|vent|trenta|trent|quaranta|quarant|cinquanta|cinquant|sessanta"
    r"|sessant|settanta|settant|ottanta|ottant|novanta|novant)\w*"
)
_DAY_IT = (
    r"(?:primo|uno|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|tredici|quattordici|quindici"
    r"|sedici|diciassette|diciotto|diciannove|vent(?:i|uno|idue|itre|itré|iquattro|icinque|isei|isette|otto|inove)"
    r"|trent(?:a|uno)|\d{1,2})"
)
_DAY_EN = (
    r"(?:(?:twenty[ -]|thirty[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh"
    r"|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth"
    r"|(?:twenty[ -]|thirty[ -])?(?:one|two|three|four|five|six|seven|eight|nine)|ten|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty)"
)
_DIGITS = r"(?:1[89]|20)\d\d"
SPELLED = (
    rf"(?<!\w)(?:{_DAY_IT}\s(?:{_MONTHS})\s(?:{_YEAR_IT}|{_DIGITS})"
    rf"|{_NUMBER_ID}(?:\s{_NUMBER_ID}){{0,2}}\s(?:{_MONTHS})(?:(?:\s{_NUMBER_ID}){{2,8}}|\s{_DIGITS})"
    rf"|{_DAY_EN}(?:\sof)?\s(?:{_MONTHS}),?"
    rf"\s(?:(?:nineteen|two\sthousand|twenty)(?:[ -](?:and\s)?[a-z]+){{1,3}}|{_DIGITS})"
    r")(?!\w)"
)
NUMERIC = (
    r"(?<![\w.,/+-])(?:\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:(?:1[89]|20)\d\d|\d\d)"
    r"|(?:1[89]|20)\d\d[./-]\d{1,2}[./-]\d{1,2}"
    r"|\d{1,2} \d{1,2} (?:1[89]|20)\d\d)(?![\w]|[./-]\d)"
)

_EARLIEST, _LATEST = 1900, 2030  # beyond lie other numbers; the backend says which dates it takes


def is_date(text: str) -> bool:
    """Whether the three numbers of the text can be a day, a month and a year."""
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    if len(numbers) != 3:
        return False
    if numbers[0] > 31:
        numbers.reverse()
    return _exists(numbers[0], numbers[1], numbers[2])


def is_compact_date(text: str) -> bool:
    """Whether digits in a row read as ddmmyyyy, yyyymmdd or ddmmyy."""
    if not text.isdigit() or len(text) not in (6, 8):
        return False
    if len(text) == 6:
        return _exists(int(text[:2]), int(text[2:4]), int(text[4:]))
    day_first, year_first = int(text[4:]) > 99, int(text[:4]) > 99
    return (day_first and _exists(int(text[:2]), int(text[2:4]), int(text[4:]))) or (
        year_first and _exists(int(text[6:]), int(text[4:6]), int(text[:4]))
    )


def _exists(day: int, month: int, year: int) -> bool:
    year += 0 if year > 99 else 1900
    if not _EARLIEST <= year <= _LATEST:
        return False
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True
