"""Cleans files: in this process where they are the insurer's, in one of its own for customers'.

A file of some hundred KB can be written so that whoever reads it fills a gigabyte. A process apart
has its memory and time cut off, holds no secret, and takes nothing with it when it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from threading import BoundedSemaphore
from typing import Final

from backend.adapters.documents import clean_pdf
from backend.adapters.images import clean_image
from backend.core.errors import Unavailable
from backend.core.limits import Limits
from backend.core.uploads import PDF, CleanFile, FileRefused, Reason

_WORKER: Final = "backend.adapters.file_worker"
_SECONDS: Final = 30


def clean(media_type: str, content: bytes, limits: Limits) -> CleanFile:
    """The file made anew.

    Raises:
        FileRefused: it cannot be taken.
    """
    return clean_pdf(content, limits) if media_type == PDF else clean_image(content, limits)


class CleaningHere:
    """For files from the insurer."""

    @staticmethod
    def clean(media_type: str, content: bytes, limits: Limits) -> CleanFile:
        """As `clean` of this module."""
        return clean(media_type, content, limits)


class CleaningApart:
    """For files from anybody; so many at once and no more."""

    def __init__(self, at_once: int) -> None:
        self._turnstile = BoundedSemaphore(at_once)

    def clean(self, media_type: str, content: bytes, limits: Limits) -> CleanFile:
        """The file made anew by a process of its own.

        Raises:
            FileRefused: it cannot be taken, or cost more than a file may.
            Unavailable: no process could be started, or it failed for no fault of the file.
        """
        task = json.dumps({"media_type": media_type, "limits": asdict(limits)}).encode()
        with self._turnstile:
            answer = _run(task + b"\n" + content)
        head, _, made = answer.partition(b"\n")
        told = json.loads(head)
        if told["reason"]:
            raise FileRefused(Reason(told["reason"]))
        return CleanFile(told["media_type"], made)


def _run(task: bytes) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", _WORKER],
            input=task,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            # No secret of this process's environment goes along.
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    except subprocess.TimeoutExpired as failure:
        raise FileRefused(Reason.BROKEN) from failure
    except OSError as failure:
        raise Unavailable("file_check_unavailable") from failure
    if done.returncode < 0:
        # Ended from outside: it wanted more memory or time than there is.
        raise FileRefused(Reason.BROKEN)
    if done.returncode > 0:
        raise Unavailable("file_check_unavailable")
    return done.stdout
