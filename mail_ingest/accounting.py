"""What became of every mail of a time, for the bulletin: each counted once, the parts add up, interruptions are said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.registry import Accounted
from mail_ingest.models import MailboxState, MailItem, MailLedger, MailLink
from mail_ingest.outages import RECOVERED, WORTH_TELLING, Outage, office_moment
from mail_ingest.vocabulary import ItemState, LedgerState, LinkRole

TICKET, UNREADABLE = "登记成件", "登记成件并待人工识别"
_BY_ROLE = {LinkRole.ORIGIN: TICKET, LinkRole.REPLY: "续入已有件", LinkRole.COPY: "相同来信并入原件"}
_WAITS, _UNTOUCHED = "待甄别", "正在处理"
_BY_LEDGER = {
    LedgerState.DONE: "已处理",
    LedgerState.STORED: "已保存、正在处理",
    LedgerState.FAILED: "没能完整取回、仍在重试",
    LedgerState.VANISHED: "取回前已被他人删除或移走",
}


def of_mails(session: Session, start: datetime, before: datetime) -> list[Accounted]:
    """Two accounts of the mails recorded in the time: what the mailboxes showed, and what became of it."""
    return [_on_servers(session, start, before), _taken_in(session, start, before)]


def _on_servers(session: Session, start: datetime, before: datetime) -> Accounted:
    counted = Counter(
        {
            row.state: row.count
            for row in session.execute(
                sa.select(MailLedger.state, sa.func.count().label("count"))
                .where(MailLedger.seen_at >= start, MailLedger.seen_at < before)
                .group_by(MailLedger.state)
            )
        }
    )
    return Accounted(
        name="邮箱里新见的邮件",
        total=counted.total(),
        parts=_in_order((words, counted[state]) for state, words in _BY_LEDGER.items()),
        sentences=tuple(_interruptions(session, start, before)),
    )


def _taken_in(session: Session, start: datetime, before: datetime) -> Accounted:
    """Each mail once, whatever number of mailboxes and deliveries it came by; one of several roles by the first of them."""
    within = (MailItem.recorded_at >= start, MailItem.recorded_at < before)
    roles: dict[int, set[LinkRole]] = {}
    linked = sa.select(MailLink.item_id, MailLink.role).join(MailItem, MailItem.id == MailLink.item_id)
    for link in session.execute(linked.where(*within)):
        roles.setdefault(link.item_id, set()).add(link.role)
    counted: Counter[str] = Counter()
    rows = session.execute(
        sa.select(MailItem.id, MailItem.state, MailItem.kind, MailItem.reason).where(*within)
    ).all()
    for row in rows:
        match row.state:
            case ItemState.QUARANTINED:
                counted[UNREADABLE] += 1
            case ItemState.SET_ASIDE:
                counted[f"已搁置（{row.reason.label}）" if row.reason else "已搁置"] += 1
            case ItemState.LINKED:
                counted[next(words for role, words in _BY_ROLE.items() if role in roles[row.id])] += 1
            case _:
                counted[_WAITS if row.kind is not None else _UNTOUCHED] += 1
    first = (TICKET, UNREADABLE, *list(_BY_ROLE.values())[1:], _WAITS)
    rest = sorted(counted.keys() - set(first))
    again = session.execute(
        sa.select(sa.func.count(MailLedger.item_id) - sa.func.count(MailLedger.item_id.distinct())).where(
            MailLedger.seen_at >= start, MailLedger.seen_at < before
        )
    ).scalar_one()
    return Accounted(
        name="收到的来信",
        total=len(rows),
        parts=_in_order((words, counted[words]) for words in (*first, *rest)),
        sentences=(f"另有 {again} 次是同一封来信再次送达（内容完全相同），只算一封。",) if again else (),
    )


def _in_order(parts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((words, count) for words, count in parts if count)


def _interruptions(session: Session, start: datetime, before: datetime) -> Iterator[str]:
    """Every time a mailbox could not be read that ended within the time, and those that have not ended."""
    noted = session.execute(
        sa.select(AuditEntry.object_ref, AuditEntry.recorded_at, AuditEntry.data)
        .where(
            AuditEntry.action == RECOVERED, AuditEntry.recorded_at >= start, AuditEntry.recorded_at < before
        )
        .order_by(AuditEntry.seq)
    )
    short = 0
    for row in noted:
        data = json.loads(row.data)
        outage = Outage.that_ended(row.recorded_at, seconds=data["seconds"], fetched=data["fetched"])
        if outage.until - outage.since < WORTH_TELLING:
            short += 1
            continue
        address = row.object_ref.removeprefix("mailbox/")
        yield f"{address} 自 {office_moment(outage.since)} 起{outage.words()}。"
    if short:
        yield f"另有 {short} 次不到半小时的收信中断，均已恢复。"
    still = sa.select(MailboxState.address, MailboxState.down_since).where(MailboxState.down_since < before)
    for down in session.execute(still.order_by(MailboxState.id)):
        yield f"{down.address} 自 {office_moment(down.down_since)} 起收不到信，截至本期还没有恢复。"
