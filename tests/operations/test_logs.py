"""Log lines tell what happened and where, never what somebody wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import db, transaction
from operations.logs import JSONLines, PlainLines, log_to_files
from tests.operations.support import let_go
from tests.support.app import make_app

SECRET = "孩子叫林小满，电话 13900001111"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    yield app
    let_go(app)


def record(message: str, *words: object, error: BaseException | None = None) -> logging.LogRecord:
    trouble = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("a.place", logging.ERROR, __file__, 1, message, words, trouble)


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    def fail() -> None:
        raise error from cause

    with pytest.raises(type(error)) as caught:
        fail()
    return caught.value


@pytest.mark.parametrize("form", [JSONLines(), PlainLines()])
def test_an_error_is_told_by_its_kind_and_place_and_not_by_its_words(form: logging.Formatter) -> None:
    error = raised(ValueError(f"cannot read {SECRET}"), KeyError(SECRET))
    line = form.format(record("job %s failed", "mail.poll", error=error))
    assert "builtins.ValueError <- builtins.KeyError" in line
    assert "test_logs.py" in line
    assert "林小满" not in line
    assert "\n" not in line


def test_what_the_system_itself_says_is_kept() -> None:
    line = json.loads(JSONLines().format(record("no", error=raised(OSError(28, "No space left on device")))))
    assert line["error"] == "builtins.OSError: No space left on device"


@pytest.mark.parametrize("form", [JSONLines(), PlainLines()])
def test_a_line_cannot_be_ended_or_coloured_from_outside(form: logging.Formatter) -> None:
    line = form.format(record("mail from %s", "a\r\n2026 ERROR forged\x1b[31m"))
    assert not {"\r", "\n", "\x1b"} & set(line)


def test_a_statement_that_fails_does_not_quote_what_was_to_be_stored(app: Flask) -> None:
    statement = sa.text("INSERT INTO section (id, slug) VALUES (1, :words)")
    with app.app_context():
        with pytest.raises(sa.exc.IntegrityError) as caught, transaction() as session:
            session.execute(statement, {"words": SECRET})
        line = JSONLines().format(record("no", error=caught.value))
        assert "IntegrityError" in line
        assert "林小满" not in line + str(caught.value)
        db.session.remove()


def test_files_turn_over_and_belong_to_the_office_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.logs.FILE_BYTES", 2000)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    log_to_files(tmp_path / "logs", "web")
    try:
        for number in range(50):
            logging.getLogger("a.place").info("line %d", number)
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) > 2
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert {line["message"] for line in lines} == {f"line {number}" for number in range(50)}
    assert (tmp_path / "logs").stat().st_mode & 0o077 == 0
