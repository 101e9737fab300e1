"""The small office of the access tests, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from core.db import db
from tests.access.world import copy_for


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = copy_for(tmp_path / "data")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
