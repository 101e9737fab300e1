"""An application with its people, and browsers that are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from core.clock import FixedClock
from core.db import db
from tests.accounts.people import Desk
from tests.support.app import clock_of, make_app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "data")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def clock(app: Flask) -> FixedClock:
    return clock_of(app)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)
