"""The whole house on free ports and a database of its own: engine, action server and web."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from backend import settings as settings_module
from backend.settings import Settings
from tools import database
from tools.processes import ENGINE_PYTHON, ROOT, children, environment

READY_WITHIN_SECONDS = 300


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_group(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End a process and all it started; by force what has not gone after 20 seconds."""
    try:
        os.killpg(process.pid, how)
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        process.wait()


def spawn(
    name: str, settings: Settings, more: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start one of the house's processes, in a group of its own; `more` is for its environment."""
    child = next(child for child in children(settings) if child.name == name)
    with log.open("ab") as output:
        return subprocess.Popen(
            child.command,
            cwd=ROOT,
            env={**environment(settings), **more},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def becomes_ready(base: str, is_complete: Callable[[], bool] = lambda: True) -> bool:
    """Poll the health door until it is content and `is_complete`; False if that takes too long."""
    deadline, waiting = time.monotonic() + READY_WITHIN_SECONDS, threading.Event()
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}/health/ready", timeout=5).status_code == 200 and is_complete():
                return True
        except httpx.HTTPError:
            pass
        waiting.wait(0.3)
    return False


def begin_anew(base: str) -> None:
    """The demo customers as they were, the real time, and no limit reached by anybody."""
    httpx.post(f"{base}/dev/clock", json={"reset": True}, timeout=30).raise_for_status()
    httpx.post(f"{base}/dev/reset", timeout=60).raise_for_status()


@dataclass
class Stack:
    """Three processes under test; `start` waits until they are ready."""

    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ports = {name: free_port() for name in ("web_port", "engine_port", "actions_port")}
        self.settings: Settings = settings_module.load(
            var_dir=self.folder,
            database_url=self.extra.get("SPORTELLO_DATABASE_URL", ""),
            **ports,
        )
        self.base = f"http://127.0.0.1:{self.settings.web_port}"

    def start(self) -> None:
        """Train if needed, migrate, start, and wait for readiness.

        Raises:
            TimeoutError: with the tail of the logs.
        """
        subprocess.run([str(ENGINE_PYTHON), "-m", "engine.train"], cwd=ROOT, check=True)
        database.prepare(self.settings)
        for child in children(self.settings):
            self.spawn(child.name)
        self.wait_until_ready()

    def spawn(self, name: str) -> None:
        """Start one of the processes; its output goes to `<name>.log`."""
        log = self.folder / f"{name}.log"
        self.processes[name] = spawn(name, self.settings, self.extra, log)

    def wait_until_ready(self) -> None:
        """Wait until it takes messages.

        Raises:
            TimeoutError: with the tail of the logs.
        """
        if not becomes_ready(self.base):
            raise TimeoutError("\n".join(self.tail(name) for name in self.processes))

    def tail(self, name: str) -> str:
        """The last lines of a process's log."""
        text = (self.folder / f"{name}.log").read_text(errors="replace")
        return f"--- {name}\n" + "\n".join(text.splitlines()[-15:])

    def end(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """End one process and all it started."""
        end_group(self.processes.pop(name), how)

    def stop(self) -> None:
        """End all of them."""
        for name in list(self.processes):
            self.end(name)
