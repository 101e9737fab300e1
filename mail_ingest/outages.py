"""Times in which a mailbox could not be read: kept with the audit chain, told on the page and in the bulletin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, state
from core.clock import OFFICE_ZONE, now
from mail_ingest.models import MailboxState, MailItem, MailLink
from mail_ingest.vocabulary import ItemState, LinkRole

RECOVERED = "mailbox.recovered"
WORTH_TELLING = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A time in which a mailbox could not be read, and what was fetched afterwards."""

    since: datetime
    until: datetime
    fetched: int

    @classmethod
    def that_ended(cls, until: datetime, *, seconds: int, fetched: int) -> Outage:
        return cls(since=until - timedelta(seconds=seconds), until=until, fetched=fetched)

    def words(self) -> str:
        return f"中断 {_lasting(self.until - self.since)}，补收 {self.fetched} 封"


def note_recovery(session: Session, row: MailboxState, *, fetched: int) -> None:
    """Keeps how long a mailbox was dead and what came afterwards; called before the success is noted."""
    if row.down_since is None:
        return
    outage = {"since": row.down_since.isoformat(), "until": now().isoformat(), "fetched": fetched}
    state.set_fact(session, _fact(row), json.dumps(outage))
    audit.record(
        session,
        RECOVERED,
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


def what_came_of_it(session: Session, row: MailboxState, outage: Outage) -> str:
    """What became of the mails that were fetched when a mailbox was well again, and when the first of them was written."""
    made = sa.exists().where(MailLink.item_id == MailItem.id, MailLink.role == LinkRole.ORIGIN)
    waits = sa.and_(MailItem.state == ItemState.NEW, MailItem.kind.is_not(None))
    found = session.execute(
        sa.select(
            sa.func.count().filter(made).label("tickets"),
            sa.func.count().filter(waits).label("waiting"),
            sa.func.min(MailItem.received_at).label("first"),
        ).where(
            MailItem.mailbox_id == row.id,
            MailItem.recorded_at >= outage.since,
            MailItem.recorded_at <= outage.until,
        )
    ).one()
    if found.first is None:
        return ""
    return (
        f"其中 {found.tickets} 件已登记、{found.waiting} 封待甄别，最早一封 {office_moment(found.first)}。"
        "中断已记入运行记录，将写入本期报告。"
    )


def office_moment(moment: datetime) -> str:
    """A moment as a person in the office says it: 10月1日 21:10."""
    local = moment.astimezone(OFFICE_ZONE)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _fact(row: MailboxState) -> str:
    return f"mail.outage/{row.id}"


def _lasting(duration: timedelta) -> str:
    minutes = max(1, round(duration.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{round(minutes / 60)} 小时"
