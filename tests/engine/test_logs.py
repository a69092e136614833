import io
import logging

from engine.logs import FramesOnlyFormatter, _OnlyTheTemplate

CUSTOMER = "anna.verdi@posta.example"


def logged(name: str, write: "callable") -> str:  # type: ignore[valid-type]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FramesOnlyFormatter("%(name)s %(message)s"))
    handler.addFilter(_OnlyTheTemplate())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    logger.propagate = False
    try:
        write(logger)
    finally:
        logger.removeHandler(handler)
        logger.propagate = True
    return stream.getvalue()


def fail() -> None:
    try:
        raise KeyError(CUSTOMER)
    except KeyError as error:
        raise ValueError(f"cannot read {CUSTOMER}") from error


def test_a_traceback_names_frames_and_errors_but_no_messages() -> None:
    def write(logger: logging.Logger) -> None:
        try:
            fail()
        except ValueError:
            logger.exception("the turn failed")

    text = logged("engine.test", write)
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "test_logs.py" in text
    assert CUSTOMER not in text


def test_rasa_modules_that_quote_customers_are_cut_to_their_template() -> None:
    text = logged(
        "rasa.core.tracker_store", lambda logger: logger.error("Error while saving: %s", CUSTOMER)
    )
    assert CUSTOMER not in text
    text = logged(
        "rasa.core.actions.action",
        lambda logger: logger.error(
            f"Custom action failed on the long way to somewhere else: {CUSTOMER}"
        ),
    )
    assert CUSTOMER not in text
