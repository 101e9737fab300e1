"""A desk with schools, and a ticket in work with an order on its way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import db
from tests.life.support import life_app
from tests.orders.support import OrderDesk, add_schools


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OrderDesk]:
    app = life_app(tmp_path)
    with app.app_context():
        add_schools()
        desk = OrderDesk(app)
        desk.open_ticket()
        yield desk
        db.session.remove()
        db.engine.dispose()
