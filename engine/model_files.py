"""Names a model by the content it was trained from, so that a fitting one is found without training."""

import hashlib
import shutil
from pathlib import Path
from typing import Iterable, Iterator, Optional

MODELS = Path("models")
_KEPT_MODELS = 3

# Everything that can change what a training makes. Paths are relative to the project's root.
_CONTENT = (
    "domain.yml",
    "config.yml",
    "data/**/*.yml",
    "engine/*.py",
    "engine/nlu/*.py",
    "engine/uv.lock",
)
# Code of this package that only serves: a change of it asks for no training.
_SERVING_ONLY = frozenset(
    "action_calls channel evaluate evaluation kept_events ship_vectors language lock_store logs masking "
    "markets model_files nlg output report request serve speedups tracker_store understanding".split()
)


def fitting_model(root: Path) -> Path:
    """Where the model of the present content is, or would be."""
    return root / MODELS / f"sportello-{content_hash(root)}.tar.gz"


def content_hash(root: Path, patterns: Iterable[str] = _CONTENT) -> str:
    """Twelve hex digits of all training content."""
    digest = hashlib.sha256()
    for path in _content_files(root, patterns):
        digest.update(
            path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return digest.hexdigest()[:12]


def cache_folder(root: Path) -> Path:
    """Where Rasa keeps the parts of earlier trainings.

    It knows a part by its data, its settings and its class's own source; the helpers of our parts and the
    libraries are known by the folder's name. Folders of other code are removed.
    """
    code = content_hash(root, [pattern for pattern in _CONTENT if pattern.startswith("engine/")])
    caches = root / ".rasa" / "cache"
    for other in caches.glob("*"):
        if other.name != code and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
    return caches / code


def newest_model(root: Path) -> Optional[Path]:
    """The model trained last, if any."""
    return max(
        (root / MODELS).glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None
    )


def remove_old_models(root: Path) -> None:
    """Keep the last few of our own."""
    models = sorted(
        (root / MODELS).glob("sportello-*.tar.gz"), key=lambda path: path.stat().st_mtime
    )
    for path in models[:-_KEPT_MODELS]:
        path.unlink()


def _content_files(root: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if not (path.parent.name == "engine" and path.stem in _SERVING_ONLY):
                yield path
