"""Headers, hosts, body limits, client addresses, origins and CSRF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from web.security import (
    CSRF_FIELD,
    BodyLimitMiddleware,
    Csrf,
    SecurityHeadersMiddleware,
    client_address,
    origin_allowed,
)


def connection(headers: dict[str, str], client: str | None = "10.0.0.1") -> HTTPConnection:
    return HTTPConnection(
        {
            "type": "http",
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            "client": (client, 1234) if client else None,
        }
    )


# Client address ---------------------------------------------------------------------------------

FORGED = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7, 10.0.0.2"}


@pytest.mark.parametrize(
    ("hops", "expected"), [(0, "10.0.0.1"), (1, "10.0.0.2"), (2, "203.0.113.7"), (4, "10.0.0.1")]
)
def test_only_what_our_own_proxies_saw_is_believed(hops: int, expected: str) -> None:
    assert client_address(connection(FORGED), hops) == expected


@pytest.mark.parametrize("written", ["", "unknown", "evil\u00e9", "1.2.3.4.5"])
def test_entry_that_is_no_address_is_not_believed(written: str) -> None:
    assert client_address(connection({"X-Forwarded-For": written}), 1) == "10.0.0.1"


def test_ipv6_is_normalised() -> None:
    found = client_address(connection({"X-Forwarded-For": "2001:DB8:0:0::1"}), 1)
    assert found == "2001:db8::1"


def test_connection_without_an_address_has_one_all_the_same() -> None:
    assert client_address(connection({}, client=None), 0) == "unknown"


# Origin -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://desk.example:8000", True),
        ("https://desk.example:8000", True),
        ("https://insurer.example", True),
        ("https://desk.example", False),
        ("https://insurer.example.evil", False),
        ("null", False),
    ],
)
def test_origin_is_own_or_listed(origin: str | None, allowed: bool) -> None:
    headers = {"Host": "desk.example:8000"} | ({"Origin": origin} if origin else {})
    assert origin_allowed(connection(headers), ["https://insurer.example"]) is allowed


# Headers ----------------------------------------------------------------------------------------


def served(*, https: bool) -> TestClient:
    app = FastAPI()
    app.add_middleware(SecurityHeadersMiddleware, https=https)

    @app.get("/page")
    def page() -> Response:
        return PlainTextResponse("ok")

    @app.get("/static/x.js")
    def script() -> Response:
        return PlainTextResponse("ok")

    @app.get("/own")
    def own() -> Response:
        return PlainTextResponse("ok", headers={"Content-Security-Policy": "default-src 'none'"})

    return TestClient(app)


def test_every_answer_carries_the_security_headers() -> None:
    headers = served(https=False).get("/page").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in headers


def test_unknown_path_carries_them_too() -> None:
    assert "Content-Security-Policy" in served(https=False).get("/nowhere").headers


def test_https_is_kept_once_it_is_used() -> None:
    assert "max-age" in served(https=True).get("/page").headers["Strict-Transport-Security"]


def test_only_static_files_may_be_cached() -> None:
    assert served(https=False).get("/static/x.js").headers["Cache-Control"] == "no-cache"


def test_route_with_a_policy_of_its_own_keeps_it() -> None:
    headers = served(https=False).get("/own").headers
    assert headers["Content-Security-Policy"] == "default-src 'none'"


# Bodies -----------------------------------------------------------------------------------------


@pytest.fixture
def echo() -> TestClient:
    app = FastAPI()
    app.add_middleware(BodyLimitMiddleware, limit=10, larger={"/upload": 20, "/own": None})

    @app.post("/{path}")
    async def count(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/say", 9, 200),
        ("/say", 10, 200),
        ("/say", 11, 413),
        ("/upload", 20, 200),
        ("/upload", 21, 413),
        ("/own", 21, 200),
    ],
)
def test_body_is_taken_up_to_its_limit(echo: TestClient, path: str, size: int, status: int) -> None:
    assert echo.post(path, content=b"x" * size).status_code == status


@pytest.mark.parametrize(("chunks", "status"), [(2, 200), (3, 413)])
def test_body_of_unannounced_length_is_counted(echo: TestClient, chunks: int, status: int) -> None:
    def body() -> Iterator[bytes]:
        for _ in range(chunks):
            yield b"xxxxx"

    assert echo.post("/say", content=body()).status_code == status


@pytest.mark.parametrize("length", ["-1", "ten", "1e3"])
def test_nonsense_length_is_refused(echo: TestClient, length: str) -> None:
    response = echo.post("/say", content=b"x", headers={"Content-Length": length})
    assert response.status_code == 413


# CSRF -------------------------------------------------------------------------------------------


@pytest.fixture
def forms() -> TestClient:
    app = FastAPI()
    csrf = Csrf(b"k" * 32, https=False)

    @app.get("/form")
    def form(request: Request) -> Response:
        response = PlainTextResponse(csrf.field(request))
        csrf.attach(request, response)
        return response

    @app.post("/form")
    async def submit(request: Request) -> dict[str, bool]:
        return {"valid": csrf.is_valid(request, (await request.form()).get(CSRF_FIELD))}

    return TestClient(app)


def submitted(client: TestClient, field: Any, **headers: str) -> bool:
    response = client.post("/form", data={CSRF_FIELD: field}, headers=headers)
    return bool(response.json()["valid"])


def test_form_of_this_browser_is_valid(forms: TestClient) -> None:
    assert submitted(forms, forms.get("/form").text)


def test_two_tabs_share_the_cookie(forms: TestClient) -> None:
    first = forms.get("/form").text
    forms.get("/form")
    assert submitted(forms, first)


def test_field_without_the_cookie_is_not(forms: TestClient) -> None:
    field = forms.get("/form").text
    forms.cookies.clear()
    assert not submitted(forms, field)


def test_field_of_another_browser_is_not(forms: TestClient) -> None:
    field = forms.get("/form").text
    forms.cookies.clear()
    forms.get("/form")
    assert not submitted(forms, field)


@pytest.mark.parametrize("field", ["", "invented", "é"])
def test_invented_field_is_not(forms: TestClient, field: str) -> None:
    forms.get("/form")
    assert not submitted(forms, field)


@pytest.mark.parametrize(
    ("site", "valid"), [("same-origin", True), ("none", True), ("cross-site", False)]
)
def test_browser_that_says_the_form_came_from_elsewhere_is_believed(
    forms: TestClient, site: str, valid: bool
) -> None:
    field = forms.get("/form").text
    assert submitted(forms, field, **{"Sec-Fetch-Site": site}) is valid


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(forms: TestClient) -> None:
    cookie = forms.get("/form").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_cookie_is_bound_to_the_host_under_https() -> None:
    csrf = Csrf(b"k" * 32, https=True)
    request = Request({"type": "http", "headers": [], "method": "GET", "path": "/"})
    response = Response()
    csrf.attach(request, response)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
