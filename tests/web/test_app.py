"""The application as it is put together: what exists where, and how it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.web.whole_app import WholeApp

PRODUCTION = {
    "profile": "production",
    "secret_key": "s" * 40,
    "gateway_secret": "g" * 40,
    "public_base_url": "https://desk.example",
    "trusted_hosts": "desk.example",
    "sender_sms": "twilio",
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": "t" * 32,
    "twilio_from": "+390000000000",
    "sender_email": "smtp",
    "smtp_host": "127.0.0.1",
}

DOORS = [
    ("POST", "/dev/messages"),
    ("GET", "/dev/messages?sender=x"),
    ("GET", "/dev/outbox"),
    ("POST", "/dev/clock"),
    ("POST", "/dev/reset"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_development_doors_do_not_exist_in_production(
    tmp_path: Path, method: str, path: str
) -> None:
    with WholeApp(tmp_path, **PRODUCTION) as desk:
        body = {"sender": "x", "text": "ciao"} if method == "POST" else None
        response = desk.http.request(method, path, json=body, headers={"Host": "desk.example"})
        assert response.status_code == 404


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_development_doors_exist_in_development(
    whole_app: WholeApp, method: str, path: str
) -> None:
    body = {"sender": "x", "text": "ciao"} if path == "/dev/messages" else {}
    response = whole_app.http.request(method, path, json=body if method == "POST" else None)
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/dev/outbox", "/t/x", "/static/tokens.css"])
def test_unknown_host_is_turned_away(whole_app: WholeApp, path: str) -> None:
    response = whole_app.http.get(path, headers={"Host": "evil.example"})
    assert response.status_code == 400


def test_forwarded_host_is_not_believed(whole_app: WholeApp) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6"}
    response = whole_app.http.get("/demo", headers=headers)
    assert response.status_code == 200
    assert "evil.example" not in response.text


def test_no_description_of_the_interface_is_served(whole_app: WholeApp) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert whole_app.http.get(path).status_code == 404


def test_even_a_failure_carries_the_security_headers_and_only_a_number(
    whole_app: WholeApp,
) -> None:
    def explode() -> None:
        raise RuntimeError("Giulia Bianchi")

    whole_app.app.add_api_route("/explode", explode)
    # Behind every other route the mount of nothing comes last.
    with capture_logs() as logs:
        as_client = whole_app.http.get("/explode")
        as_person = whole_app.http.get(
            "/explode", headers={"Accept": "text/html", "Accept-Language": "id"}
        )
    assert as_client.status_code == as_person.status_code == 500
    assert "Content-Security-Policy" in as_client.headers
    incident = as_client.json()["incident"]
    assert incident in [entry.get("incident") for entry in logs]
    assert "gangguan teknis" in as_person.text
    assert "Giulia" not in str(logs) + as_client.text + as_person.text


def test_oversized_body_is_refused(whole_app: WholeApp) -> None:
    response = whole_app.http.post("/dev/messages", content=b" " * (256 * 1024 + 1))
    assert response.status_code == 413


def test_widget_script_of_another_origin_is_welcome_only_where_listed(tmp_path: Path) -> None:
    with WholeApp(tmp_path, widget_origins="https://insurer.example") as desk:
        preflight = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        }
        listed = desk.http.options(
            "/widget/sessions", headers=preflight | {"Origin": "https://insurer.example"}
        )
        other = desk.http.options(
            "/widget/sessions", headers=preflight | {"Origin": "https://evil.example"}
        )
    assert listed.headers["access-control-allow-origin"] == "https://insurer.example"
    assert listed.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("path", ["/area/login", "/demo", "/t/x", "/dev/outbox"])
def test_page_that_may_hold_the_widget_may_read_nothing_else(tmp_path: Path, path: str) -> None:
    origin = {"Origin": "https://insurer.example"}
    with WholeApp(tmp_path, widget_origins="https://insurer.example") as desk:
        read = desk.http.get(path, headers=origin)
        asked = desk.http.options(path, headers=origin | {"Access-Control-Request-Method": "POST"})
    for response in (read, asked):
        assert not [name for name in response.headers if name.startswith("access-control-")]
