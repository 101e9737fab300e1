"""A whole application for a test: real settings, real migrations, real seeds, a clock that stands still.

Migrations and seeds run once a process; every app gets its own copy of the database they made.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from config.settings import Settings
from core.clock import FixedClock
from core.db import db
from operations import installation
from tests.support.moments import MONDAY_MORNING
from tests.support.postgres import drop_database, name_of, new_database

EVERYTHING_ON_POSTGRESQL = os.environ.get("HOTLINE_TEST_ENGINE") == "postgresql"
OFFICE = Path(__file__).resolve().parents[2] / "config" / "office.toml"


def make_app(
    folder: Path, *, at: datetime = MONDAY_MORNING, office: str | None = None, **environ: str
) -> Flask:
    """An initialised application whose data lies in `folder`; `office` is the text of an office.toml of its own.

    On SQLite, or, if HOTLINE_TEST_ENGINE says so, on a PostgreSQL database that goes when nobody holds the application.
    """
    if EVERYTHING_ON_POSTGRESQL and "DATABASE_URL" not in environ:
        if office is None:
            initialised, template = _initialised_on_postgresql()
            shutil.copytree(initialised, folder, dirs_exist_ok=True)
            url = new_database(template)
            app = _app(folder, at, {**environ, "DATABASE_URL": url})
            weakref.finalize(app, drop_database, url)
            return app
        environ["DATABASE_URL"] = new_database()
        app = make_app(folder, at=at, office=office, **environ)
        weakref.finalize(app, drop_database, environ["DATABASE_URL"])
        return app
    if office is None and "DATABASE_URL" not in environ:
        shutil.copytree(_initialised(), folder, dirs_exist_ok=True)
        return _app(folder, at, environ)
    if office is not None:
        path = folder / "office.toml"
        path.write_text(office, encoding="utf-8")
        environ["HOTLINE_OFFICE_FILE"] = str(path)
    app = _app(folder, at, environ)
    with app.app_context():
        installation.initialise()
    return app


def make_app_on(engine: str, folder: Path, *, at: datetime = MONDAY_MORNING) -> Flask:
    """The same on a named engine; PostgreSQL copies a database that was initialised once a process."""
    if engine == "sqlite":
        return make_app(folder, at=at)
    initialised, template = _initialised_on_postgresql()
    shutil.copytree(initialised, folder, dirs_exist_ok=True)
    return _app(folder, at, {"DATABASE_URL": new_database(template)})


def end_app(app: Flask) -> None:
    """Closes the app's connections; a PostgreSQL database of its own goes with it. Inside its application context."""
    db.session.remove()
    db.engine.dispose()
    url: str = app.extensions["settings"].database_url
    if url.startswith("postgresql"):
        drop_database(url)


def unprepared_app(folder: Path, **environ: str) -> Flask:
    """An application before `init`: no database, no keys unless they lie in `folder`."""
    return _app(folder, MONDAY_MORNING, environ)


def clock_of(app: Flask) -> FixedClock:
    """The clock of an app made here, to be moved."""
    clock: Any = app.extensions["clock"]
    assert isinstance(clock, FixedClock)
    return clock


def _app(folder: Path, at: datetime, environ: dict[str, str]) -> Flask:
    settings = Settings.from_environment(
        {"HOTLINE_DATA_DIR": str(folder), "SECRET_KEY": "a secret key for tests only 0123456789", **environ}
    )
    app = create_app(settings, FixedClock(at))
    app.testing = True
    return app


@cache
def _initialised() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hotline-test-"))
    app = _app(folder, MONDAY_MORNING, {})
    with app.app_context():
        installation.initialise()
        db.engine.dispose()
    return folder


@cache
def _initialised_on_postgresql() -> tuple[Path, str]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-test-"))
    url = new_database()
    app = _app(folder, MONDAY_MORNING, {"DATABASE_URL": url})
    with app.app_context():
        installation.initialise()
        db.engine.dispose()
    return folder, name_of(url)
