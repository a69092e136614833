"""`python -m backend.adapters.file_worker`: cleans the one file on its standard input.

In: a line of JSON (`media_type`, `limits`), then the file. Out: a line of JSON (`reason`,
`media_type`), then the new file. Nothing is written to disk.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from typing import Final

from backend.adapters.file_cleaning import clean
from backend.core.limits import Limits
from backend.core.uploads import CleanFile, FileRefused, Reason

_MEMORY: Final = 1536 * 1024 * 1024
_CPU_SECONDS: Final = 20


def main() -> None:
    """Clean one file and say how it went."""
    _confine()
    task, _, content = sys.stdin.buffer.read().partition(b"\n")
    told = json.loads(task)
    try:
        made = clean(told["media_type"], content, Limits(**told["limits"]))
    except FileRefused as refused:
        _answer(refused.reason)
    except MemoryError:
        _answer(Reason.BROKEN)
    else:
        _answer(None, made)


def _confine() -> None:
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # Where a system knows no such limit, the time allowed from outside is what remains.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _answer(reason: Reason | None, made: CleanFile | None = None) -> None:
    head = {"reason": reason, "media_type": made.media_type if made else None}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    if made:
        sys.stdout.buffer.write(made.content)


if __name__ == "__main__":
    main()
