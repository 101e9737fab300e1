"""`backup create`, `backup verify`, `backup restore`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from core.db import end_read
from operations import installation
from operations.backup import keeping
from operations.backup.checking import check
from operations.backup.making import create
from operations.backup.restoring import restore

commands = AppGroup("backup", help="备份：制作、检查、恢复。密钥文件不在备份里，要另外封存。")
_FILE = click.Path(dir_okay=False, path_type=Path)


@commands.command("create")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="备份文件夹。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def create_(*, out: Path, as_json: bool) -> None:
    """做一份备份；系统照常运行。"""
    made = create(out)
    keeping.note_made(made)
    if as_json:
        plain = {"file": str(made.file), "rows": made.rows, "blobs": made.manifest.blobs}
        click.echo(json.dumps(plain, ensure_ascii=False))
        return
    click.echo(f"已备份：{made.file}（记录 {made.rows} 条，附件和邮件原件 {made.manifest.blobs} 个）。")


@commands.command("verify")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def verify(*, file: Path, as_json: bool) -> None:
    """打开一份备份，逐项检查。"""
    found = check(file)
    end_read()
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    elif found.ok:
        click.echo(
            f"备份完好：{found.manifest.created_at:%Y-%m-%d %H:%M} UTC，记录 {sum(found.manifest.counts.values())} 条，"
            f"附件和邮件原件 {found.manifest.blobs} 个，审计记录 {found.chain.rows} 条校验无误。"
        )
    for problem in () if as_json else found.problems:
        click.echo(problem)
    if not found.ok:
        raise click.exceptions.Exit(1)


@commands.command("restore")
@click.argument("file", type=_FILE)
def restore_(*, file: Path) -> None:
    """从备份恢复到一个空的数据库（SQLite 或 PostgreSQL 都可以）。"""
    installation.prepare_folder()
    done = restore(file)
    installation.initialise()
    click.echo(
        f"已恢复 {done.manifest.created_at:%Y-%m-%d %H:%M} UTC 的备份：记录 {sum(done.manifest.counts.values())} 条，"
        f"附件和邮件原件 {done.blobs} 个，审计记录 {done.chain.rows} 条校验无误。"
    )
    if done.missing:
        click.echo(
            f"有 {done.missing} 个附件或邮件原件在备份里找不到。邮件会在下次收取后补回；请运行 mail reconcile 核对。"
        )
        raise click.exceptions.Exit(1)
