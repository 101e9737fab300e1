"""A whole application on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from accounts.actor import SYSTEM
from core.db import transaction
from demo.filling import SCHOOLS
from tests.support.app import end_app, make_app_on
from tickets.schools import load_schools, read_schools


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow])])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An initialised office with its schools, in an application context, on a Monday at nine."""
    app = make_app_on(request.param, tmp_path)
    with app.app_context():
        with transaction() as session:
            load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
        yield app
        end_app(app)
