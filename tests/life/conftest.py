"""A desk with people, ready to register a ticket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import db
from tests.life.support import Desk, life_app


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = life_app(tmp_path)
    with app.app_context():
        yield Desk(app)
        db.session.remove()
        db.engine.dispose()
