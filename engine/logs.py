"""Logging of the engine: what failed and where, never what a customer wrote.

Exceptions that cross Rasa carry whole trackers in their messages (an action server's error answer
echoes the request), so a traceback is printed as its frames and the names of the exceptions.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any, List, Optional, Tuple, Type, Union

import structlog

ExcInfo = Union[
    Tuple[Type[BaseException], BaseException, Optional[TracebackType]], Tuple[None, None, None]
]


class FramesOnlyFormatter(logging.Formatter):
    """Formats an exception without any of its messages."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        error = ei[1]
        lines: List[str] = []
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
            lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


class _OnlyTheTemplate(logging.Filter):
    """For loggers that put exception texts into their messages: keep the template, drop the arguments."""

    _SPEAKS_OF_CUSTOMERS = (
        "rasa.core.tracker_store",
        "rasa.core.actions",
        "rasa.shared.core.training_data",
    )

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(self._SPEAKS_OF_CUSTOMERS):
            record.msg = f"{record.funcName}: {str(record.msg)[:60].splitlines()[0]}…"
            record.args = ()
        return True


def configure(level: str = "INFO") -> None:
    """One handler on stderr for everything; Rasa's own chatter only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FramesOnlyFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(_OnlyTheTemplate())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("engine").setLevel(level)
    logging.captureWarnings(True)
    quiet_structlog()


def quiet_structlog() -> None:
    """Rasa's structured log: warnings only, through the standard handlers, and without values."""
    structlog.configure(
        processors=[_drop_values, structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _drop_values(_logger: Any, _method: str, event: "dict[str, Any]") -> "dict[str, Any]":
    kept = ("event", "event_info", "placeholder_key", "exc_info")
    return {key: event[key] for key in kept if key in event}
