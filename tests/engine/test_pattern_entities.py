import pytest
from engine.nlu.pattern_entities import PatternEntities, find_data
from engine.nlu.patterns import passes_luhn
from engine.nlu.structured import is_structured
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

FORMS = {
    "email": ["anna.verdi@posta.example", "a+b@mail.example.co.id", "anna punto verdi chiocciola posta punto example"],
    "mobile": ["347 1182207", "+39 333 904 1188", "0039 366 2041878", "320.771.4460", "0812 7745 3097",
               "+62 878-5512-6641", "085266109438", "+44 7911 123456"],
    "tax_code": ["BNCGLI85D43L219M", "bnc gli 85d43 l219m", "BNCGLIURDQPLNMVS"],
    "vat_number": ["02661660379", "IT02661660379", "026 6166 0379"],
    "policy_number": ["401122334", "401 122 334", "00120451", "INA-55120", "cg 77001", "GRP-2201-0007",
                      "DPLK-300011", "dplk 300 011"],
    "otp_code": ["739204", "739 204", "7 3 9 2 0 4", "sette tre nove due zero quattro", "G-739204"],
    "date_of_birth": ["03/04/1985", "3.4.85", "1985-04-03", "3 aprile 1985", "3 april 1985", "3rd of April 1985",
                      "April 3, 1985", "primo aprile millenovecentoottantacinque", "tiga april delapan puluh lima"],
    "request_number": ["REQ-884213", "pratica n. 12345", "tiket A-10938", "2026/04418"],
    "username": ["kupu7294mq"],
}  # fmt: skip


@pytest.mark.parametrize(("entity", "text"), [(e, t) for e, texts in FORMS.items() for t in texts])
def test_each_form_is_found(entity: str, text: str) -> None:
    assert entity in [found["entity"] for found in find_data(text)]
    assert entity in [found["entity"] for found in find_data(f"allora, {text}, grazie")]


@pytest.mark.parametrize(
    "text",
    [
        "dopo quanto posso chiederne un altro?",
        "ho 2 polizze",
        "vale 2 minuti",
        "anno 2026",
        "il 15000-37 non risponde",
    ],
)
def test_ordinary_sentences_hold_no_data(text: str) -> None:
    assert find_data(text) == []


def test_a_label_decides_between_two_readings() -> None:
    assert [e["entity"] for e in find_data("pratica 739204")] == ["request_number"]
    assert [e["entity"] for e in find_data("lahir 03041985")] == ["date_of_birth"]
    assert [e["entity"] for e in find_data("polizza 739204")] == ["policy_number"]


def test_one_span_has_one_entity() -> None:
    found = find_data("mail anna@posta.example cell 3471182207, codice 739204, CF BNCGLI85D43L219M")
    assert [e["entity"] for e in found] == ["email", "mobile", "otp_code", "tax_code"]


def test_values_are_as_written() -> None:
    assert find_data("il mio cell è 347 118.2207!")[0]["value"] == "347 118.2207"


@pytest.mark.parametrize(
    "text", ["739 204", "BNCGLI85D43L219M.", "(401122334)", "anna@posta.example, 3471182207"]
)
def test_nothing_but_data_is_structured(text: str) -> None:
    assert is_structured(PatternEntities().process([Message({"text": text})])[0])


@pytest.mark.parametrize("text", ["il codice è 739204", "ciao", "", "?!"])
def test_anything_with_words_or_without_data_is_not(text: str) -> None:
    assert not is_structured(PatternEntities().process([Message({"text": text})])[0])


@given(st.text(max_size=300))
def test_spans_are_in_order_apart_and_true_to_the_text(text: str) -> None:
    position = 0
    for found in find_data(text):
        assert found["start"] >= position
        assert text[found["start"] : found["end"]] == found["value"] != ""
        position = found["end"]


def test_the_check_digit_of_a_vat_number() -> None:
    assert passes_luhn("02661660379")
    assert not passes_luhn("02661660378")
