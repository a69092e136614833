"""A real Chromium, and servers on ports of their own, for every browser test."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_SYSTEM_CHROMIUM = Path("/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium_path() -> str | None:
    """SPORTELLO_CHROMIUM, else the system's, else None for the one Playwright installed itself."""
    named = os.environ.get("SPORTELLO_CHROMIUM")
    if named:
        return named
    return str(_SYSTEM_CHROMIUM) if _SYSTEM_CHROMIUM.exists() else None


# By module: while Playwright is up, its event loop counts as running in this thread, and the
# asynchronous tests of the modules that follow could not run theirs.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests of a module; each test opens a context of its own."""
    try:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(), args=_ARGUMENTS, headless=True
        )
    except Error as failure:
        pytest.skip(
            "no Chromium here: set SPORTELLO_CHROMIUM, install the system's chromium, or run "
            f"`playwright install chromium` ({failure.message.splitlines()[0]})"
        )
    yield chromium
    chromium.close()


@contextmanager
def served(app: Any, port: int = 0) -> Iterator[str]:
    """*app* behind a real HTTP server; its address."""
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="auto"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Starts servers that stop with the test: `serve(app)` gives the address."""
    with ExitStack() as running:
        yield lambda app: running.enter_context(served(app))


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a path of the test's `address` in a context of its own.

    What the console complains of fails the test.
    """
    contexts = []
    complaints: list[str] = []

    def open_path(path: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 390, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda line: (
                complaints.append(line.text)
                # 4xx pages, and the widget's script where nobody built it, are no faults.
                if line.type == "error" and "Failed to load resource" not in line.text
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(error.message))
        page.goto(address + path)
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert complaints == []
