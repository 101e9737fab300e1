"""The roof: migrations, the commands that run an installation, health."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from core.db import db
from operations import commands
from operations.audit_commands import commands as audit_commands
from operations.backup.commands import commands as backup_commands
from operations.installation import MIGRATIONS


def init_app(app: Flask) -> None:
    """Registers migrations and commands."""
    Migrate(app, db, directory=str(MIGRATIONS))
    commands.init_app(app)
    for group in (backup_commands, audit_commands):
        app.cli.add_command(group)
