"""Of all ways to cut a text into known pieces the likeliest is taken."""

import pytest
from engine.nlu.pieces import Pieces

FIRST, LAST, UNKNOWN = 0, 2, 3
KNOWN = {
    "▁": -3.0,
    "▁ci": -2.0,
    "ao": -2.0,
    "▁ciao": -3.5,
    "a": -4.0,
    "o": -4.0,
    "c": -4.0,
    "i": -4.0,
}


@pytest.fixture
def pieces() -> Pieces:
    tokens = {piece: number for number, piece in enumerate(KNOWN, 4)}
    scores = [0.0] * 4 + list(KNOWN.values())
    replaced = {ord("À"): "a", ord("\t"): " ", ord("ﬀ"): "ff", ord("\u200b"): ""}
    return Pieces(tokens, scores, replaced, first=FIRST, last=LAST, unknown=UNKNOWN)


def tokens_of(*words: str) -> list:
    return [FIRST, *(list(KNOWN).index(word) + 4 for word in words), LAST]


def test_one_likely_piece_beats_two(pieces: Pieces) -> None:
    assert pieces.tokens("ciao", 20) == tokens_of("▁ciao")


def test_likely_pieces_beat_their_letters(pieces: Pieces) -> None:
    assert pieces.tokens("ciaoao", 20) == tokens_of("▁ciao", "ao")
    assert pieces.tokens("ciao ao", 20) == tokens_of("▁ciao", "▁", "ao")


def test_the_text_is_written_plainly_before(pieces: Pieces) -> None:
    assert pieces.tokens(" ci\u200bÀo  \t ciao", 20) == tokens_of("▁ciao", "▁ciao")


def test_a_letter_in_no_piece_is_unknown(pieces: Pieces) -> None:
    assert pieces.tokens("ciaoxao", 20) == [
        *tokens_of("▁ciao")[:-1],
        UNKNOWN,
        *tokens_of("ao")[1:],
    ]
    assert pieces.tokens("xﬀ", 20) == [*tokens_of("▁")[:-1], UNKNOWN, UNKNOWN, UNKNOWN, LAST]


def test_nothing_is_a_blank(pieces: Pieces) -> None:
    assert pieces.tokens("", 20) == tokens_of("▁")


def test_a_long_text_is_cut_off_and_still_has_its_end(pieces: Pieces) -> None:
    assert pieces.tokens("ciao " * 50, 4) == tokens_of("▁ciao", "▁ciao")
