from pathlib import Path

import pytest
from engine.evaluation import HeldOut, Prediction, load_held_out, pace, score, table

ROOT = Path(__file__).resolve().parents[2]


def held_out(intent: str, *entities: "tuple[int, int, str]", language: str = "it") -> HeldOut:
    return HeldOut("x y z", language, intent, tuple(entities))


def predicted(intent: str, *entities: "tuple[int, int, str]", language: str = "it") -> Prediction:
    return Prediction(intent, (intent, "greet", "affirm", "deny"), language, tuple(entities))


def test_scores_count_sentence_by_sentence() -> None:
    truth = [held_out("greet"), held_out("register"), held_out("out_of_scope"), held_out("affirm")]
    said = [
        predicted("greet"),
        predicted("thank"),
        predicted("nlu_fallback"),
        predicted("deny", language="id"),
    ]
    scores = score(truth, said)
    assert scores.accuracy == 0.25
    assert scores.first_three == 0.5  # greet itself, and affirm as the third guess
    assert scores.out_of_scope_recall == 1.0
    assert scores.out_of_scope_precision is None  # nobody was told so
    assert scores.refused == 0.0
    assert scores.language == 0.75
    assert scores.macro_f1 == 0.25
    assert scores.entity_f1 is None


def test_an_entity_counts_only_with_its_place_and_kind() -> None:
    truth = [held_out("inform", (0, 4, "first_name"), (5, 9, "last_name"))]
    said = [predicted("inform", (0, 4, "first_name"), (5, 8, "last_name"), (0, 9, "profile"))]
    assert score(truth, said).entity_f1 == 0.5
    assert score(truth, said).name_f1 == 0.5


def test_a_customer_who_is_not_understood_is_refused() -> None:
    truth = [held_out("greet"), held_out("affirm"), held_out("out_of_scope")]
    said = [predicted("out_of_scope"), predicted("nlu_fallback"), predicted("out_of_scope")]
    scores = score(truth, said)
    assert scores.refused == 1.0
    assert scores.out_of_scope_precision == 0.5


def test_the_language_of_a_word_or_two_does_not_count() -> None:
    short = HeldOut("ok no", "it", "affirm", ())
    data = HeldOut(
        "sono Budi Budiman", "it", "inform", ((5, 9, "first_name"), (10, 17, "last_name"))
    )
    said = [predicted("affirm", language="id")]
    assert score([short], said).language is None
    assert score([data], said).language is None


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to score"):
        score([], [])


def test_a_block_without_a_language_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "it.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - ciao\n', "utf-8"
    )
    with pytest.raises(ValueError, match=r"it\.yml.*ciao"):
        load_held_out(tmp_path)


def test_the_table_has_a_row_per_model() -> None:
    text = table({"a": score([held_out("greet")], [predicted("greet")])})
    assert text.splitlines()[-1] == "| a | 1 | 1.00 | 1.00 | 1.00 | – | – | 0.00 | – | – | 1.00 |"


def test_no_held_out_sentence_was_trained_on() -> None:
    from engine.nlu.training_data import examples_with_intent
    from rasa.shared.nlu.training_data.loading import load_data

    trained = {
        _bare(example.get("text"))
        for path in (ROOT / "data").rglob("*.yml")
        if "- intent: " in path.read_text("utf-8") and path.stem not in ("rules", "endings")
        for example in examples_with_intent(load_data(str(path)))
    }
    shared = [h.text for h in load_held_out(ROOT / "tests/nlu") if _bare(h.text) in trained]
    # single words ("ok", "ciao") are said alike by everybody
    assert [text for text in shared if len(text.split()) > 2] == []


def _bare(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def test_the_pace_is_told_apart_for_what_is_nothing_but_data() -> None:
    def took(milliseconds: float, confidence: float) -> Prediction:
        return Prediction("inform", (), "it", (), confidence, milliseconds / 1000)

    said = [took(10, 0.9), took(30, 0.8), took(20, 0.7), took(1, 1.0), took(2, 1.0)]
    assert pace(said) == "20 ms a message (median), 1.5 ms where it is nothing but data"
    assert pace(said[:3]) == "20 ms a message (median)"
