"""`mail …`: what scripts and the person at the terminal do with mail. Logs go to stderr, results to stdout."""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from core import audit, leases
from core.clock import now
from core.db import db, end_read, transaction
from core.errors import DomainError, RanWithProblem
from core.progress import on_terminal
from mail_ingest import checking, describing, importing, processing, quarantine
from mail_ingest import reconcile as reconciling
from mail_ingest.counting import Counts
from mail_ingest.importing import ReceivedBy
from mail_ingest.mailbox import OpenMailbox
from mail_ingest.models import MailboxState, MailItem
from mail_ingest.polling import PollResult, poll_all
from mail_ingest.polling_now import LEASE
from mail_ingest.reader_process import Reader

commands = AppGroup("mail", help="邮件：检查邮箱、收取、导入、查看、导出、核对。")
_as_json = click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
_with_identity = click.option(
    "--with-identity", is_flag=True, help="不隐去姓名、电话、邮箱；会记入审计日志并告知分管领导。"
)
_PAGE = 200


def _open_mailbox() -> OpenMailbox:
    from mail_ingest.imap_mailbox import open_mailbox

    return open_mailbox


@commands.command("check")
@_as_json
def check(*, as_json: bool) -> None:
    """逐个试连邮箱，不收信。"""
    rows = checking.check_all()
    described = [
        {
            "address": address,
            "ok": result.ok,
            "code": result.code,
            "message": result.message,
            "folders": [folder.name for folder in result.folders],
        }
        for address, result in rows
    ]
    if as_json:
        _print({"mailboxes": described})
    else:
        for each in described:
            click.echo(f"{each['address']}\t{'正常' if each['ok'] else '有问题'}\t{each['message']}")
    if not all(each["ok"] for each in described):
        raise click.exceptions.Exit(1)


@commands.command("poll")
@_as_json
def poll(*, as_json: bool) -> None:
    """收取所有邮箱，并处理上次没有做完的。"""
    with _lease(), _reader() as reader:
        results = poll_all(_open_mailbox(), reader, only_due=False, tell=_tell)
    _say_polled(results, as_json=as_json)
    if not all(result.ok for result in results):
        raise click.exceptions.Exit(1)


def _tell(words: str) -> None:
    """How far a long run is, beside what it answers: a first start takes minutes."""
    click.echo(words, err=True)


def _say_polled(results: list[PollResult], *, as_json: bool) -> None:
    total = Counts()
    for result in results:
        total.add(result.counts)
    if as_json:
        _print({"mailboxes": [result.as_json() for result in results], **total.as_json()})
        return
    for result in results:
        click.echo(f"{result.address}\t{'正常' if result.ok else '有问题'}\t{result.message}")
    click.echo(_in_words(total))


@commands.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--mailbox", "address", default=None, help="算作寄到哪个邮箱；默认第一个。")
@click.option(
    "--received",
    type=click.Choice(["header", "now"]),
    default="header",
    help="到件时间：按邮件头（默认），或按现在。",
)
@_as_json
def import_(*, paths: tuple[Path, ...], address: str | None, received: ReceivedBy, as_json: bool) -> None:
    """导入邮件文件：.eml、文件夹（任意层）、Maildir、mbox。重复导入不会重复登记。"""
    with _problems_said(), _reader() as reader, on_terminal():
        result = importing.import_paths(paths, address=address, received=received, reader=reader)
    if as_json:
        _print(result.as_json())
    else:
        click.echo(f"文件 {result.files} 个。{_in_words(result.counts)}")
    if result.counts.errors:
        raise click.exceptions.Exit(1)


@commands.command("show")
@click.argument("wanted", metavar="ID|NUMBER")
@_with_identity
@_as_json
def show(*, wanted: str, with_identity: bool, as_json: bool) -> None:
    """显示一封邮件：按邮件号，或按它登记成的诉求件编号。"""
    with _problems_said(), _reader() as reader:
        item = describing.item_by(db.session(), wanted)
        if with_identity:
            item_id = item.id
            _note_identity_asked("mail.shown_with_identity", mail=item_id)
            item = db.session().get_one(MailItem, item_id)
        described = _described([item], reader, with_identity=with_identity)[0]
    if as_json:
        _print(described)
    else:
        click.echo(_on_paper(described))


@commands.command("export")
@_with_identity
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件。")
def export(*, with_identity: bool, out: Path) -> None:
    """把全部邮件导出为 JSONL，每行一封。"""
    action = "mail.exported_with_identity" if with_identity else "mail.exported"
    _note_identity_asked(action)
    partial = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}")
    count = 0
    with _problems_said(), _reader() as reader:
        try:
            # Nobody else on this computer may read it, whatever the folder's default is.
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                for line in _all_described(reader, with_identity=with_identity):
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    count += 1
            partial.replace(out)
        except OSError as error:
            raise RanWithProblem(f"写不进 {out}：{error.strerror or type(error).__name__}。") from error
        finally:
            partial.unlink(missing_ok=True)
    click.echo(f"已导出 {count} 封邮件。", err=True)


@commands.command("reprocess")
@click.option("--all", "everything", is_flag=True, help="“待人工识别”的邮件也重新识别。")
@_as_json
def reprocess(*, everything: bool, as_json: bool) -> None:
    """重新处理没有处理完的邮件。"""
    with _lease(), _reader() as reader:
        counts = processing.work_off(reader, _tell)
        again = quarantine.process_all_again(reader) if everything else quarantine.ProcessedAgain()
    if as_json:
        _print({**counts.as_json(), "read_again": again.read, "still_unreadable": again.unreadable})
    else:
        click.echo(f"{_in_words(counts)}重新识别成功 {again.read} 封，仍不能识别 {again.unreadable} 封。")
    if counts.errors or again.unreadable:
        raise click.exceptions.Exit(1)


@commands.command("reconcile")
@_as_json
def reconcile(*, as_json: bool) -> None:
    """核对服务器、接收记录和原始文件，只比较，不改动。"""
    result = reconciling.reconcile(_open_mailbox())
    reconciling.keep(result)
    if as_json:
        _print(result.as_json())
    else:
        for each in result.folders:
            words = (
                each.message or f"本系统缺 {len(each.missing_here)} 封，服务器已删 {len(each.gone_there)} 封"
            )
            click.echo(f"{each.address}\t{each.folder or '—'}\t{words}")
        click.echo(f"原始文件：缺 {len(result.blobs_missing)} 个，多余 {len(result.blobs_orphaned)} 个。")
    if not result.ok:
        raise click.exceptions.Exit(1)


def _all_described(reader: Reader, *, with_identity: bool) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        session = db.session()
        items = session.scalars(
            sa.select(MailItem).where(MailItem.id > after).order_by(MailItem.id).limit(_PAGE)
        ).all()
        if not items:
            return
        after = items[-1].id
        yield from _described(list(items), reader, with_identity=with_identity)
        session.expunge_all()


def _described(items: list[MailItem], reader: Reader, *, with_identity: bool) -> list[dict[str, Any]]:
    session = db.session()
    numbers = describing.numbers_of(session, [item.id for item in items])
    addresses = {row.id: row.address for row in session.scalars(sa.select(MailboxState))}
    session.expunge_all()
    end_read()
    return [
        describing.described(
            db.session(),
            item,
            describing.read(item, reader),
            mailbox=addresses[item.mailbox_id],
            ticket=numbers.get(item.id),
            with_identity=with_identity,
        )
        for item in items
    ]


def _note_identity_asked(action: str, **data: Any) -> None:
    """Before anything is shown: what was not noted is not handed out."""
    with transaction() as session:
        audit.record(session, action, actor="system", at=now(), terminal_user=_terminal_user(), **data)


def _terminal_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"


@contextmanager
def _reader() -> Iterator[Reader]:
    reader = Reader()
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def _lease() -> Iterator[None]:
    """The lease of the poll, given back at once: the next command must not wait for it to run out."""
    holder = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
    with leases.held(LEASE, holder):
        try:
            yield
        finally:
            with transaction() as session:
                leases.give_back(session, LEASE, holder)


@contextmanager
def _problems_said() -> Iterator[None]:
    try:
        yield
    except DomainError as problem:
        raise RanWithProblem(str(problem)) from problem


def _print(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def _in_words(counts: Counts) -> str:
    return (
        f"新到 {counts.fetched} 封：登记 {counts.tickets} 件，关联已有件 {counts.linked} 封，待甄别 {counts.machine} 封，"
        f"待人工识别 {counts.quarantined} 封，重复 {counts.duplicates} 封，出错 {counts.errors} 封。"
    )


def _on_paper(described: dict[str, Any]) -> str:
    sender = described["from"]
    files = "、".join(file["filename"] for file in described["attachments"]) or "无"
    return (
        f"邮件 {described['id']}　诉求件 {described['ticket'] or '—'}　收于 {described['received_at']}（{described['mailbox']}）\n"
        f"发件人：{sender['name']} {sender['address']}\n主题：{described['subject']}\n附件：{files}\n\n{described['text']}"
    )
