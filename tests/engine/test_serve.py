import pytest
from engine import serve
from engine.database_url import tracker_database_url


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPORTELLO_TRACKER_URL", "SPORTELLO_DATABASE_URL", "SPORTELLO_GATEWAY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPORTELLO_PROFILE", "development")


def test_nothing_of_rasas_api_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in serve._defaults_for_endpoints().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(serve.environment.ROOT)
    app = serve._app("no-model.tar.gz")
    assert {route.path for route in app.router.routes} == {
        "",
        "model/parse",
        "webhooks/gateway/webhook",
        "webhooks/gateway/health",
    }


def test_production_gets_no_development_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SPORTELLO_GATEWAY_SECRET" in serve._defaults_for_endpoints()
    monkeypatch.setenv("SPORTELLO_PROFILE", "production")
    assert "SPORTELLO_GATEWAY_SECRET" not in serve._defaults_for_endpoints()


def test_trackers_live_where_they_are_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPORTELLO_VAR_DIR", "/somewhere")
    assert tracker_database_url() == "sqlite:////somewhere/tracker.db"
    monkeypatch.setenv("SPORTELLO_DATABASE_URL", "sqlite:///house.db")
    assert tracker_database_url() == "sqlite:////somewhere/tracker.db"
    monkeypatch.setenv("SPORTELLO_DATABASE_URL", "postgresql+psycopg://h/house")
    assert tracker_database_url() == "postgresql+psycopg://h/house"
    monkeypatch.setenv("SPORTELLO_TRACKER_URL", "sqlite:///own.db")
    assert tracker_database_url() == "sqlite:///own.db"
