"""`schools load FILE`: the register of schools from a CSV file."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from accounts.actor import SYSTEM
from core.db import transaction
from core.errors import DomainError, RanWithProblem
from tickets.schools import load_schools, read_schools

commands = AppGroup("schools", help="学校名单。")


@commands.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Enter the schools of a CSV file (name,aliases,stage,town,area,ownership,parent); safe to run again."""
    try:
        lines = read_schools(file.read_text(encoding="utf-8"))
        with transaction() as session:
            done = load_schools(session, lines, actor=SYSTEM)
    except UnicodeDecodeError as error:
        raise RanWithProblem("这个文件不是 UTF-8 编码。请在表格软件里另存为“CSV UTF-8”。") from error
    except DomainError as error:
        raise RanWithProblem(str(error)) from error
    click.echo(f"学校名单：新增 {done.added} 所，更新 {done.changed} 所。")
