"""Two thousand tickets, once for all tests of this folder: nothing here changes them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from accounts.actor import SYSTEM
from accounts.models import Account
from accounts.vocabulary import Role
from benchmarks.fill import fill
from core.clock import now
from core.db import Base, db, transaction
from demo.filling import SCHOOLS
from tests.accounts.people import Desk
from tests.support.app import end_app, make_app_on
from tickets.models import Ticket
from tickets.schools import load_schools, read_schools

TICKETS = 2_000


@pytest.fixture(scope="module")
def filled() -> Iterator[Flask]:
    """An office with many closed tickets, some open ones, and a head and a leader who sign in."""
    yield from _office("sqlite")


@pytest.fixture(scope="module")
def filled_on_postgresql() -> Iterator[Flask]:
    """The same on PostgreSQL."""
    yield from _office("postgresql")


def _office(engine: str) -> Iterator[Flask]:
    with tempfile.TemporaryDirectory() as name:
        app = make_app_on(engine, Path(name))
        desk = Desk(app)
        desk.account("chief", Role.HEAD, Role.HANDLER)
        desk.account("boss", Role.LEADER, sections=("zhongjiao", "chuyoujiao"))
        with app.app_context():
            with transaction() as session:
                load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
            with db.engine.begin() as connection:
                for index in Base.metadata.tables["ticket"].indexes:
                    index.create(connection, checkfirst=True)
            fill(TICKETS, until=now())
            assert db.session().query(Ticket).count() == TICKETS
            assert db.session().query(Account).count() == 2
            db.session.remove()
        yield app
        with app.app_context():
            end_app(app)
