"""A server that numbers a folder anew: everything in it is compared again, which is told, and slowed down if it goes on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core import state
from core.clock import now
from mail_ingest.models import MailboxState

LATELY = timedelta(days=1)
TOO_OFTEN = 3  # times a day
SLOW = timedelta(hours=2)


def note(session: Session, row: MailboxState) -> None:
    """It has happened just now."""
    moments = [*_lately(session, row), now()]
    state.set_fact(session, _fact(row), json.dumps([each.isoformat() for each in moments]))


def slow_down(session: Session, row: MailboxState) -> None:
    """Each time all mails are fetched once more: a server that does it all the time is asked less often, never given up."""
    if len(_lately(session, row)) >= TOO_OFTEN:
        row.next_try_at = now() + SLOW


def words(session: Session, row: MailboxState) -> str:
    """What to say of the last day; empty if nothing happened."""
    times = len(_lately(session, row))
    if not times:
        return ""
    often = "一天内次数太多，系统改为每两小时收取一次，请联系管理员。" if times >= TOO_OFTEN else ""
    return f"邮件服务器最近一天给文件夹重新编号 {times} 次，系统已全部重新核对，没有重复登记，也没有漏信。{often}"


def _lately(session: Session, row: MailboxState) -> list[datetime]:
    kept = state.get_fact(session, _fact(row))
    moments = [datetime.fromisoformat(each) for each in json.loads(kept)] if kept else []
    return [each for each in moments if each > now() - LATELY]


def _fact(row: MailboxState) -> str:
    return f"mail.renumbered/{row.id}"
