"""`reports …`: builds bulletins from the terminal, and makes up those that are due."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from core.clock import OFFICE_ZONE, now
from core.db import db, end_read
from core.errors import RanWithProblem
from core.progress import on_terminal
from reports import freezing, periods, records
from reports.bulletins import Unbalanced
from reports.contents import BulletinKind, Span
from reports.freezing import File, NotFinished

commands = AppGroup("reports", help="数据专报：生成、补出到期的。")
DIFFERENCES = "差异清单.txt"


@commands.command("build")
@click.option("--kind", type=click.Choice([each.value for each in BulletinKind]), required=True)
@click.option("--period", required=True, help="2026-W47、2026-11、2026-Q4 或 2026。")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--draft", "as_draft", is_flag=True, help="只算不留，没有编号；没结束的期间必须加。")
@click.option("--cutoff", default="", help="草稿的截止时间，如 2026-11-23T15:20；不写为现在。")
def build(*, kind: str, period: str, out: Path, as_draft: bool, cutoff: str) -> None:
    """生成一期专报的 docx、xlsx、html；结束了的期间只算一次，以后给出的是同一份文件。"""
    span = _span(BulletinKind(kind), period)
    if cutoff and not as_draft:
        raise click.UsageError("--cutoff 只能和 --draft 一起用。")
    try:
        files = _draft_files(span, cutoff) if as_draft else _frozen_files(span)
    except Unbalanced as trouble:
        _write_differences(out, trouble)
        raise RanWithProblem(str(trouble)) from trouble
    except (NotFinished, periods.UnknownPeriod) as refusal:
        raise RanWithProblem(str(refusal)) from refusal
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        (out / file.name).write_bytes(file.content)
        click.echo(str(out / file.name))


@commands.command("run-due")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def run_due(*, as_json: bool) -> None:
    """补出所有到期而没有出的专报。"""
    with on_terminal():
        run = freezing.run_due()
    made = [
        {"number": each.number, "kind": each.kind.value, "period": each.period, "title": each.title}
        for each in run.made
    ]
    failed = [
        {"kind": span.kind.value, "period": span.name, "differences": list(differences)}
        for span, differences in run.failed
    ]
    if as_json:
        click.echo(json.dumps({"ok": run.ok, "made": made, "failed": failed}, ensure_ascii=False))
    else:
        for each in made:
            click.echo(f"{each['number']}\t{each['title']}")
        for span, differences in run.failed:
            click.echo(f"{span.label}没有出：{'；'.join(differences)}", err=True)
    if not run.ok:
        raise click.exceptions.Exit(1)


def _span(kind: BulletinKind, period: str) -> Span:
    try:
        return periods.parse(kind, period, records.report_settings().period_ends)
    except periods.UnknownPeriod as error:
        raise click.UsageError(str(error)) from error


def _frozen_files(span: Span) -> list[File]:
    found = freezing.freeze(span)
    files = freezing.files_of(db.session(), found.id)
    end_read()
    return files


def _draft_files(span: Span, cutoff: str) -> list[File]:
    bulletin = freezing.draft(periods.draft_cut(span, _moment(cutoff) if cutoff else now()))
    return [
        File(name=freezing.file_name(bulletin, kind), content=content)
        for kind, content in freezing.rendered(bulletin).items()
    ]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--cutoff“{text}”不是时间，请写成 2026-11-23T15:20 这样。") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)


def _write_differences(out: Path, trouble: Unbalanced) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / DIFFERENCES).write_text("\n".join(trouble.differences) + "\n", encoding="utf-8")
    for line in trouble.differences:
        click.echo(line, err=True)
