"""The migrated database is the one the models describe, on both engines, constraints and triggers included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy.engine import Connection, Engine

from core.db import Base, db
from core.errors import CannotStart
from operations import installation
from tests.support.app import make_app
from tests.support.postgres import drop_database, new_database

ENGINES = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow])]


@pytest.fixture(params=ENGINES)
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An installation made by `init`."""
    url = "" if request.param == "sqlite" else new_database()
    app = make_app(tmp_path, DATABASE_URL=url) if url else make_app(tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if url:
        drop_database(url)


@pytest.fixture
def from_models(migrated: Flask, tmp_path: Path) -> Iterator[Engine]:
    """The same tables, made from the models directly, on the same engine."""
    url = f"sqlite:///{tmp_path / 'models.sqlite'}" if db.engine.dialect.name == "sqlite" else new_database()
    engine = sa.create_engine(url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
    if url.startswith("postgresql"):
        drop_database(url)


def test_alembic_sees_no_difference(migrated: Flask) -> None:
    def include(name: str | None, kind: str, _parents: Any) -> bool:
        by_hand = kind in {"table", "index"} and str(name).startswith(("ticket_search_", "alembic_version"))
        return not by_hand and name != "ix_ticket_search_words"

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": include, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_tables_constraints_indexes_and_triggers_are_equal(migrated: Flask, from_models: Engine) -> None:
    with db.engine.connect() as one, from_models.connect() as other:
        assert described(one) == described(other)


def described(connection: Connection) -> dict[str, Any]:
    """Everything a database tells of its tables, without the order in which it was made."""
    look = sa.inspect(connection)
    tables = {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in look.get_columns(table)
            },
            "primary key": look.get_pk_constraint(table)["constrained_columns"],
            "unique": sorted(tuple(each["column_names"]) for each in look.get_unique_constraints(table)),
            "checks": sorted(
                f"{each['name']}: {each['sqltext']}" for each in look.get_check_constraints(table)
            ),
            "foreign keys": sorted(
                (each["constrained_columns"], each["referred_table"]) for each in look.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (
                    str(each["name"]),
                    bool(each["unique"]),
                    str({name: str(value) for name, value in each.get("dialect_options", {}).items()}),
                )
                for each in look.get_indexes(table)
            ),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }
    return {"tables": tables, "triggers": triggers(connection)}


def triggers(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name || ': ' || sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname || ': ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    return sorted(connection.exec_driver_sql(query).scalars())


def test_init_may_run_again_and_changes_nothing(migrated: Flask) -> None:
    def counts() -> dict[str, int]:
        with db.engine.connect() as connection:
            return {
                table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in Base.metadata.sorted_tables
            }

    before = counts()
    installation.initialise()
    assert counts() == before
    assert before["section"] == 2
    assert before["calendar_year"] == 4


def test_a_database_that_a_newer_program_upgraded_is_refused(migrated: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CannotStart, match="更新版本"):
        installation.initialise()


def test_a_lost_key_file_stops_the_start_and_says_what_to_do(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.extensions["settings"].key_file.unlink()
    again = make_app_again(tmp_path)
    with again.app_context(), pytest.raises(CannotStart, match="密钥副本放回原处"):
        installation.initialise()
    with again.app_context():
        db.engine.dispose()
    with app.app_context():
        db.engine.dispose()


def make_app_again(folder: Path) -> Flask:
    from app import create_app
    from config.settings import Settings

    return create_app(
        Settings.from_environment({"HOTLINE_DATA_DIR": str(folder), "SECRET_KEY": "x1y2z3" * 8})
    )
