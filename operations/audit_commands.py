"""`audit anchor`, `audit verify`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from core.clock import now
from operations import auditing

commands = AppGroup("audit", help="审计记录：留存校验值、核对。")
_FILE = click.Path(dir_okay=False, path_type=Path)


@commands.command("anchor")
@click.option(
    "--out", required=True, type=_FILE, help="写到哪个文件（每次追加一行），要放在别人改不到的地方。"
)
def anchor(*, out: Path) -> None:
    """把审计记录现在的末端校验值写到系统之外。"""
    written = auditing.write_anchor(out, moment=now())
    click.echo(f"已写入第 {written.seq} 条的校验值：{written.mac}")


@commands.command("verify")
@click.option("--anchor", "file", type=_FILE, help="以前留存的校验值文件。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def verify(*, file: Path | None, as_json: bool) -> None:
    """核对审计记录，并按办理经过重算每件的状态和期限。"""
    found = auditing.verify(auditing.read_anchors(file) if file else None)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        click.echo(found.sentence)
        for problem in found.problems:
            click.echo(problem)
    if not found.ok:
        raise click.exceptions.Exit(1)
