"""The sample insurer's page with the chat on it."""

from __future__ import annotations

import httpx
import pytest

from tests.web.customer_pages import CustomerPages


async def fetch(path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=CustomerPages().app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("query", "market", "language", "product"),
    [
        ("", "it", "it", "Area Clienti"),
        ("?market=id", "id", "id", "Gen iClick"),
        ("?market=id&lang=en", "id", "en", "Gen iClick"),
        ("?market=it&lang=id", "it", "id", "Area Clienti"),
        ("?market=fr&lang=fr", "it", "it", "Area Clienti"),
        ("?market=%22%3E%3Cscript%3E", "it", "it", "Area Clienti"),
    ],
)
async def test_the_chat_gets_the_market_and_language_of_the_page(query, market, language, product):
    page = await fetch("/demo" + query)
    assert page.status_code == 200
    assert (
        f'<script src="/static/widget.js" data-market="{market}" data-language="{language}" async>'
        in page.text
    )
    assert f'<html lang="{language}">' in page.text
    assert product in page.text


async def test_the_browser_s_language_comes_before_the_market_s():
    assert '<html lang="en">' in (await fetch("/demo?market=id", **{"accept-language": "en"})).text


async def test_the_page_lets_nothing_run_but_served_scripts():
    page = await fetch("/demo")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    assert " style=" not in page.text
    assert page.text.count("<script") == page.text.count('<script src="/static/')
