import re

import pytest
from engine.masking import MASK, looks_masked, mask_bot_text, mask_entities, mask_message
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=200)
DIGITS = st.text("0123456789", min_size=2, max_size=16)
WORDS = st.text("abcdefghijklmnopqrstuvwxyzàèìòù", min_size=1, max_size=12)


def test_an_answer_to_a_personal_question_is_masked_word_by_word() -> None:
    assert (
        mask_message("Giulia Bianchi", asking="first_name", intent={"name": "inform"})
        == f"{MASK} {MASK}"
    )


def test_a_sure_digression_keeps_its_words() -> None:
    intent = {"name": "ask_why", "confidence": 0.93}
    assert mask_message("perché vi serve?", asking="tax_code", intent=intent) == "perché vi serve?"


def test_an_unsure_digression_is_taken_for_the_answer() -> None:
    intent = {"name": "thank", "confidence": 0.4}
    assert mask_message("Grazia Verdi", asking="first_name", intent=intent) == f"{MASK} {MASK}"


@pytest.mark.parametrize("asking", ["profile", "consent", None])
def test_plain_words_survive_where_nothing_personal_is_asked(asking: str) -> None:
    assert mask_message("va bene, accetto", asking=asking) == "va bene, accetto"


def test_entities_are_masked_by_their_span() -> None:
    text = "sono Anna Verdi di Torino"
    entities = [
        {"entity": "first_name", "start": 5, "end": 9},
        {"entity": "last_name", "start": 10, "end": 15},
    ]
    assert mask_message(text, entities) == f"sono {MASK} {MASK} di Torino"


@pytest.mark.parametrize(
    "text",
    [
        "password: Segreta99!",
        "la password è gattonero",
        "password nuova è gatto nero",
        "kata sandi saya adalah kucing hitam",
        "sandi: kucinghitam",
        "parola d'ordine: gattonero",
        "my password is blackcat",
        "pwd = gattonero",
    ],
)
def test_what_follows_the_word_password_is_masked(text: str) -> None:
    masked = mask_message(text)
    assert not re.search(r"Segreta|gatto|nero|kucing|hitam|blackcat", masked)


def test_asking_about_passwords_is_not_giving_one() -> None:
    text = "ho dimenticato la password, come faccio?"
    assert mask_message(text) == text


@pytest.mark.parametrize(
    "text", ["BNCGLI85D43L219M", "bncgli85d43l219m", "BNCGLIURDQPLNMVS", "a@b.it", "٣٤٥٦"]
)
def test_data_without_a_span_are_masked_too(text: str) -> None:
    assert mask_message(text) == MASK


def test_a_lone_digit_stays_and_several_do_not() -> None:
    assert mask_message("il numero 2") == "il numero 2"
    assert mask_message("3 2 0 1") == " ".join([MASK] * 4)


@given(WORDS, DIGITS, WORDS)
def test_no_run_of_digits_survives(before: str, digits: str, after: str) -> None:
    assert digits not in mask_message(f"{before} {digits} {after}")


@given(TEXTS)
def test_masking_leaves_at_most_one_digit_and_no_at_sign(text: str) -> None:
    masked = mask_message(text)
    assert "@" not in masked
    assert sum(char.isdigit() for char in masked) <= 1


@given(TEXTS)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask_message(text)
    assert mask_message(once) == once


@given(TEXTS, st.sampled_from(["contact", "otp_code", "tax_code", "date_of_birth"]))
def test_nothing_but_masks_is_left_of_an_answer(text: str, asking: str) -> None:
    assert set(mask_message(text, asking=asking)) <= set(MASK) | set(filter(str.isspace, text))


def test_entity_values_are_kept_only_for_choices() -> None:
    masked = mask_entities(
        [
            {"entity": "email", "value": "a@b.it", "start": 0, "end": 6, "extra": "a@b.it"},
            {"entity": "profile", "value": "person"},
            {"entity": "profile", "value": "Anna Verdi 3201234567"},
        ]
    )
    assert masked == [
        {"entity": "email", "value": MASK},
        {"entity": "profile", "value": "person"},
        {"entity": "profile", "value": MASK},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Il suo nome utente è giulia.bianchi@example.it.",
        "User name: kupu7294mq",
        "Apra http://127.0.0.1:8000/t/Ab3-xYz_9",
        "Codice a 320 123 4519",
        "CF BNCGLI85D43L219M",
    ],
)
def test_what_the_bot_said_is_kept_without_its_data(text: str) -> None:
    masked = mask_bot_text(text) or ""
    assert MASK in masked
    for secret in ("giulia", "kupu7294", "Ab3-xYz", "1234519", "4519", "BNCGLI85"):
        assert secret not in masked


@pytest.mark.parametrize(
    ("value", "expected"),
    [("gi****@e****.it", True), ("320 *****19", True), ("BNC•••••••••219M", True), ("G•••••", True),
     ("giulia.bianchi@example.it", False), ("320 1234519", False), ("Giulia", False)],
)  # fmt: skip
def test_masks_are_told_from_values(value: str, expected: bool) -> None:
    assert looks_masked(value) is expected
