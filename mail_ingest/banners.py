"""What a dead mailbox means for the office, above every page: what does not arrive, what to do, who was told."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core.audit import AuditEntry
from core.clock import now
from core.db import db
from core.registry import Banner
from mail_ingest import alarming, heartbeat, reconcile, renumbering
from mail_ingest.health import TOLD_FOR, Health, health_of, unfetched_words
from mail_ingest.models import MailboxState
from mail_ingest.outages import WORTH_TELLING, last_outage, office_moment, what_came_of_it

IDENTITY_TOLD_FOR = timedelta(days=7)
WITH_IDENTITY = ("mail.shown_with_identity", "mail.exported_with_identity")
_AT_WORK = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)


def banners(actor: Actor) -> list[Banner]:
    """For those who wait for a mailbox's mail, and for the admin."""
    if not actor.has(*_AT_WORK, Role.ADMIN):
        return []
    session = db.session()
    found: list[Banner] = []
    rows = session.execute(
        sa.select(MailboxState, Section.name)
        .join(Section, Section.id == MailboxState.section_id)
        .order_by(MailboxState.id)
    ).all()
    for row, section in rows:
        if actor.has(Role.ADMIN) or row.section_id in actor.section_ids:
            found += _banners_of(session, row, section)
    if actor.has(Role.LEADER):
        found += _identity_banner(session)
    return found


def _banners_of(session: Session, row: MailboxState, section: str) -> list[Banner]:
    health = health_of(row)
    url = url_for("mail.index")
    if health.level in {"warning", "error"}:
        return [Banner(level=health.level, text=_not_reached(session, row, section, health), url=url)]
    if missing := heartbeat.missing(session, row):
        return [Banner(level="error", text=missing, url=url)]
    if unfetched := unfetched_words(session, row):
        return [Banner(level="warning", text=f"{row.address}：{unfetched}", url=url)]
    if renumbered := renumbering.words(session, row):
        return [Banner(level="warning", text=f"{row.address}：{renumbered}", url=url)]
    if short := reconcile.keeps_thirty_days(session, row.address):
        return [Banner(level="warning", text=f"{section}邮箱 {row.address}：{short}", url=url)]
    return _recovered(session, row, url)


def _not_reached(session: Session, row: MailboxState, section: str, health: Health) -> str:
    since = row.last_ok_at or row.down_since
    begun = f"自 {office_moment(since)} 起的来信还没有进入系统（不是没有来信）。" if since else ""
    told = alarming.told_at(session, row)
    noted = f"已通知值班联系人（{office_moment(told)}）。" if told else ""
    calls = "期间请照常接听登记电话。" if health.level == "error" else ""
    return f"{section}邮箱 {row.address} {health.words}。{begun}{health.sentence}{calls}{noted}"


def _recovered(session: Session, row: MailboxState, url: str) -> list[Banner]:
    outage = last_outage(session, row)
    if outage is None or now() - outage.until >= TOLD_FOR or outage.until - outage.since < WORTH_TELLING:
        return []
    came = what_came_of_it(session, row, outage)
    text = f"{row.address} 已恢复：{outage.words()}{'，' if came else '。'}{came}"
    return [Banner(level="info", text=text, url=url)]


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
