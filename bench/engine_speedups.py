"""What engine/speedups.py saves, side by side in one run. In the engine's environment:

engine/.venv/bin/python -m bench.engine_speedups
"""

import copy
import statistics
import time
from collections.abc import Callable

from engine import environment

environment.prepare()

from engine import without_tensorflow  # noqa: E402

without_tensorflow.install()

from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.nlu.tokenizers.tokenizer import Token  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import (  # noqa: E402
    ActionExecuted,
    BotUttered,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402

from engine import speedups  # noqa: E402

_ROUNDS = 7
_TURNS = 30


def main() -> None:
    """Print the time of each job with and without the caches, and their ratio."""
    print(f"{'job':45} {'stock ms':>9} {'cached ms':>10} {'ratio':>6}")
    for name, job in _jobs().items():
        speedups.uninstall()
        stock = _milliseconds(job)
        speedups.install_for_training()
        cached = _milliseconds(job)
        print(f"{name:45} {stock:9.2f} {cached:10.2f} {stock / cached:6.1f}")


def _jobs() -> dict[str, Callable[[], object]]:
    domain = Domain.from_yaml(
        'version: "3.1"\nslots: {a: {type: text, mappings: [{type: custom}]}}'
    )
    stored = [event.as_dict() for event in _conversation()]
    action = RemoteAction("action_x", None)
    answer = {"events": [{"event": "slot", "name": "a", "value": "x"}] * 5, "responses": []}
    return {
        f"rebuild a tracker of {len(stored)} events": lambda: DialogueStateTracker.from_dict(
            "c", stored, domain.slots
        ),
        "fingerprint a message of twelve words": lambda: _message().fingerprint(),
        "copy such a message": lambda: copy.deepcopy(_message()),
        "judge the answer of an action": lambda: action._validate_action_result(answer),  # noqa: SLF001
    }


def _message() -> Message:
    words = [
        "vorrei",
        "cambiare",
        "il",
        "numero",
        "di",
        "cellulare",
        "perché",
        "ho",
        "perso",
        "quello",
        "di",
        "prima",
    ]
    tokens = [Token(word, 10 * place) for place, word in enumerate(words)]
    return Message({"text": " ".join(words), "intent": "update_mobile", "text_tokens": tokens})


def _conversation() -> list:
    turn = [
        UserUttered("ciao", {"name": "inform"}),
        SlotSet("a", "x"),
        ActionExecuted("form"),
        BotUttered("x"),
        ActionExecuted("action_listen"),
    ]
    return turn * _TURNS


def _milliseconds(job: Callable[[], object]) -> float:
    job()
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        job()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
