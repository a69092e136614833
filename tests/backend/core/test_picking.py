"""Which of the offered things an answer means."""

from __future__ import annotations

import pytest

from backend.core.flow import Choice
from backend.core.picking import pick, told_apart

DOCUMENTS = (
    Choice("d_terms", "Condizioni di polizza"),
    Choice("d_receipt", "Quietanza di pagamento 2026"),
    Choice("d_certificate", "Certificato"),
)
POLICIES = (Choice("p1", "GenSalute Famiglia"), Choice("p2", "Casa Sicura"))
INDONESIAN = (Choice("d1", "Polis"), Choice("d2", "Bukti Pembayaran Premi 2026"))


@pytest.mark.parametrize(
    ("said", "choices", "meant"),
    [
        ("d_receipt", DOCUMENTS, "d_receipt"),
        ("certificato", DOCUMENTS, "d_certificate"),
        ("CONDIZIONI DI POLIZZA", DOCUMENTS, "d_terms"),
        ("mi apra il certificato, grazie", DOCUMENTS, "d_certificate"),
        ("la quietanza", DOCUMENTS, "d_receipt"),
        ("quella di pagamento", DOCUMENTS, "d_receipt"),
        ("quella del 2026", DOCUMENTS, "d_receipt"),
        ("2", DOCUMENTS, "d_receipt"),
        ("la terza", DOCUMENTS, "d_certificate"),
        ("the last one", DOCUMENTS, "d_certificate"),
        ("numero 1", DOCUMENTS, "d_terms"),
        ("quella della casa", POLICIES, "p2"),
        ("gensalute famiglia", POLICIES, "p1"),
        ("yang kedua", POLICIES, "p2"),
        ("bukti bayar premi", INDONESIAN, "d2"),
        ("polisnya", INDONESIAN, None),
        ("0", DOCUMENTS, None),
        ("4", DOCUMENTS, None),
        ("la prima o la seconda", DOCUMENTS, None),
        ("di", DOCUMENTS, None),
        ("boh", DOCUMENTS, None),
        ("", DOCUMENTS, None),
        ("\N{ARABIC-INDIC DIGIT TWO}", DOCUMENTS, "d_receipt"),
        ("\N{CIRCLED DIGIT TWO}", DOCUMENTS, "d_receipt"),
        ("casa o gensalute", POLICIES, None),
    ],
)
def test_an_answer_means_one_choice_or_none(
    said: str, choices: tuple[Choice, ...], meant: str | None
) -> None:
    assert pick(said, choices) == meant


def test_a_title_of_its_own_stays_as_it_is() -> None:
    told = told_apart([(POLICIES[0], "*****334"), (POLICIES[1], "*****335")])

    assert told == POLICIES


def test_equal_titles_are_told_apart_and_understood() -> None:
    twins = [(Choice("p1", "Casa Sicura"), "****334"), (Choice("p2", "Casa Sicura"), "****335")]

    told = told_apart(twins)

    assert [one.title for one in told] == ["Casa Sicura (****334)", "Casa Sicura (****335)"]
    assert pick("casa sicura", told) is None
    assert pick("quella che finisce con 335", told) == "p2"
    assert pick(told[0].title, told) == "p1"
