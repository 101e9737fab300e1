"""`outbox list` and `outbox send`."""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from core import leases
from core.clock import now
from core.db import db, transaction
from core.errors import HeldElsewhere, RanWithProblem
from outbox import queries
from outbox.models import OutboxMessage
from outbox.sender import LEASE, OutboxRun, SendResult
from outbox.smtp_transport import open_smtp

commands = AppGroup("outbox", help="发件箱：查看、发送。")
_LOOK_AGAIN_SECONDS = 0.5


@commands.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def list_messages(*, as_json: bool) -> None:
    """Everything that left or is to leave; recipients are masked, texts are not shown."""
    reading = db.session()
    rows = reading.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    recipients = queries.masked_recipients(reading, rows)
    moment = now()
    days = queries.expected_days(reading, moment, queries.standings(reading, moment))
    messages = [
        {
            "id": row.id,
            "kind": str(row.kind),
            "state": str(row.state),
            "priority": row.priority,
            "sender": row.sender,
            "recipient": recipients[row.id],
            "subject": row.subject,
            "message_id": row.message_id,
            "attempts": row.attempts,
            "created_at": _moment(row.created_at),
            "next_at": _moment(row.next_at) if row.id in days else None,
            "expected_on": days[row.id].isoformat() if row.id in days else None,
            "sent_at": _moment(row.sent_at),
            "code": row.last_code,
            "message": row.last_error,
        }
        for row in rows
    ]
    if as_json:
        click.echo(json.dumps({"messages": messages}, ensure_ascii=False))
        return
    for each, row in zip(messages, rows, strict=True):
        click.echo(f"{each['id']}  {row.state.label}  {row.kind.label}  {each['recipient']}  {row.subject}")


@commands.command("send")
@click.option("--wait", "seconds", type=click.FloatRange(min=0), default=0.0, help="最多等多少秒。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def send(*, seconds: float, as_json: bool) -> None:
    """Send what is due; with --wait also what comes due within so many seconds."""
    until = time.monotonic() + seconds
    with _lease(until):
        result = OutboxRun(open_smtp, wait=max(until - time.monotonic(), 0.0)).run()
    if as_json:
        click.echo(json.dumps(summary(result), ensure_ascii=False))
    else:
        click.echo(f"发出 {result.sent} 封，失败 {result.failed} 封，还有 {result.waiting} 封在等。")
    for address, trouble in result.troubles.items():
        click.echo(f"{address}：{trouble.message}", err=True)
    if not result.ok:
        raise RanWithProblem("发信没有全部成功，见上面的说明。")


def summary(result: SendResult) -> dict[str, Any]:
    """A run as `outbox send --json` tells it."""
    addresses = sorted(result.by_sender.keys() | result.troubles.keys())
    senders = []
    for address in addresses:
        trouble = result.troubles.get(address)
        senders.append(
            {
                "address": address,
                "ok": trouble is None,
                "code": trouble.code if trouble else "ok",
                "message": trouble.message if trouble else "",
                "sent": result.by_sender.get(address, 0),
            }
        )
    return {
        "sent": result.sent,
        "retry": result.retry,
        "failed": result.failed,
        "unknown": result.unknown,
        "waiting": result.waiting,
        "senders": senders,
    }


@contextmanager
def _lease(until: float) -> Iterator[None]:
    """The sender's lease, waited for as long as the caller has time, and given back at the end."""
    holder = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(leases.held(LEASE, holder))
                break
            except HeldElsewhere:
                if time.monotonic() + _LOOK_AGAIN_SECONDS > until:
                    raise
                time.sleep(_LOOK_AGAIN_SECONDS)
        yield
    with transaction() as session:
        leases.give_back(session, LEASE, holder)


def _moment(value: Any) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value is not None else None
