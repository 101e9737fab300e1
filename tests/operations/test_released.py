"""What a released version has kept is read by this one, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.db import db
from operations import installation
from tests.operations.released import KEPT, TICKETS, versions
from tests.operations.support import PHONE, empty_database, let_go, run, run_json
from tests.operations.test_backup import backup_file, restored
from tickets import identity
from tickets.models import Ticket

ENGINES = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow])]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("version", versions())
def test_a_released_versions_data_is_upgraded(version: str, engine: str, tmp_path: Path) -> None:
    kept = KEPT / version
    with empty_database(engine) as url:
        app = restored(backup_file(kept), tmp_path / "new", kept / "keys.json", url)
        with app.app_context():
            assert installation.database_revision() == installation.newest_revision()
            tickets = db.session().scalars(sa.select(Ticket)).all()
            assert len(tickets) == TICKETS
            people = identity.open_complainants(db.session(), tickets[0])
            assert people[0].phone == PHONE
            db.session.remove()
        assert run_json(app, "audit", "verify")["ok"] is True
        assert run(app, "init").exit_code == 0
        let_go(app)


def test_the_present_version_is_kept_too() -> None:
    assert installation.program_version() in versions(), "python -m tests.operations.released"
