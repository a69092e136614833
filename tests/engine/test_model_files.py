from pathlib import Path

import pytest
from engine import model_files


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("data/flows", "engine/nlu", "models", "engine/.venv"):
        (tmp_path / folder).mkdir(parents=True)
    for name in (
        "domain.yml",
        "config.yml",
        "data/flows/nlu.it.yml",
        "engine/nlu/a.py",
        "engine/channel.py",
    ):
        (tmp_path / name).write_text(name, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["domain.yml", "config.yml", "data/flows/nlu.it.yml", "engine/nlu/a.py"]
)
def test_changed_content_asks_for_another_model(project: Path, name: str) -> None:
    before = model_files.fitting_model(project)
    (project / name).write_text("changed", "utf-8")
    assert model_files.fitting_model(project) != before


@pytest.mark.parametrize("name", ["engine/channel.py", "README.md", "engine/.venv/x.py"])
def test_other_changes_do_not(project: Path, name: str) -> None:
    before = model_files.fitting_model(project)
    (project / name).write_text("changed", "utf-8")
    assert model_files.fitting_model(project) == before


def test_a_moved_file_is_a_change(project: Path) -> None:
    before = model_files.content_hash(project)
    (project / "data/flows/nlu.it.yml").rename(project / "data/nlu.it.yml")
    assert model_files.content_hash(project) != before


def test_only_the_last_models_are_kept(project: Path) -> None:
    import os

    for age in range(6):
        path = project / "models" / f"sportello-{age}.tar.gz"
        path.touch()
        os.utime(path, (1000 - age, 1000 - age))
    (project / "models" / "rasa-default-x.tar.gz").touch()
    model_files.remove_old_models(project)
    assert sorted(path.name for path in (project / "models").iterdir()) == [
        "rasa-default-x.tar.gz",
        "sportello-0.tar.gz",
        "sportello-1.tar.gz",
        "sportello-2.tar.gz",
    ]


def test_parts_of_earlier_trainings_are_kept_as_long_as_the_code_is_the_same(project: Path) -> None:
    kept = model_files.cache_folder(project)
    kept.mkdir(parents=True)
    (project / "data/flows/nlu.it.yml").write_text("changed", "utf-8")
    assert model_files.cache_folder(project) == kept
    (project / "engine/nlu/a.py").write_text("changed", "utf-8")
    assert model_files.cache_folder(project) != kept
    assert not kept.exists()
