"""What browser tests of every surface ask of a page."""

from __future__ import annotations

from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (320, 390, 768, 1280)


def go(page: Page, path: str) -> None:
    """Open another path of the same site."""
    page.goto(urljoin(page.url, path))


def submit(page: Page) -> None:
    """Press the button of the page's first form."""
    page.locator("main form button[type=submit]").first.click()


def overflow(page: Page) -> int:
    """How many pixels stand out to the right."""
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def too_wide_at(page: Page) -> list[int]:
    """The widths at which something stands out to the right."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if overflow(page) > 0:
            found.append(width)
    return found


def serious_findings(page: Page) -> list[str]:
    """What axe finds that keeps somebody out, in light and dark."""
    findings = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        findings += [
            f"{finding['id']} ({scheme}): {node['html'][:120]}"
            for finding in Axe().run(page).response["violations"]
            if finding["impact"] in ("serious", "critical")
            for node in finding["nodes"]
        ]
    return findings
