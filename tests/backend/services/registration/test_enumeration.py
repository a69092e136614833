"""What the answers, and the effort behind them, tell about people on file: nothing."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Step
from tests.backend.desk import Desk, Talk

GIULIA = {"profile": "person", "first_name": "Giulia Bianchi", "contact": "3201234519"}
MOBILE = "+393201234519"
BUDI = {
    "policy_type": "individual", "policy_number": "00120451", "first_name": "Budi Santoso",
    "date_of_birth": "17/08/1990",
}  # fmt: skip


def registered(desk: Desk, answers: dict[str, str], contact: str, market: str = "it") -> None:
    talk = desk.talk(market)
    talk.gives(**answers)
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(contact))
    talk.sets_password()
    desk.clock.forward(24 * 3600)


def steps_up_to_a_wrong_code(talk: Talk, answers: dict[str, str]) -> list[Step]:
    steps = [talk.says(**{slot: answer}) for slot, answer in answers.items()]
    steps.append(talk.says(Command.AFFIRM))
    steps.append(talk.says(otp_code="00000"))
    steps += [talk.says(otp_code=f"00000{number}") for number in range(4)]
    steps.append(talk.says(Command.RESEND))
    talk.desk.clock.forward(121)
    steps.append(talk.says(otp_code="000007"))
    steps.append(talk.says(Command.RESEND))
    return steps


@pytest.mark.parametrize(
    ("market", "answers", "contact"),
    [("it", GIULIA, MOBILE), ("id", BUDI, "+6281234567890")],
)
def test_an_existing_account_and_a_new_one_get_the_same_steps(
    desk: Desk, market: str, answers: dict[str, str], contact: str
) -> None:
    as_new = steps_up_to_a_wrong_code(desk.talk(market), answers)
    desk.clock.forward(24 * 3600)
    registered(desk, answers, contact, market)

    as_existing = steps_up_to_a_wrong_code(desk.talk(market), answers)

    assert as_existing == as_new


def test_the_owner_of_an_existing_account_is_told_and_gets_no_code(desk: Desk) -> None:
    registered(desk, GIULIA, MOBILE)
    before = len(desk.sent(MOBILE))

    talk = desk.talk()
    talk.gives(**GIULIA)
    talk.says(Command.AFFIRM)

    newest = desk.sent(MOBILE)
    assert len(newest) == before + 1
    assert not any(character.isdigit() for character in newest[0])
    assert "existing_notified" in desk.audited()


def test_a_contact_that_is_somebody_elses_user_name_walks_the_same_path(desk: Desk) -> None:
    registered(desk, GIULIA, MOBILE)
    file = desk.backend.settings.var_dir / "spouse.csv"
    header, giulia = (desk.backend.settings.demo_dir / "customers.csv").read_text().split("\n")[:2]
    spouse = giulia.replace("BNCGLI85D43L219M", "").replace("Giulia", "Carlo")
    spouse = spouse.replace("IT-0001", "IT-9001").replace("401122334", "401000001")
    file.write_text(f"{header}\n{spouse}\n")
    assert desk.backend.customers.import_file(file).is_clean

    talk = desk.talk()
    talk.gives(**(GIULIA | {"first_name": "Carlo Bianchi"}))
    talk.says(Command.AFFIRM)

    assert talk.codes == ["code_sent"]
    assert not any(character.isdigit() for character in desk.sent(MOBILE)[0])


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param({"first_name": "Carla Verdi"}, id="contact on file, another name"),
        pytest.param({"contact": "3339998877"}, id="name on file, another contact"),
        pytest.param(
            {"first_name": "Nessuno Mai", "contact": "nobody@example.org"}, id="nothing on file"
        ),
    ],
)
def test_what_did_not_fit_is_not_told(desk: Desk, stranger: dict[str, str]) -> None:
    talk = desk.talk()
    talk.gives(**(GIULIA | stranger))

    step = talk.says(Command.AFFIRM)

    assert (step.asking, talk.codes) == ("tax_code", ["not_recognised"])
    talk.gives(tax_code="FRRLCU90L14F257L", policy_number="999999999")
    assert (talk.step.asking, talk.codes) == ("policy_number", ["identity_not_found"])


@pytest.mark.parametrize(
    "stranger",
    [{"policy_number": "12345678"}, {"first_name": "Carla Verdi"}, {"date_of_birth": "1/1/1990"}],
)
def test_an_unknown_policy_and_wrong_data_sound_the_same(
    desk: Desk, stranger: dict[str, str]
) -> None:
    talk = desk.talk("id")
    talk.gives(**(BUDI | stranger))

    step = talk.says(Command.AFFIRM)

    assert (step.asking, talk.codes) == ("policy_number", ["not_recognised"])


def test_a_pending_account_may_finish_registering(desk: Desk) -> None:
    for _ in range(2):
        talk = desk.talk("id")
        talk.gives(**BUDI)
        talk.says(Command.AFFIRM)
        talk.says(otp_code=desk.code_to("+6281234567890"))
        username = talk.remark("account_ready").facts["username"]
        desk.clock.forward(901)

    first = desk.talk("id")
    first.gives(**BUDI)
    first.says(Command.AFFIRM)
    first.says(otp_code=desk.code_to("+6281234567890"))
    assert first.remark("account_ready").facts["username"] == username
    assert first.sets_password().outcome == "completed"


def test_a_generated_user_name_comes_from_nothing_on_file(desk: Desk) -> None:
    names = set()
    for _ in range(5):
        talk = desk.talk("id")
        talk.gives(**BUDI)
        talk.says(Command.AFFIRM)
        talk.says(otp_code=desk.code_to("+6281234567890"))
        names.add(str(talk.remark("account_ready").facts["username"]))
        desk.backend.reset()

    assert len(names) == 5
    for name in names:
        assert "budi" not in name
        assert "120451" not in name
