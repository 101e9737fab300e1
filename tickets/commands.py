"""`tickets …`: tickets for other programs, one JSON object a line; what people are told goes to the other stream."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from core import audit
from core.clock import OFFICE_ZONE, now
from core.db import db, transaction
from core.errors import DomainError, RanWithProblem
from core.labels import Labelled
from tickets import loading, registers, similar
from tickets.late import Group
from tickets.models import Ticket
from tickets.queries import records
from tickets.queries.records import Record
from tickets.spreadsheet import write_sheet
from tickets.vocabulary import Channel, Outcome, Status, Urgency

commands = AppGroup("tickets", help="诉求件：导出、查看、导入历史、建议、找相似。")

_BATCH = 50
_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("number", "编号", 18),
    ("external_id", "外部编号", 14),
    ("section", "股室", 14),
    ("informed", "知会股室", 14),
    ("status", "状态", 12),
    ("title", "标题", 50),
    ("school", "学校", 24),
    ("category", "类别", 8),
    ("urgency", "缓急", 8),
    ("channel", "来源", 12),
    ("received_at", "来件时间", 17),
    ("recorded_at", "登记时间", 17),
    ("accepted_at", "受理时间", 17),
    ("due_at", "办理期限", 17),
    ("answered_at", "答复时间", 17),
    ("closed_at", "办结时间", 17),
    ("overdue", "超期", 30),
    ("outcome", "结论", 14),
)


@commands.command("export")
@click.option("--format", "kind", type=click.Choice(["jsonl", "xlsx"]), required=True, help="jsonl 或 xlsx。")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="写到这个文件；jsonl 不写则为标准输出。"
)
def export(kind: str, out: Path | None) -> None:
    """导出全部诉求件（不含反映人信息）。"""
    if kind == "xlsx" and out is None:
        raise click.UsageError("导出 xlsx 要用 --out 写明文件。")
    with transaction() as session:
        audit.record(session, "tickets.exported", actor="system", format=kind)
    if out is None:
        count = _write_lines(_output(), records.records(db.session(), now()))
    else:
        try:
            with out.open("wb") as file:
                count = _write(kind, file)
        except OSError as trouble:
            raise RanWithProblem(f"文件写不了：{trouble.strerror or trouble}") from None
    click.echo(f"已导出 {count} 件。", err=True)


@commands.command("show")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="一个 JSON 对象。")
def show(number: str, *, as_json: bool) -> None:
    """看一件：文字（已隐去身份）、各时限逐日、经过。"""
    found = records.record(db.session(), number.strip().upper(), now())
    if found is None:
        raise RanWithProblem(f"没有编号为 {number} 的诉求件。")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{found['number']}　{_word(Status, found['status'])}　{found['title']}")
    for deadline in found["deadlines"]:
        click.echo(f"  {deadline['kind']}　{deadline['due_at']}　{deadline['state']}")
    for event in found["history"]:
        click.echo(f"  {event['occurred_at']}　{event['actor']}　{event['action']}　{event['reason']}")


@commands.command("load")
def load() -> None:
    """从标准输入逐行读入历史件（JSONL：id、title、body、channel、received_at、section），不发任何通知，重复读入不变。"""
    lines = _Lines()
    for batch in _batches(lines):
        try:
            with transaction() as session:
                done = loading.load(session, batch)
        except (DomainError, sa.exc.IntegrityError):
            # One line spoils the batch, or another process was loading the same: then each by itself.
            done = _one_by_one(batch, lines)
        for each in done:
            _emit(asdict(each))
    lines.complain()


def _one_by_one(batch: Sequence[Mapping[str, Any]], lines: _Lines) -> list[loading.Loaded]:
    done: list[loading.Loaded] = []
    for line in batch:
        try:
            with transaction() as session:
                done += loading.load(session, [line])
        except (DomainError, sa.exc.IntegrityError) as trouble:
            lines.refuse(str(trouble) if isinstance(trouble, DomainError) else f"{line.get('id')}：没有存成")
    return done


@commands.command("suggest")
def suggest() -> None:
    """从标准输入逐行读（JSONL：id、title、body），给出股室、类别、缓急、学校的建议。"""

    def answer(line: Mapping[str, Any]) -> Record:
        found = registers.suggester(db.session()).suggest(_text(line, "title"), _text(line, "body"))
        return {
            "id": line.get("id"),
            "section": found.section,
            "section_name": found.section_name,
            "category": found.category,
            "urgent": found.urgent,
            "alarm": found.alarm,
            "schools": [school.name for school in found.schools],
            "why": list(found.why),
        }

    _answer_each(answer)


@commands.command("similar")
@click.option("--top", default=10, show_default=True, type=click.IntRange(1, 100), help="最多几件。")
def similar_(top: int) -> None:
    """从标准输入逐行读（JSONL：id、title、body），找出最相似的诉求件；不含外部编号就是该 id 的那一件。"""

    def answer(line: Mapping[str, Any]) -> Record:
        session = db.session()
        own = str(line.get("id") or "")
        found = similar.matches(
            session,
            f"{_text(line, 'title')}\n{_text(line, 'body')}",
            limit=top,
            leave_out=sa.func.coalesce(Ticket.external_id, "") == own if own else None,
        )
        names = {
            row.id: row
            for row in session.execute(
                sa.select(Ticket.id, Ticket.number, Ticket.external_id).where(
                    Ticket.id.in_([match.ticket_id for match in found])
                )
            )
        }
        return {
            "id": line.get("id"),
            "matches": [
                {
                    "number": names[match.ticket_id].number,
                    "external_id": names[match.ticket_id].external_id,
                    "score": match.score,
                }
                for match in found
            ],
        }

    _answer_each(answer)


def _answer_each(answer: Callable[[Mapping[str, Any]], Record]) -> None:
    lines = _Lines()
    for line in lines:
        _emit(answer(line))
    lines.complain()


class _Lines:
    """The JSON objects on standard input, one a line; what is none is named on the other stream and skipped."""

    def __init__(self) -> None:
        self._refused = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for place, raw in enumerate(sys.stdin.buffer, start=1):
            if not raw.strip():
                continue
            try:
                line = json.loads(raw.decode("utf-8-sig"))
            except ValueError:
                line = None
            if isinstance(line, dict):
                yield line
            else:
                self.refuse(f"第 {place} 行不是 JSON 对象")

    def refuse(self, sentence: str) -> None:
        self._refused += 1
        click.echo(f"{sentence}。", err=True)

    def complain(self) -> None:
        """Ends the command with its exit code if a line was refused."""
        if self._refused:
            raise RanWithProblem(f"有 {self._refused} 行没有处理，见上。")


def _batches(lines: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _text(line: Mapping[str, Any], name: str) -> str:
    return str(line.get(name) or "")


def _emit(record: Mapping[str, Any]) -> None:
    _output().write(_line(record))
    _output().flush()


def _line(record: Mapping[str, Any]) -> bytes:
    return (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _output() -> BinaryIO:
    """Standard output as UTF-8 on every system, whatever the console thinks."""
    return sys.stdout.buffer


def _write(kind: str, file: BinaryIO) -> int:
    found = records.records(db.session(), now())
    if kind == "jsonl":
        return _write_lines(file, found)
    columns = [(label, width) for _, label, width in _COLUMNS]
    return write_sheet(file, "诉求件", columns, (_cells(record) for record in found), created=now())


def _write_lines(file: BinaryIO, found: Iterable[Record]) -> int:
    written = 0
    for record in found:
        file.write(_line(record))
        written += 1
    file.flush()
    return written


def _cells(record: Record) -> list[object]:
    return [_cell(name, record[name]) for name, _, _ in _COLUMNS]


def _cell(name: str, value: Any) -> object:
    """A value in the words of the screen."""
    if value is None:
        return ""
    if name in _WORDS:
        return _word(_WORDS[name], value)
    if name.endswith("_at"):
        return datetime.fromisoformat(value).astimezone(OFFICE_ZONE)
    if name == "overdue":
        return "；".join(
            f"{_word(Group, kind)} {days} {'日' if kind == Group.LEGAL.value else '个工作日'}"
            for kind, days in value.items()
        )
    return "、".join(value) if isinstance(value, list) else value


_WORDS: Mapping[str, type[Labelled]] = {
    "status": Status,
    "urgency": Urgency,
    "channel": Channel,
    "outcome": Outcome,
}


def _word(words: type[Labelled], value: str) -> str:
    return next(each.label for each in words if each.value == value)
