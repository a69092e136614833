"""From a proved identity to a page that opens one document once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from backend.adapters.crypto import new_id
from backend.adapters.tables.accounts import account_policies
from backend.adapters.tables.files import policy_documents
from backend.adapters.tables.pages import pages
from backend.core.customers import Account
from backend.core.errors import LinkExpired, LinkUnknown, LinkUsed
from backend.core.flow import Command, Outcome
from backend.core.policy_documents import COLUMNS
from tests import sent_files
from tests.backend.desk import GOOD_PASSWORD, Desk, Talk
from tests.backend.services.people import BUDI_MOBILE, GIULIA, registered
from tests.backend.services.statements import statements
from tests.backend.services.test_races import at_once, number_of

MINUTES = 60


def account_of(desk: Desk, customer: str) -> Account:
    """An account that sees every policy of a demo customer."""
    market = customer[:2].lower()
    with desk.backend.uow() as uow:
        owner = uow.customers.by_number(market, customer)
        assert owner
        contact = owner.details.email or owner.details.mobile
        account = desk.backend.accounts.open(
            uow, owner, uow.customers.policies_of(owner.id), contact, market
        )
        hashed = desk.backend.accounts.hash_password(account, GOOD_PASSWORD)
        desk.backend.accounts.set_password(uow, account, hashed)
        uow.commit()
    return account


def opens(desk: Desk, account: Account, **said: str) -> Talk:
    """A conversation whose writer is proved to own *account*."""
    conversation = new_id("c")
    with desk.backend.uow() as uow:
        desk.backend.identities.prove(uow, conversation, account)
        uow.commit()
    return desk.talk(account.market, flow="view_documents", conversation=conversation, saying=said)


def titles(talk: Talk) -> list[str]:
    return [choice.title for choice in talk.step.choices]


def choice(talk: Talk, title: str) -> str:
    return next(one.id for one in talk.step.choices if one.title == title)


def token_of(talk: Talk) -> str:
    assert talk.step.page is not None
    return talk.desk.backend.pages.mint(talk.step.page.id).rsplit("/", 1)[1]


def title_of_page(talk: Talk) -> str:
    return talk.desk.backend.documents.title(token_of(talk))


def takes_in(desk: Desk, folder: Path, *rows: tuple[str, str, str]) -> None:
    """Documents of Italian policies: number, title, day of issue."""
    (folder / "one.pdf").write_bytes(sent_files.pdf_with_author())
    with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(
            (number, "it", title, "policy", issued_on, "one.pdf")
            for number, title, issued_on in rows
        )
    assert desk.backend.documents.import_file(folder / "documents.csv").is_clean


def test_policy_then_document_then_a_page_that_opens_once(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    assert talk.step.asking == "policy_choice"
    assert titles(talk) == ["GenSalute Famiglia", "Casa Sicura"]
    talk.says(policy_choice=choice(talk, "Casa Sicura"))
    assert talk.step.asking == "document_choice"
    assert titles(talk) == ["Quietanza di pagamento 2026", "Condizioni di polizza"]

    step = talk.says(document_choice=choice(talk, "Condizioni di polizza"))

    assert (step.outcome, talk.codes) == (Outcome.COMPLETED, ["document_link"])
    assert talk.remark("document_link").facts == {"title": "Condizioni di polizza", "minutes": 10}
    assert step.facts["next_offer"] == "view_documents"
    assert step.page is not None
    assert step.page.kind == "document"
    token = token_of(talk)
    opened = desk.backend.documents.open(token)
    assert (opened.title, opened.content[:5]) == ("Condizioni di polizza", b"%PDF-")
    with pytest.raises(LinkUsed):
        desk.backend.documents.open(token)
    assert desk.audited()[-1] == "document_opened"


def test_identity_is_proved_by_a_code_first(desk: Desk) -> None:
    account = registered(desk, "budi")
    talk = desk.talk("id", flow="view_documents")
    assert talk.step.asking == "username"
    talk.says(username=account.username)
    talk.says(contact_choice="sms")
    step = talk.says(otp_code=desk.code_to(BUDI_MOBILE))

    assert step.asking == "document_choice"
    assert titles(talk) == ["Bukti Pembayaran Premi 2026", "Polis"]


def test_one_policy_is_not_asked_about(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0002"))

    assert talk.step.asking == "document_choice"
    assert talk.step.filled["policy_choice"] == "******117"


def test_a_policy_without_documents_is_not_on_offer(desk: Desk, tmp_path: Path) -> None:
    both = [("407700991", title, "2026-11-20") for title in ("Condizioni", "Certificato")]
    takes_in(desk, tmp_path, *both)
    talk = opens(desk, account_of(desk, "IT-0007"))

    assert talk.step.asking == "document_choice"
    assert talk.says(policy_number="407700990").asking == "document_choice"
    assert talk.codes == ["choice_unknown"]


def test_one_document_alone_needs_no_question_and_no_offer_of_another(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0003"))

    assert (talk.step.outcome, talk.codes) == (Outcome.COMPLETED, ["document_link"])
    assert title_of_page(talk) == "Condizioni di polizza"
    assert talk.step.facts["next_offer"] == "nothing"


def test_no_documents_at_all_are_told(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0007"))

    assert (talk.step.outcome, talk.codes) == (Outcome.COMPLETED, ["no_documents"])
    assert talk.step.facts["next_offer"] == "nothing"


def test_another_one_is_asked_without_another_code_and_the_first_still_opens(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0002"))
    talk.says(document_choice="1")
    first = token_of(talk)

    again = desk.talk("it", flow="view_documents", conversation=talk.id)
    assert again.step.asking == "document_choice"
    again.says(document_choice="2")

    assert desk.backend.documents.open(first).title != title_of_page(again)


@pytest.mark.parametrize(
    "answer",
    [
        {"policy_choice": "Casa Sicura"},
        {"policy_choice": "quella della casa"},
        {"policy_choice": "2"},
        {"policy_choice": "la seconda"},
        {"policy_choice": "la 401 122 335"},
        {"policy_number": "401122335"},
        {"policy_number": "401 122 335", "policy_choice": "GenSalute Famiglia"},
        {"number_ending": "335"},
    ],
)
def test_a_policy_may_be_named_in_many_ways(desk: Desk, answer: dict[str, str]) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))

    step = talk.says(**answer)

    assert (step.asking, talk.codes) == ("document_choice", [])
    assert step.filled["policy_choice"] == "******335"


@pytest.mark.parametrize(
    "said", ["Quietanza di pagamento 2026", "la quietanza", "1", "the first one", "pagamento"]
)
def test_a_document_may_be_named_in_many_ways(desk: Desk, said: str) -> None:
    talk = opens(desk, account_of(desk, "IT-0002"))

    talk.says(document_choice=said)

    assert talk.remark("document_link").facts["title"] == "Quietanza di pagamento 2026"


def test_a_number_that_comes_early_spares_the_question(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = desk.talk("it", flow="view_documents", saying={"policy_number": "401122335"})
    assert talk.step.asking == "username"
    talk.says(username=GIULIA)
    talk.says(contact_choice="email")
    talk.says(otp_code=desk.code_to(GIULIA))

    assert talk.step.asking == "document_choice"
    assert talk.step.filled["policy_choice"] == "******335"
    assert "policy_number" not in talk.step.filled


def test_a_number_that_came_early_may_be_corrected(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = desk.talk("it", flow="view_documents", saying={"policy_number": "401122334"})
    talk.says(Command.CORRECT, policy_number="401122335")
    assert talk.codes == ["corrected"]
    talk.says(Command.CORRECT, policy_number="4011")
    talk.says(username=GIULIA)
    talk.says(contact_choice="email")
    talk.says(otp_code=desk.code_to(GIULIA))

    assert talk.step.filled["policy_choice"] == "******335"


@pytest.mark.parametrize(
    "answer",
    [
        {"policy_choice": "p_of_somebody"},
        {"policy_choice": "la moto"},
        {"policy_choice": "3"},
        {"policy_number": "402200117"},
        {"policy_number": "999999999"},
        {"policy_number": "12"},
        {"policy_choice": "402200117"},
        {"number_ending": "117"},
    ],
)
def test_a_policy_that_is_not_on_offer_is_refused_whosever_it_is(
    desk: Desk, answer: dict[str, str]
) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    talk.says(**answer)

    step = talk.says(**answer)

    (remark,) = step.remarks
    assert (step.asking, remark.code, remark.slot) == (
        "policy_choice", "choice_unknown", "policy_choice",
    )  # fmt: skip
    assert remark.repeat == 2


def test_a_policy_of_somebody_else_costs_the_work_of_an_unknown_one(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    work = []
    for number in ("402200117", "999999999"):
        with statements(desk.backend.engine) as seen:
            talk.says(policy_number=number)
        work.append(seen)

    assert work[0] == work[1]


def test_an_early_number_that_is_not_on_offer_is_told_even_where_there_is_one_policy(
    desk: Desk,
) -> None:
    talk = opens(desk, account_of(desk, "IT-0002"), policy_number="401122334")

    assert (talk.step.asking, talk.codes) == ("policy_choice", ["choice_unknown"])
    assert titles(talk) == ["Auto Serena"]
    assert talk.says(Command.AFFIRM).asking == "document_choice"


def test_a_document_that_is_not_on_offer_is_refused_whosever_it_is(desk: Desk) -> None:
    account_of(desk, "IT-0004")
    with desk.backend.uow(read_only=True) as uow:
        held = uow.customers.with_policy("it", "INA-55120")
        assert held
        theirs = desk.backend.documents.of_policies(uow, [held[1].id])[0].id
    talk = opens(desk, account_of(desk, "IT-0002"))

    for said in (theirs, "d_unknown", "la patente", "3"):
        step = talk.says(document_choice=said)
        assert (step.asking, talk.codes) == ("document_choice", ["choice_unknown"])
        assert step.remarks[0].slot == "document_choice"
    assert number_of(desk, select(func.count()).select_from(pages)) == 0


def test_another_policy_may_be_chosen_instead(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    talk.says(policy_choice="Casa Sicura")

    step = talk.says(Command.CORRECT, policy_number="401122334")

    assert (step.asking, talk.codes) == ("document_choice", ["corrected"])
    assert talk.remark("corrected").facts == {"slot": "policy_choice"}
    assert step.filled["policy_choice"] == "******334"


def test_a_bad_correction_keeps_the_policy(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    talk.says(policy_choice="Casa Sicura")

    step = talk.says(Command.CORRECT, policy_number="402200117")

    assert (step.asking, talk.codes) == ("document_choice", ["choice_unknown"])
    assert step.filled["policy_choice"] == "******335"


@pytest.mark.parametrize("command", [Command.NOT_AVAILABLE, Command.DENY])
def test_who_wants_none_of_them_is_told_who_helps(desk: Desk, command: Command) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    step = talk.says(command)
    assert (step.asking, talk.codes) == ("policy_choice", ["contact_help"])
    talk.says(policy_choice="1")

    step = talk.says(command)

    assert (step.asking, talk.codes) == ("document_choice", ["contact_help"])


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        (Command.AFFIRM, {}),
        (Command.NONE, {"document_choice": "1"}),
        (Command.NONE, {"otp_code": "123456"}),
        (Command.NONE, {"policy_id": "1"}),
        (Command.PAGE_DONE, {}),
        (Command.PAGE_RENEWAL, {}),
        (Command.RESEND, {}),
    ],
)
def test_an_answer_to_a_later_question_does_nothing(
    desk: Desk, command: Command, answers: dict[str, str]
) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))

    step = talk.says(command, **answers)

    assert (step.asking, talk.codes) == ("policy_choice", [])


def test_a_document_chosen_before_it_is_known_who_writes_does_nothing(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = desk.talk("it", flow="view_documents")

    step = talk.says(policy_choice="1", document_choice="1")

    assert (step.asking, step.page) == ("username", None)


def test_choices_are_stable_and_say_nothing(desk: Desk) -> None:
    account = account_of(desk, "IT-0001")
    first, second = opens(desk, account), opens(desk, account)

    assert first.step.choices == second.step.choices
    with desk.backend.uow(read_only=True) as uow:
        ids = [str(policy.id) for policy in uow.customers.policies_in_account(account.id)]
    assert not {one.id.removeprefix("p") for one in first.step.choices} & set(ids)


def test_equal_titles_are_told_apart(desk: Desk, tmp_path: Path) -> None:
    takes_in(
        desk,
        tmp_path,
        ("403300218", "Condizioni di polizza", "2026-03-31"),
        ("403300218", "Certificato", "2026-04-01"),
    )
    talk = opens(desk, account_of(desk, "IT-0003"))
    assert titles(talk) == [
        "Certificato",
        "Condizioni di polizza (31/03/2026)",
        "Condizioni di polizza (06/04/2025)",
    ]
    assert talk.says(document_choice="condizioni").asking == "document_choice"

    talk.says(document_choice="le condizioni del 2025")

    assert talk.remark("document_link").facts["title"] == "Condizioni di polizza"


# Repeats, time, and what changes meanwhile -------------------------------------------------------


def test_the_same_message_twice_makes_one_page(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0002"))
    turn = talk.turn(document_choice="1")

    first, second = talk.flow.advance(turn), talk.flow.advance(turn)

    assert first == second
    assert number_of(desk, select(func.count()).select_from(pages)) == 1


def test_a_message_delivered_many_times_at_once_makes_one_page(any_desk: Desk) -> None:
    talk = opens(any_desk, account_of(any_desk, "IT-0002"))
    turn = talk.turn(document_choice="1")

    steps = at_once([lambda: talk.flow.advance(turn)] * 6)

    assert all(step == steps[0] for step in steps)
    assert number_of(any_desk, select(func.count()).select_from(pages)) == 1


@pytest.mark.parametrize(("seconds", "opens_it"), [(599, True), (600, False)])
def test_the_page_lives_ten_minutes(desk: Desk, seconds: int, opens_it: bool) -> None:
    talk = opens(desk, account_of(desk, "IT-0003"))
    token = token_of(talk)
    desk.clock.forward(seconds)

    if opens_it:
        assert desk.backend.documents.open(token).content
    else:
        with pytest.raises(LinkExpired):
            desk.backend.documents.open(token)


def test_a_page_opens_nothing_once_the_policy_left_the_account(desk: Desk) -> None:
    account = account_of(desk, "IT-0003")
    token = token_of(opens(desk, account))
    with desk.backend.uow() as uow:
        uow.connection.execute(
            delete(account_policies).where(account_policies.c.account_id == account.id)
        )
        uow.commit()

    with pytest.raises(LinkUnknown):
        desk.backend.documents.open(token)


def test_documents_that_are_gone_meanwhile_are_told(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    talk.says(policy_choice="1")
    with desk.backend.uow() as uow:
        uow.connection.execute(delete(policy_documents))
        uow.commit()

    talk.says(document_choice="1")

    assert talk.codes == ["no_documents"]


@pytest.mark.parametrize(("seconds", "is_live"), [(899, True), (900, False)])
def test_a_draft_rests_fifteen_minutes(desk: Desk, seconds: int, is_live: bool) -> None:
    talk = opens(desk, account_of(desk, "IT-0002"))
    desk.clock.forward(seconds)

    step = talk.says(document_choice="1")

    assert step.outcome is (Outcome.COMPLETED if is_live else Outcome.EXPIRED)


def test_who_wrote_too_long_ago_proves_it_again_and_keeps_the_policy(desk: Desk) -> None:
    talk = opens(desk, account_of(desk, "IT-0001"))
    talk.says(policy_choice="Casa Sicura")
    for _ in range(2):
        desk.clock.forward(10 * MINUTES)
        talk.says()
    assert talk.step.asking == "document_choice"
    desk.clock.forward(10 * MINUTES)

    step = talk.says(document_choice="1")
    assert (step.asking, step.page) == ("contact_choice", None)
    talk.says(contact_choice="email")
    step = talk.says(otp_code=desk.code_to(GIULIA))

    assert step.asking == "document_choice"
    assert step.filled["policy_choice"] == "******335"
