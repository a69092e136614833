"""Who writes, on the word of the page around the widget: taken once, for one conversation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from backend.adapters.crypto import new_id
from backend.adapters.tables.identities import identity_proofs, identity_tokens
from backend.core.customers import Account
from backend.core.errors import NotAllowed, SessionExpired
from backend.core.flow import Command
from backend.core.identity import Proof
from backend.services.conversations import Conversations, ConversationUnknown
from tests.backend.desk import GOOD_PASSWORD, Desk, Talk, desk_settings, opened_desk
from tests.backend.services.people import GIULIA, GIULIA_MOBILE, MARCO_MOBILE, registered
from tests.backend.services.test_races import at_once, number_of


class Page:
    """The host's page, with the widget on it."""

    def __init__(self, desk: Desk, market: str = "it") -> None:
        self.desk = desk
        self.secret = desk.backend.settings.identity_token_secret.get_secret_value()
        self.conversations = Conversations(desk.backend.uow, desk.clock)
        self.id = self.opens(market)

    def opens(self, market: str = "it") -> str:
        """A new conversation."""
        return self.conversations.open_session(market, market)[1].id

    def token(self, **changes: Any) -> str:
        now = int(self.desk.clock.now().timestamp())
        claims = {
            "aud": "sportello", "sub": GIULIA, "market": "it",
            "iat": now, "exp": now + 120, "jti": new_id("j"),
        }  # fmt: skip
        return jwt.encode(claims | changes, self.secret, "HS256")

    def says(self, token: str, conversation: str | None = None) -> bool:
        return self.desk.backend.identity_tokens.accept(conversation or self.id, token)

    def proof(self, conversation: str | None = None) -> Proof | None:
        with self.desk.backend.uow(read_only=True) as uow:
            return self.desk.backend.identities.peek(uow, conversation or self.id, "it")

    def talk(self, flow: str) -> Talk:
        return self.desk.talk("it", flow=flow, conversation=self.id, client="a-client")


@pytest.fixture
def giulia(desk: Desk) -> Account:
    return registered(desk, "giulia")


@pytest.fixture
def page(desk: Desk, giulia: Account) -> Page:
    return Page(desk)


# Taken ------------------------------------------------------------------------------------------


def test_a_right_token_proves_who_writes(desk: Desk, page: Page, giulia: Account) -> None:
    assert page.says(page.token())

    proof = page.proof()
    assert proof
    assert (proof.account_id, proof.factor, proof.contact) == (giulia.id, "token", None)
    assert desk.backend.identity_tokens.holds(page.id, "it")
    assert desk.audited()[-1] == "identity_proved"


def test_a_flow_asks_neither_user_name_nor_code(desk: Desk, page: Page) -> None:
    assert page.talk("link_policy").step.asking == "username"
    sent = len(desk.backend.notices.listing())
    page = Page(desk)
    page.says(page.token())

    talk = page.talk("link_policy")

    assert talk.step.asking == "policy_number"
    assert len(desk.backend.notices.listing()) == sent


def test_a_forgotten_password_still_takes_a_code(desk: Desk, page: Page) -> None:
    page.says(page.token())

    talk = page.talk("reset_password")

    assert talk.step.asking == "contact_choice"
    talk.says(contact_choice="sms")
    assert talk.step.asking == "otp_code"
    talk.says(otp_code=desk.code_to(GIULIA_MOBILE))
    assert talk.step.page


def test_a_new_password_ends_what_the_page_said(desk: Desk, page: Page) -> None:
    page.says(page.token())
    other = desk.talk("it", flow="reset_password", client="another-client")
    other.says(username=GIULIA)
    other.says(contact_choice="sms")
    other.says(otp_code=desk.code_to(GIULIA_MOBILE))
    other.sets_password(GOOD_PASSWORD + "9")

    assert page.proof() is None


def test_case_of_the_user_name_does_not_matter(page: Page) -> None:
    assert page.says(page.token(sub=GIULIA.title()))


def test_the_newest_word_counts(desk: Desk, page: Page) -> None:
    marco = registered(desk, "marco")
    assert page.says(page.token())
    assert page.says(page.token(sub=MARCO_MOBILE))

    proof = page.proof()
    assert proof
    assert proof.account_id == marco.id


def test_it_proves_nothing_in_another_conversation(page: Page) -> None:
    other = page.opens()
    assert page.says(page.token())

    assert page.proof(other) is None


# Refused ----------------------------------------------------------------------------------------

REFUSED = {
    "expired": ({"iat": -60, "exp": -1}, "token_expired"),
    "over just now": ({"iat": -60, "exp": 0}, "token_expired"),
    "301 seconds long": ({"exp": 301}, "token_too_long"),
    "from the future": ({"iat": 31, "exp": 60}, "token_early"),
    "another audience": ({"aud": "other"}, "token_audience"),
    "another market": ({"market": "id"}, "token_market"),
    "no market": ({"market": "xx"}, "token_market"),
    "unknown": ({"sub": "nobody@example.it"}, "token_user"),
    "unknown but alike": ({"sub": f"x {GIULIA}"}, "token_user"),
    "the mobile as typed": ({"sub": "320 1234519"}, "token_user"),
    "no name": ({"jti": ""}, "token_malformed"),
    "a session of nobody": ({"sid": "w_0123456789012345678901"}, "token_session"),
}


def changed(page: Page, changes: dict[str, Any]) -> str:
    now = int(page.desk.clock.now().timestamp())
    moments = {name: now + value for name, value in changes.items() if name in {"iat", "exp"}}
    return page.token(**changes | moments)


@pytest.mark.parametrize(("changes", "reason"), REFUSED.values(), ids=REFUSED)
def test_whatever_is_wrong_looks_the_same_and_is_logged_without_the_token(
    desk: Desk, page: Page, changes: dict[str, Any], reason: str
) -> None:
    token = changed(page, changes)
    audited = desk.audited()

    with capture_logs() as lines:
        assert page.says(token) is False

    assert page.proof() is None
    assert desk.audited() == audited
    assert lines == [
        {
            "event": "identity_token_refused", "log_level": "warning",
            "reason": reason, "conversation": page.id,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes", [{"exp": 300}, {"iat": 30, "exp": 330}, {"iat": -299, "exp": 1}]
)
def test_just_inside_its_time_it_is_taken(page: Page, changes: dict[str, Any]) -> None:
    assert page.says(changed(page, changes))


@pytest.mark.parametrize("token", ["", "no token", "\ud800", "a.b.c", "x" * 10_000])
def test_what_is_no_token_is_refused_too(page: Page, token: str) -> None:
    with capture_logs() as lines:
        assert page.says(token) is False
    assert [line["reason"] for line in lines] == ["token_malformed"]


def test_another_secret_or_algorithm_is_refused(page: Page) -> None:
    claims = jwt.decode(page.token(), options={"verify_signature": False})

    assert not page.says(jwt.encode(claims, page.secret + "x", "HS256"))
    assert not page.says(jwt.encode(claims, page.secret * 2, "HS512"))
    assert not page.says(jwt.encode(claims, "", "none"))
    assert page.says(jwt.encode(claims, page.secret, "HS256"))


def test_an_account_that_never_got_its_password_is_refused(desk: Desk, page: Page) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Marco De Luca", contact="333 111 22 44")
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(MARCO_MOBILE))
    assert talk.step.page

    assert not page.says(page.token(sub=MARCO_MOBILE))


def test_a_conversation_that_is_gone_is_told_as_such(page: Page) -> None:
    with pytest.raises(ConversationUnknown):
        page.says(page.token(), new_id("c"))


def test_without_a_secret_no_page_can_vouch(filled_database: Path, tmp_path: Path) -> None:
    (tmp_path / "sportello.db").write_bytes(filled_database.read_bytes())
    settings = desk_settings(tmp_path, identity_token_secret="")
    with opened_desk(settings, is_filled=True) as desk:
        registered(desk, "giulia")
        page = Page(desk)
        page.secret = "anything, in the hope that nothing counts as it"

        assert not desk.backend.identity_tokens.is_on
        assert not page.says(page.token())
        assert not page.says(jwt.encode({"sub": GIULIA}, "", "none"))
        with pytest.raises(NotAllowed):
            desk.backend.area.identity_token(sign_in(desk))


# Used once --------------------------------------------------------------------------------------


def test_a_token_is_good_once(desk: Desk, page: Page) -> None:
    token, other = page.token(), page.opens()
    assert page.says(token)

    with capture_logs() as lines:
        assert not page.says(token, other)

    assert [line["reason"] for line in lines] == ["token_used"]
    assert page.proof(other) is None
    assert page.proof()


def test_a_refused_replay_in_the_same_conversation_leaves_nobody_proved(page: Page) -> None:
    token = page.token()
    assert page.says(token)

    assert not page.says(token)
    assert page.proof() is None


def test_what_was_refused_for_its_conversation_is_good_for_the_right_one(page: Page) -> None:
    token = page.token()

    assert not page.says(token, page.opens("id"))
    assert page.says(token)


def test_its_name_is_kept_as_a_hash_and_only_until_it_is_too_old(desk: Desk, page: Page) -> None:
    now = int(desk.clock.now().timestamp())
    token = page.token(jti="the-name-of-this-token", exp=now + 300)
    assert page.says(token)
    rows = select(func.count()).select_from(identity_tokens)
    with desk.backend.uow(read_only=True) as uow:
        kept = uow.connection.execute(select(identity_tokens)).one()
    assert "the-name" not in kept.name_index

    desk.clock.forward(299)
    desk.backend.sweep()
    assert number_of(desk, rows) == 1
    assert not page.says(token)
    desk.clock.forward(1)
    desk.backend.sweep()
    assert number_of(desk, rows) == 0
    assert not page.says(token)


def test_nothing_of_a_token_is_written(desk: Desk, page: Page) -> None:
    tokens = [page.token(jti="unmistakable-name"), page.token(sub="unmistakable@example.it")]
    with capture_logs() as lines:
        for token in tokens:
            page.says(token)
    desk.backend.engine.dispose()

    files = (desk.backend.settings.var_dir).glob("sportello.db*")
    written = b"".join(file.read_bytes() for file in files) + repr(lines).encode()
    for token in tokens:
        for piece in (token, *token.split("."), "unmistakable"):
            assert piece.encode() not in written or piece == token.split(".")[0]


def test_one_token_in_many_conversations_at_once_counts_in_one(any_desk: Desk) -> None:
    registered(any_desk, "giulia")
    page = Page(any_desk)
    token, others = page.token(), [page.opens() for _ in range(12)]

    results = at_once([lambda one=one: page.says(token, one) for one in others])

    assert sorted(results) == [False] * 11 + [True]
    proved = [one for one in others if page.proof(one)]
    assert proved == [others[results.index(True)]]


def test_many_tokens_in_one_conversation_at_once_leave_one_proof(any_desk: Desk) -> None:
    registered(any_desk, "giulia")
    page = Page(any_desk)
    tokens = [page.token() for _ in range(6)]

    results = at_once([lambda token=token: page.says(token) for token in tokens])

    assert not [result for result in results if isinstance(result, Exception)]
    assert all(results)
    mine = select(func.count()).where(identity_proofs.c.conversation_id == page.id)
    assert number_of(any_desk, mine) == 1


# Taken back -------------------------------------------------------------------------------------


def test_a_refused_token_ends_what_the_one_before_said(page: Page) -> None:
    assert page.says(page.token())

    assert not page.says(page.token(sub="nobody@example.it"))
    assert page.proof() is None


def test_a_refused_token_does_not_end_what_a_code_proved(
    desk: Desk, page: Page, giulia: Account
) -> None:
    with desk.backend.uow() as uow:
        desk.backend.identities.prove(uow, page.id, giulia, contact=GIULIA_MOBILE)
        uow.commit()

    assert not page.says(page.token(sub="nobody@example.it"))
    assert page.proof()
    assert not desk.backend.identity_tokens.holds(page.id, "it")


@pytest.mark.parametrize("by_code", [True, False], ids=["code", "token"])
def test_logging_out_ends_every_proof(
    desk: Desk, page: Page, giulia: Account, by_code: bool
) -> None:
    if by_code:
        with desk.backend.uow() as uow:
            desk.backend.identities.prove(uow, page.id, giulia)
            uow.commit()
    else:
        page.says(page.token())

    desk.backend.identity_tokens.withdraw(page.id)

    assert page.proof() is None
    assert page.talk("link_policy").step.asking == "username"


def test_a_proof_by_token_grows_too_old_like_any_other(desk: Desk, page: Page) -> None:
    page.says(page.token())
    with desk.backend.uow() as uow:
        for _ in range(2):
            desk.clock.forward(14 * 60)
            assert desk.backend.identities.of(uow, page.id, "it")
        desk.clock.forward(2 * 60)
        assert desk.backend.identities.of(uow, page.id, "it") is None


@pytest.mark.parametrize("held_by", ["person", "bot"])
def test_a_conversation_that_changes_hands_has_nobody_proved(page: Page, held_by: Any) -> None:
    other = page.opens()
    page.says(page.token())
    page.says(page.token(), other)

    page.conversations.hold(page.id, held_by)

    assert page.conversations.snapshot(page.id).conversation.held_by == held_by
    assert page.proof() is None
    assert page.proof(other)


def test_nobody_takes_over_a_conversation_that_is_not_there(page: Page) -> None:
    with pytest.raises(ConversationUnknown):
        page.conversations.hold(new_id("c"), "person")


def test_starting_again_is_a_conversation_with_nobody_proved(page: Page) -> None:
    page.says(page.token())
    first, page.id = page.id, page.opens()

    assert page.id != first
    assert page.proof() is None
    assert page.talk("link_policy").step.asking == "username"


# Our own area -----------------------------------------------------------------------------------


def sign_in(desk: Desk) -> str:
    login = desk.backend.area.login(GIULIA, GOOD_PASSWORD)
    assert login.token
    session = desk.backend.area.confirm(login.token, desk.code_to(GIULIA_MOBILE))
    assert session.token
    return session.token


def test_the_area_vouches_for_who_is_signed_in(desk: Desk, page: Page, giulia: Account) -> None:
    token = desk.backend.area.identity_token(sign_in(desk))

    assert page.says(token)
    proof = page.proof()
    assert proof
    assert proof.account_id == giulia.id
    claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False})
    assert claims["exp"] - claims["iat"] == 60


def test_the_area_gives_another_token_each_time(desk: Desk, page: Page) -> None:
    session = sign_in(desk)
    tokens = [desk.backend.area.identity_token(session) for _ in range(2)]

    assert all(page.says(token, page.opens()) for token in tokens)


def test_signing_out_ends_the_proofs_of_that_session_alone(desk: Desk, page: Page) -> None:
    session, other_session = sign_in(desk), None
    desk.clock.forward(121)
    other_session = sign_in(desk)
    by_host, by_other = page.opens(), page.opens()
    page.says(desk.backend.area.identity_token(session))
    page.says(desk.backend.area.identity_token(other_session), by_other)
    page.says(page.token(), by_host)
    left_over = desk.backend.area.identity_token(session)

    desk.backend.area.logout(session)

    assert page.proof() is None
    assert page.proof(by_other)
    assert page.proof(by_host)
    assert not page.says(left_over)
    with pytest.raises(SessionExpired):
        desk.backend.area.identity_token(session)


def test_a_session_that_was_swept_takes_its_proofs_along(desk: Desk, page: Page) -> None:
    page.says(desk.backend.area.identity_token(sign_in(desk)))
    desk.clock.advance(timedelta(minutes=14))
    with desk.backend.uow() as uow:
        assert desk.backend.identities.of(uow, page.id, "it")
        uow.commit()
    desk.clock.advance(timedelta(minutes=1))
    desk.backend.sweep()

    assert page.proof() is None


def test_a_half_open_session_gets_no_token(desk: Desk, giulia: Account) -> None:
    login = desk.backend.area.login(GIULIA, GOOD_PASSWORD)
    assert login.token

    for token in (login.token, "made-up", ""):
        with pytest.raises(SessionExpired):
            desk.backend.area.identity_token(token)


def test_signing_out_at_once_with_the_token_leaves_nobody_proved(any_desk: Desk) -> None:
    registered(any_desk, "giulia")
    page = Page(any_desk)
    session = sign_in(any_desk)
    tokens = [any_desk.backend.area.identity_token(session) for _ in range(6)]
    others = [page.opens() for _ in tokens]
    calls = [
        lambda token=token, one=one: page.says(token, one)
        for token, one in zip(tokens, others, strict=True)
    ]

    results = at_once([*calls, lambda: any_desk.backend.area.logout(session)])

    assert not [result for result in results if isinstance(result, Exception)]
    assert [page.proof(one) for one in others] == [None] * len(others)
