"""Who is logged in on the page around the widget: told when a session opens, or on the socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from structlog.testing import capture_logs

from backend.adapters.crypto import new_id
from backend.core.errors import Unavailable
from backend.core.flow import Command, Turn
from tests.web.area_house import AreaHouse
from tests.web.gateway.test_widget import Desk, Talk

SUBJECT = "giulia.bianchi@example.it"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[AreaHouse]:
    made = AreaHouse(tmp_path)
    assert made.open_account("IT-0001") == SUBJECT
    yield made
    made.close()


@pytest.fixture
def desk(house: AreaHouse) -> Iterator[Desk]:
    made = Desk(house.backend)
    with made.http:
        yield made


def signed(desk: Desk, **changes: Any) -> str:
    now = int(desk.backend.clock.now().timestamp())
    claims = {
        "aud": "sportello", "sub": SUBJECT, "market": "it",
        "iat": now, "exp": now + 120, "jti": new_id("j"),
    }  # fmt: skip
    secret = desk.backend.settings.identity_token_secret.get_secret_value()
    return jwt.encode(claims | changes, secret, "HS256")


def tells(talk: Talk, token: str | None) -> bool:
    talk.send(type="identity", token=token)
    frame = talk.until("identity")
    assert frame.keys() == {"type", "accepted"}
    return bool(frame["accepted"])


def asked_first(desk: Desk, talk: Talk) -> str | None:
    """What linking a policy asks first in this conversation."""
    turn = Turn(
        talk.welcome["conversation"], new_id("m"), "it", "it", "web", None, {}, Command.NONE, True
    )  # fmt: skip
    return desk.backend.flows["link_policy"].advance(turn).asking


def is_identified(desk: Desk, token: str) -> bool:
    with desk.socket(token) as talk:
        return bool(talk.welcome["identified"])


def test_a_session_opened_with_a_token_knows_who_writes(desk: Desk) -> None:
    with desk.socket(desk.open_session(identity_token=signed(desk))) as talk:
        assert talk.welcome["identified"] is True
        assert asked_first(desk, talk) == "policy_number"


def test_a_session_opened_without_one_asks(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        assert talk.welcome["identified"] is False
        assert asked_first(desk, talk) == "username"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 0}, {"aud": "other"}, {"market": "id"}, {"sub": "nobody@example.it"}, {"jti": ""},
        {"iat": 0},
    ],
)  # fmt: skip
def test_a_session_with_a_wrong_token_opens_like_one_without(
    desk: Desk, changes: dict[str, Any]
) -> None:
    plain = desk.http.post("/widget/sessions", json={"market": "it"})
    with capture_logs() as lines:
        refused = desk.http.post(
            "/widget/sessions", json={"market": "it", "identity_token": signed(desk, **changes)}
        )

    assert (refused.status_code, refused.json().keys()) == (201, plain.json().keys())
    assert refused.json()["state"] == plain.json()["state"]
    assert not is_identified(desk, refused.json()["token"])
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("identity_token_refused", "warning")
    ]


@pytest.mark.parametrize("token", ["", "x", r"\ud800", "x" * 20_000])
def test_a_session_with_what_is_no_token_opens_too(desk: Desk, token: str) -> None:
    wish = f'{{"market": "it", "identity_token": "{token}"}}'
    opened = desk.http.post(
        "/widget/sessions", content=wish, headers={"content-type": "application/json"}
    )

    assert opened.status_code == 201
    assert not is_identified(desk, opened.json()["token"])


def test_a_replayed_token_opens_a_session_without_identity(desk: Desk) -> None:
    token = signed(desk)

    assert is_identified(desk, desk.open_session(identity_token=token))
    assert not is_identified(desk, desk.open_session(identity_token=token))


def test_a_running_conversation_is_told_when_somebody_logs_in_and_out(desk: Desk) -> None:
    token = desk.open_session()
    with desk.socket(token) as talk:
        talk.send(type="text", client_id="k1", text="ciao")
        talk.answer()
        assert tells(talk, signed(desk)) is True
        assert asked_first(desk, talk) == "policy_number"
    assert is_identified(desk, token)
    with desk.socket(token) as talk:
        assert tells(talk, None) is False
    assert not is_identified(desk, token)


def test_a_refused_frame_ends_the_pages_word_and_the_socket_goes_on(desk: Desk) -> None:
    with desk.socket(desk.open_session(identity_token=signed(desk))) as talk:
        assert tells(talk, signed(desk, sub="nobody@example.it")) is False
        assert asked_first(desk, talk) == "username"
        assert tells(talk, signed(desk)) is True
        talk.send(type="text", client_id="k1", text="ciao")
        talk.answer()


def test_one_conversations_token_says_nothing_of_another(desk: Desk) -> None:
    first, second = desk.open_session(), desk.open_session()
    with desk.socket(first) as talk:
        tells(talk, signed(desk))

    assert is_identified(desk, first)
    assert not is_identified(desk, second)


def test_starting_again_is_a_session_without_identity(desk: Desk) -> None:
    with desk.socket(desk.open_session(identity_token=signed(desk))) as talk:
        first = talk.welcome["conversation"]
    with desk.socket(desk.open_session()) as talk:
        assert talk.welcome["conversation"] != first
        assert talk.welcome["identified"] is False
        assert asked_first(desk, talk) == "username"


def test_a_conversation_that_a_person_takes_over_is_not_identified_any_more(desk: Desk) -> None:
    token = desk.open_session(identity_token=signed(desk))
    with desk.socket(token) as talk:
        desk.gateway.conversations.hold(talk.welcome["conversation"], "person")
    with desk.socket(token) as talk:
        assert talk.welcome["identified"] is False
        assert talk.welcome["state"]["held_by"] == "person"


@pytest.mark.parametrize("frame", [{}, {"token": 7}, {"token": ["x"]}])
def test_a_malformed_frame_is_refused(desk: Desk, frame: dict[str, Any]) -> None:
    with desk.socket(desk.open_session(identity_token=signed(desk))) as talk:
        talk.send(type="identity", **frame)
        assert talk.until("error")["code"] == "malformed"


def test_tokens_count_as_messages_but_logging_out_is_never_put_off(desk: Desk) -> None:
    token = desk.open_session()
    with desk.socket(token) as talk:
        assert tells(talk, signed(desk)) is True
        for _ in range(19):
            talk.send(type="identity", token=signed(desk))
            talk.until("identity")
        talk.send(type="identity", token=signed(desk))
        error = talk.until("error")
        assert (error["code"], error["client_id"]) == ("rate_limited", None)
        assert error["retry_after"] >= 1
        assert tells(talk, None) is False
    assert not is_identified(desk, token)


def test_a_token_that_cannot_be_checked_just_now_may_be_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> bool:
        raise Unavailable("database_unavailable")

    with desk.socket(desk.open_session()) as talk:
        with monkeypatch.context() as broken:
            broken.setattr(desk.backend.identity_tokens, "accept", fail)
            talk.send(type="identity", token="x")
            assert talk.until("error")["code"] == "unavailable"
        assert tells(talk, signed(desk)) is True


def test_nothing_of_a_token_is_logged_shown_or_written(house: AreaHouse, desk: Desk) -> None:
    tokens = [signed(desk), signed(desk, exp=0), signed(desk, sub="nobody@example.it")]
    answers = []
    with capture_logs() as lines:
        for token in tokens:
            wish = {"market": "it", "identity_token": token}
            answers.append(desk.http.post("/widget/sessions", json=wish).text)
            malformed = wish | {"market": "xx"}
            assert desk.http.post("/widget/sessions", json=malformed).status_code == 422
        with desk.socket(desk.open_session()) as talk:
            for token in tokens:
                tells(talk, token)
            answers.append(repr(talk.seen))
    house.backend.engine.dispose()

    files = house.backend.settings.var_dir.glob("sportello.db*")
    written = b"".join(file.read_bytes() for file in files)
    for token in tokens:
        claims, signature = token.split(".")[1:]
        for piece in (token, claims, signature):
            assert piece not in repr(lines) + "".join(answers)
            assert piece.encode() not in written
