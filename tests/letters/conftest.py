"""The office of the tests of letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import db
from demo.mail_sink import MailSink
from tests.letters.place import Place, office_text
from tests.support.app import make_app


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    sink = MailSink().start()
    (tmp_path / "data").mkdir()
    app = make_app(tmp_path / "data", office=office_text(sink.port))
    yield Place(app, sink)
    sink.stop()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
