"""How a mailbox is doing, in sentences: for its card, for the banners above every page, for `doctor`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from core import audit, state
from core.audit import AuditEntry
from core.clock import OFFICE_ZONE, now
from core.db import db, end_read
from core.registry import Banner, CheckResult
from mail_ingest import heartbeat, mailboxes
from mail_ingest.backoff import REFUSED_LOGINS_BEFORE_SLOW
from mail_ingest.models import MailboxState, MailLedger
from mail_ingest.vocabulary import LedgerState

RED_AFTER = timedelta(minutes=30)
RED_AFTER_UNSAFE_LOGIN = timedelta(hours=2)
SILENT_AFTER = timedelta(hours=2)
TOLD_FOR = timedelta(days=1)
WORTH_TELLING = timedelta(minutes=30)
IDENTITY_TOLD_FOR = timedelta(days=7)
WITH_IDENTITY = ("mail.shown_with_identity", "mail.exported_with_identity")
_AT_WORK = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A time in which a mailbox could not be read, and what was fetched afterwards."""

    since: datetime
    until: datetime
    fetched: int

    def words(self) -> str:
        return f"中断 {_lasting(self.until - self.since)}，补收 {self.fetched} 封"


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


def banners(actor: Actor) -> list[Banner]:
    """What a dead mailbox means for the office, above every page of those who wait for its mail."""
    if not actor.has(*_AT_WORK, Role.ADMIN):
        return []
    session = db.session()
    found: list[Banner] = []
    for row in session.scalars(sa.select(MailboxState).order_by(MailboxState.id)):
        if not actor.has(Role.ADMIN) and row.section_id not in actor.section_ids:
            continue
        found += _banners_of(session, row)
    if actor.has(Role.LEADER):
        found += _identity_banner(session)
    return found


def checks() -> list[CheckResult]:
    """One line a mailbox for `doctor`."""
    found = []
    session = db.session()
    for row, _ in mailboxes.all_mailboxes(session):
        health = health_of(row)
        if health.level == "ok" and (missing := heartbeat.missing(session, row)):
            health = Health(level="error", words="自检邮件没有收回", sentence=missing)
        elif health.level == "ok" and (unfetched := _unfetched(session, row)):
            health = Health(level="warning", words="有信没能完整取回", sentence=unfetched)
        level = {"info": "warning"}.get(health.level, health.level)
        words = f"{row.address}：{health.words}。{health.sentence}"
        found.append(CheckResult(name=f"mailbox {row.address}", level=level, message=words))
    end_read()
    return found


def note_recovery(session: Session, row: MailboxState, *, fetched: int) -> None:
    """Keeps how long a mailbox was dead and what came afterwards; called before the success is noted."""
    if row.down_since is None:
        return
    outage = {"since": row.down_since.isoformat(), "until": now().isoformat(), "fetched": fetched}
    state.set_fact(session, _fact(row), json.dumps(outage))
    audit.record(
        session,
        "mailbox.recovered",
        actor="system",
        object_ref=f"mailbox/{row.address}",
        seconds=int((now() - row.down_since).total_seconds()),
        fetched=fetched,
    )


def last_outage(session: Session, row: MailboxState) -> Outage | None:
    """The last time the mailbox was dead, or None if it never was."""
    kept = state.get_fact(session, _fact(row))
    if kept is None:
        return None
    values = json.loads(kept)
    return Outage(
        since=datetime.fromisoformat(values["since"]),
        until=datetime.fromisoformat(values["until"]),
        fetched=values["fetched"],
    )


def _unfetched(session: Session, row: MailboxState) -> str:
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


def _banners_of(session: Session, row: MailboxState) -> list[Banner]:
    health = health_of(row)
    url = url_for("mail.index")
    if health.level in {"warning", "error"}:
        since = row.last_ok_at or row.down_since
        begun = f"自 {_office_moment(since)} 起的来信还没有进入系统（不是没有来信）。" if since else ""
        return [
            Banner(
                level=health.level, text=f"{row.address} {health.words}。{begun}{health.sentence}", url=url
            )
        ]
    if missing := heartbeat.missing(session, row):
        return [Banner(level="error", text=missing, url=url)]
    if unfetched := _unfetched(session, row):
        return [Banner(level="warning", text=f"{row.address}：{unfetched}", url=url)]
    outage = last_outage(session, row)
    if (
        outage is not None
        and now() - outage.until < TOLD_FOR
        and outage.until - outage.since >= WORTH_TELLING
    ):
        return [Banner(level="info", text=f"{row.address} 已恢复：{outage.words()}。", url=url)]
    return []


def _identity_banner(session: Session) -> list[Banner]:
    count = session.execute(
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.action.in_(WITH_IDENTITY), AuditEntry.recorded_at >= now() - IDENTITY_TOLD_FOR)
    ).scalar_one()
    if not count:
        return []
    text = f"最近 7 天有 {count} 次在服务器上用命令查看或导出了未隐去身份的邮件，操作人记在审计日志里。"
    return [Banner(level="warning", text=text)]


def _fact(row: MailboxState) -> str:
    return f"mail.outage/{row.id}"


def _office_moment(moment: datetime) -> str:
    local = moment.astimezone(OFFICE_ZONE)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _lasting(duration: timedelta) -> str:
    minutes = max(1, round(duration.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{round(minutes / 60)} 小时"
