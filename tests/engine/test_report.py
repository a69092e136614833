"""The page of `make nlu`."""

from pathlib import Path

from engine import report
from engine.evaluation import HeldOut, Prediction, score


def test_the_page_shows_scores_pictures_and_the_surest_mistakes(tmp_path: Path) -> None:
    meant = [HeldOut("ciao", "it", "greet", ()), HeldOut("<b>no</b>", "it", "deny", ())]
    heard = [
        Prediction("greet", ("greet",), "it", (), 0.9),
        Prediction("thank", ("thank",), "it", (), 0.8),
    ]
    pairs = list(zip(meant, heard, strict=True))
    page = report.write(tmp_path / "nlu", {"us": score(meant, heard)}, pairs)

    text = page.read_text("utf-8")
    assert "<td>0.500</td>" in text
    assert "&lt;b&gt;no&lt;/b&gt;" in text
    assert "ciao" not in text
    for picture in ("confusion.it.png", "sureness.it.png"):
        assert picture in text
        assert (page.parent / picture).stat().st_size > 1000
