"""Prism as a mock of an outside service's own API description, for contract tests.

Node is started directly, without npm or a shell in between, so that its process id
is the one to end.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ENTRY = HERE / "node_modules/@stoplight/prism-cli/dist/index.js"
SPECS_BESIDE_REPOSITORY = HERE.parents[2] / "shared" / "specs"
START_SECONDS = 60


class MockUnavailable(Exception):
    """Prism cannot run here; the message says what is missing."""


def description(name: str) -> Path:
    """The API description file of that name, from SPORTELLO_SPECS or beside the repository."""
    folder = Path(os.environ.get("SPORTELLO_SPECS", SPECS_BESIDE_REPOSITORY))
    path = folder / name
    if not path.is_file():
        raise MockUnavailable(
            f"no {name} in {folder}: set SPORTELLO_SPECS to the folder that has it"
        )
    return path


def install() -> str:
    """Install Prism from its lock file where that was not done yet; gives the path of Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        raise MockUnavailable("Node is not on the PATH: Prism needs Node 20 or later")
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once install once
        if not ENTRY.is_file():
            if npm is None:
                raise MockUnavailable(
                    "npm is not on the PATH: it installs Prism from its lock file"
                )
            _npm_ci(npm)
    return node


def _npm_ci(npm: str) -> None:
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=HERE,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode != 0:
        raise MockUnavailable(f"npm ci in {HERE} failed: {done.stderr.strip()[-500:]}")


def _environment() -> dict[str, str]:
    return {**os.environ, "SCARF_ANALYTICS": "false"}


@contextmanager
def running(description_file: Path, port: int) -> Iterator[str]:
    """Prism answering for that description on loopback; gives its base URL."""
    node = install()
    command = [node, str(ENTRY), "mock", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, str(description_file)],
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_listening(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise MockUnavailable(f"Prism ended with status {process.returncode} while starting")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
    raise MockUnavailable(f"Prism did not listen on port {port} within {START_SECONDS} s")
