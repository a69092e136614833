"""`make run`: everything a development desk needs, then the three processes until Ctrl-C."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
from honcho.manager import Manager
from rich.console import Console

from backend import settings as settings_module
from backend.core.errors import ConfigurationInvalid
from backend.settings import Settings
from tools import database
from tools.processes import ENGINE_PYTHON, ROOT, children, environment

console = Console(stderr=True, highlight=False)
READY_WITHIN_SECONDS = 180


def main() -> int:
    """Prepare, start, wait; the exit status is that of the first process to end."""
    try:
        settings = settings_module.load()
    except ConfigurationInvalid as problem:
        console.print(f"[red]The settings do not hold:[/red]\n{problem}")
        return 2
    taken = _taken_ports(settings)
    if taken:
        console.print(f"[red]Already in use:[/red] {', '.join(taken)}")
        return 2
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    if not _trained():
        return 1
    console.print("· migrating the database and loading the demo customers")
    database.prepare(settings)
    return _run(settings)


def _trained() -> bool:
    command = [str(ENGINE_PYTHON), "-m", "engine.train"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603


def _run(settings: Settings) -> int:
    manager = Manager()
    for child in children(settings):
        manager.add_process(
            child.name,
            shlex.join(child.command),
            env=environment(settings),
            cwd=str(ROOT),
        )
    threading.Thread(target=_announce, args=(settings, time.monotonic()), daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


def _announce(settings: Settings, started: float) -> None:
    base = f"http://127.0.0.1:{settings.web_port}"
    waiting = threading.Event()
    while time.monotonic() - started < READY_WITHIN_SECONDS:
        try:
            if httpx.get(f"{base}/health/ready", timeout=5).status_code == httpx.codes.OK:
                break
        except httpx.HTTPError:
            pass
        waiting.wait(0.5)
    else:
        console.print("[red]Not ready yet; the lines above say what is missing.[/red]")
        return
    console.print(
        f"\n[green]Ready[/green] after {time.monotonic() - started:.0f} s. Ctrl-C ends it."
    )
    console.print(f"  the chat      {base}/demo?market=it   {base}/demo?market=id")
    console.print(f"  the area      {base}/area/login")
    console.print(f"  what was sent {base}/dev/outbox\n")


def _taken_ports(settings: Settings) -> list[str]:
    ports = {
        "web": settings.web_port,
        "engine": settings.engine_port,
        "actions": settings.actions_port,
    }
    return [f"port {port} ({name})" for name, port in ports.items() if _is_taken(port)]


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
