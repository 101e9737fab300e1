"""The commands that run an installation."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext

from operations import installation


def init_app(app: Flask) -> None:
    """Adds the commands to `flask --app app`."""
    app.cli.add_command(init)


@click.command("init")
@with_appcontext
def init() -> None:
    """Create or upgrade the database, seed sections, categories and the calendar. Safe to run again."""
    installation.initialise()
    click.echo("初始化完成。", err=True)
