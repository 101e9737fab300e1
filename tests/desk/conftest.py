"""An application with people at their desks, and tickets to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.clock import FixedClock
from core.db import db
from tests.accounts.people import Browser, Desk
from tests.desk.office import Office
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
def office(app: Flask) -> Office:
    """Two sections with their people: clerk chen, handlers li and lin, head wang, leader zhou, and one of the other section."""
    desk = Desk(app)
    desk.account("chen", Role.CLERK, name="陈小燕")
    desk.account("li", Role.HANDLER, name="李明")
    desk.account("lin", Role.HANDLER, Role.CLERK, name="林芳")
    desk.account("wang", Role.HEAD, name="王建国")
    desk.account("zhou", Role.LEADER, sections=("zhongjiao", "chuyoujiao"), name="周局")
    desk.account("xu", Role.HANDLER, Role.CLERK, sections=("chuyoujiao",), name="许丽")
    desk.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    desk.account("guan", Role.ADMIN, sections=(), name="管理员")
    return Office(app, desk)


@pytest.fixture
def chen(office: Office) -> Browser:
    return office.signed_in("chen")


@pytest.fixture
def wang(office: Office) -> Browser:
    return office.signed_in("wang")
