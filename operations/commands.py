"""The commands that run an installation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from core.db import end_read
from core.keys import keys_in_use
from operations import doctor as examining
from operations import installation
from operations.logs import log_to_files, log_to_stderr
from operations.worker import work

if TYPE_CHECKING:
    from config.settings import Settings

_MARKS = {"ok": "正常", "warning": "请处理", "error": "有问题"}


def init_app(app: Flask) -> None:
    """Adds the commands to `flask --app app`."""
    for command in (init, doctor, worker):
        app.cli.add_command(command)


@click.command("init")
@with_appcontext
def init() -> None:
    """建立或升级数据库，填入股室、类别、日历；可以重复运行。"""
    installation.initialise()
    click.echo("初始化完成。", err=True)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
@with_appcontext
def doctor(*, as_json: bool) -> None:
    """检查整个系统：每项一句话，说明要不要处理。"""
    keys_in_use()
    if installation.database_revision() is not None:
        installation.check_schema_not_newer()
    found = examining.examine()
    end_read()
    if as_json:
        click.echo(json.dumps(examining.as_json(found), ensure_ascii=False))
    else:
        for check in examining.by_gravity(found):
            click.echo(f"{_MARKS[check.level]}\t{check.name}\t{check.message}")
    if not all(check.ok for check in found):
        raise click.exceptions.Exit(1)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """只运行后台任务（收信、发信、提醒、备份），不开网页；可以同时开几个。"""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the threads need the app itself
    settings: Settings = app.extensions["settings"]
    log_to_stderr()
    log_to_files(settings.data_dir / "logs", "worker")
    work(app)
