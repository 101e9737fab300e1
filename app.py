"""The application: what it is made of, and `python app.py`, which serves web and scheduler in one process."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask

from accounts import access
from accounts import feature as accounts
from config.settings import Settings
from core import compression, failpoints, forms, hosts, templating
from core.clock import Clock, ShiftedClock, SystemClock
from core.db import init_database
from core.keys import load_keys
from mail_ingest import feature as mail_ingest
from operations import feature as operations
from operations.serve import serve
from outbox import feature as outbox
from reports import feature as reports
from tickets import feature as tickets


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """Makes the application; starts nothing. SettingsError names everything that is wrong with the settings."""
    settings = settings or Settings.from_environment(os.environ)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=40 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
    )
    app.extensions["settings"] = settings
    app.extensions["clock"] = clock or (
        ShiftedClock(settings.test_now) if settings.test_now else SystemClock()
    )
    if settings.key_file.exists():
        app.extensions["keys"] = load_keys(settings.key_file)
    app.extensions["blob_folder"] = settings.data_dir / "blobs"
    if settings.failpoint:
        failpoints.arm(*settings.failpoint)
    hosts.answer_only_to(app, settings.host, settings.base_url)
    forms.init_app(app)
    templating.init_app(app)
    compression.init_app(app)
    init_database(app, settings.database_url)
    for feature in (accounts, outbox, tickets, mail_ingest, reports, operations):
        feature.init_app(app)
    access.check_complete(app)
    return app


def main() -> None:
    """Serves; whatever keeps it from starting is said in a sentence, as every command says it."""
    try:
        serve(create_app())
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
