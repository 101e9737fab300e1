"""`schools load FILE`: the register of schools from a list."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from accounts.actor import SYSTEM
from core.db import transaction
from core.errors import DomainError, RanWithProblem
from tickets.school_table import read_table
from tickets.schools import load_schools, rows_of, sound

commands = AppGroup("schools", help="学校名单。")


@commands.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Enter the schools of a list, CSV or xlsx (name,aliases,stage,town,area,ownership,parent,…); safe to run again."""
    try:
        lines = sound(read_table(rows_of(file.name, file.read_bytes())))
        with transaction() as session:
            done = load_schools(session, lines, actor=SYSTEM)
    except DomainError as error:
        raise RanWithProblem(str(error)) from error
    click.echo(f"学校名单：新增 {done.added} 所，更新 {done.changed} 所。")
