"""The content lint: what it finds, and on which line."""

from __future__ import annotations

from pathlib import Path

from tools.check import examples, responses

INTENTS, ENTITIES = {"greet", "inform", "faq"}, {"email"}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def response(*variations: str) -> str:
    return "responses:\n  utter_x:\n" + "".join(variations)


def variation(language: str | None, text: str, button: str | None = None) -> str:
    lines = ["  - "]
    if language:
        lines = [
            f"  - condition: [{{type: slot, name: language, value: {language}}}]\n    ",
        ]
    lines.append(f'text: "{text}"\n')
    if button:
        lines.append(f"    buttons: [{{title: '{button}', payload: /greet}}]\n")
    return "".join(lines)


def findings_in_responses(path: Path) -> list[str]:
    found = responses.check([path], facts={"app_name"})
    return [str(finding) for finding in found if finding.file != "data"]


def test_three_languages_with_a_default_are_fine(tmp_path: Path) -> None:
    text = response(variation("it", "Ciao"), variation("id", "Halo"), variation(None, "Hello"))

    assert findings_in_responses(write(tmp_path, "r.yml", text)) == []


def test_a_missing_language_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "r.yml", response(variation("it", "Ciao"), variation(None, "Hello")))

    assert findings_in_responses(path) == [f"{path}:2: utter_x is missing in id"]


def test_a_response_that_could_fall_silent_is_found(tmp_path: Path) -> None:
    text = response(variation("it", "Ciao"), variation("id", "Halo"), variation("en", "Hello"))

    assert "fall silent" in findings_in_responses(write(tmp_path, "r.yml", text))[0]


def test_languages_must_take_the_same_placeholders(tmp_path: Path) -> None:
    text = response(
        variation("it", "{app_name}"), variation("id", "{app_name}"), variation(None, "Hello")
    )

    assert "differ" in findings_in_responses(write(tmp_path, "r.yml", text))[0]


def test_a_placeholder_that_nobody_fills_is_found(tmp_path: Path) -> None:
    text = response(*(variation(language, "{nonsense}") for language in ("it", "id", None)))

    assert "nobody fills {nonsense}" in findings_in_responses(write(tmp_path, "r.yml", text))[0]


def test_a_button_title_has_twenty_characters_at_most(tmp_path: Path) -> None:
    def with_title(title: str) -> list[str]:
        text = response(*(variation(lang, "Hi", title) for lang in ("it", "id", None)))
        return findings_in_responses(write(tmp_path, "r.yml", text))

    assert with_title("x" * 20) == []
    assert len(with_title("x" * 21)) == 3


def test_one_key_in_two_files_is_found(tmp_path: Path) -> None:
    text = response(variation("it", "Ciao"), variation("id", "Halo"), variation(None, "Hello"))
    paths = [write(tmp_path, name, text) for name in ("a.yml", "b.yml")]

    found = [f for f in responses.check(paths, set()) if f.file != "data"]
    assert [finding.line for finding in found] == [2]
    assert str(paths[0]) in found[0].what


def test_a_remark_without_words_is_found() -> None:
    assert any("utter_code_sent" in finding.what for finding in responses.check([], set()))


def test_a_decision_that_nobody_would_hear_of_is_found() -> None:
    found = " ".join(finding.what for finding in responses.check([], set()))

    assert "utter_request_rejected__document_expired " in found
    assert "decided so: approved" in found
    assert "decided so: rejected__document_expired" in found
    assert "decided so: submitted" not in found


def findings_in_examples(folder: Path, *lines: str, intent: str = "greet") -> list[str]:
    text = f"nlu:\n- intent: {intent}\n  metadata: {{language: it}}\n  examples: |\n"
    path = write(folder, "nlu.it.yml", text + "".join(f"    - {line}\n" for line in lines))
    return [str(f.line) + " " + f.what for f in examples.check([path], INTENTS, ENTITIES)]


def test_sound_examples_are_fine(tmp_path: Path) -> None:
    assert findings_in_examples(tmp_path, "ciao", "scriva a [a@b.it](email)") == []


def test_a_bracket_that_does_not_close_is_found_on_its_line(tmp_path: Path) -> None:
    assert findings_in_examples(tmp_path, "ciao", "scriva a [a@b.it](email")[0].startswith("6 ")


def test_the_same_words_twice_are_found_whatever_the_case(tmp_path: Path) -> None:
    assert "stands in" in findings_in_examples(tmp_path, "Ciao, come va", "ciao come va?")[0]


def test_nearly_the_same_words_are_found_even_under_another_intent(tmp_path: Path) -> None:
    def block(intent: str, line: str) -> str:
        return f"- intent: {intent}\n  metadata: {{language: it}}\n  examples: |\n    - {line}\n"

    one = block("greet", "vorrei cambiare la password del sito")
    text = f"nlu:\n{one}{block('thank', 'vorrei cambiar la password dal sito')}"
    path = write(tmp_path, "nlu.it.yml", text)

    [finding] = examples.check([path], {*INTENTS, "thank"}, ENTITIES)
    assert finding.line == 9
    assert "is nearly" in finding.what
    assert "(greet)" in finding.what


def test_short_words_and_answers_may_be_alike(tmp_path: Path) -> None:
    assert findings_in_examples(tmp_path, "va bene", "va bené") == []
    data = ("scriva ad [anna.rossi@a.example](email)", "scriva ad [anna.russi@a.example](email)")
    assert findings_in_examples(tmp_path, *data, intent="inform") == []
    assert "nearly" in findings_in_examples(tmp_path, *data)[0]


def test_names_unknown_to_the_domain_are_found(tmp_path: Path) -> None:
    assert "not in the domain" in findings_in_examples(tmp_path, "ciao", intent="hug")[0]
    assert "entity" in findings_in_examples(tmp_path, "il [gatto](animal)")[0]
