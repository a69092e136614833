"""Photos made anew: what is not picture (place, camera, hidden data) does not come along."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.core.limits import Limits
from backend.core.uploads import JPEG, CleanFile, FileRefused, Reason

_QUALITY: Final = 90
_BROKEN: Final = (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, OverflowError)
"""What Pillow raises on files that are not whole, by format and place of the fault."""


def clean_image(content: bytes, limits: Limits) -> CleanFile:
    """The (first) picture of a JPEG or PNG as a plain JPEG, upright.

    Raises:
        FileRefused: it has too many pixels, or cannot be decoded.
    """
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
            # Only the header has been read: the size is judged before anything is decoded.
            _require_dimensions(image.size, limits)
            return CleanFile(JPEG, _encoded(image))
    except Image.DecompressionBombError as failure:
        raise FileRefused(Reason.DIMENSIONS) from failure
    except (UnidentifiedImageError, *_BROKEN) as failure:
        raise FileRefused(Reason.BROKEN) from failure


def _require_dimensions(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if max(size) > limits.upload_side or width * height > limits.upload_pixels:
        raise FileRefused(Reason.DIMENSIONS)


def _encoded(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image)
    plain = _on_white(upright)
    # Only pixels go over: Pillow would write a comment back that it found.
    plain.info.clear()
    target = BytesIO()
    plain.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits a pixel, as scanners write grey: Pillow would clip it instead of scaling it.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(paper, seen).convert("RGB")
