"""How a mailbox is doing, in sentences: for its card and for `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.clock import now
from core.db import db, end_read
from core.registry import CheckResult
from mail_ingest import heartbeat, mailboxes, renumbering
from mail_ingest.backoff import REFUSED_LOGINS_BEFORE_SLOW
from mail_ingest.models import MailboxState, MailLedger
from mail_ingest.vocabulary import LedgerState

RED_AFTER = timedelta(minutes=30)
RED_AFTER_UNSAFE_LOGIN = timedelta(hours=2)
SILENT_AFTER = timedelta(hours=2)
TOLD_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Health:
    """Level is ok, info, warning or error; `words` the state in two or three words, `sentence` what to do."""

    level: str
    words: str
    sentence: str


def health_of(row: MailboxState) -> Health:
    """The state of one mailbox."""
    moment = now()
    if row.last_code == "not_set_up" or (row.last_try_at is None and row.code_sealed is None):
        return Health(level="info", words="尚未接入", sentence=row.last_message)
    if row.last_code:
        red = _is_red(row, moment)
        return Health(
            level="error" if red else "warning",
            words="收不到信" if red else "暂时收不到信，正在重试",
            sentence=row.last_message,
        )
    if row.last_try_at is None:
        return Health(
            level="info", words="还没有收取过", sentence="系统会按设定的间隔自动收取，也可以点“立即收取”。"
        )
    if moment - row.last_try_at > SILENT_AFTER:
        return Health(
            level="warning",
            words="很久没有收取",
            sentence="自动收取可能没有在运行，请管理员查看系统是否正常启动。",
        )
    return Health(level="ok", words="正常", sentence="")


def checks() -> list[CheckResult]:
    """One line a mailbox for `doctor`."""
    found = []
    session = db.session()
    for row, _ in mailboxes.all_mailboxes(session):
        health = health_of(row)
        if health.level == "ok" and (missing := heartbeat.missing(session, row)):
            health = Health(level="error", words="自检邮件没有收回", sentence=missing)
        elif health.level == "ok" and (unfetched := unfetched_words(session, row)):
            health = Health(level="warning", words="有信没能完整取回", sentence=unfetched)
        elif health.level == "ok" and (told := renumbering.words(session, row)):
            health = Health(level="warning", words="文件夹被重新编号", sentence=told)
        level = {"info": "warning"}.get(health.level, health.level)
        words = f"{row.address}：{health.words}。{health.sentence}"
        found.append(CheckResult(name=f"mailbox {row.address}", level=level, message=words))
    end_read()
    return found


def unfetched_words(session: Session, row: MailboxState) -> str:
    """What to say while mails lie on the server that do not come whole; they are asked for again and again."""
    count = session.execute(
        sa.select(sa.func.count())
        .select_from(MailLedger)
        .where(
            MailLedger.state == LedgerState.FAILED,
            MailLedger.mailbox_id == row.id,
            MailLedger.changed_at >= now() - TOLD_FOR,
        )
    ).scalar_one()
    return f"服务器上有 {count} 封信没能完整取回，系统会继续重试；也可以登录网页邮箱先看。" if count else ""


def _is_red(row: MailboxState, moment: datetime) -> bool:
    if row.last_code == "tls":
        return True
    if row.last_code == "login_refused" and row.refused_logins >= REFUSED_LOGINS_BEFORE_SLOW:
        return True
    patience = RED_AFTER_UNSAFE_LOGIN if row.last_code == "unsafe_login" else RED_AFTER
    return row.down_since is not None and moment - row.down_since >= patience
