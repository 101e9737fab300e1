"""The ground alone: a database with all tables, keys, a clock; no pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from core.clock import FixedClock
from core.db import Base, db, init_database
from core.keys import make_keys
from mail_ingest import models as _mail_tables  # noqa: F401 - all tables have to be known
from outbox import models as _outbox_tables  # noqa: F401 - all tables have to be known
from tests.support.moments import MONDAY_MORNING
from tests.support.postgres import drop_database, new_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow])])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application context on each engine, its tables made from the models."""
    url = f"sqlite:///{tmp_path / 'ground.sqlite'}" if request.param == "sqlite" else new_database()
    app = Flask("ground")
    app.extensions["keys"] = make_keys()
    app.extensions["clock"] = FixedClock(MONDAY_MORNING)
    init_database(app, url)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()
    if request.param == "postgresql":
        drop_database(url)
