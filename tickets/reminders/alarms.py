"""What must not wait until morning: danger to life, and many complaints about one school within a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app, url_for
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from config.office import DutySettings
from config.settings import Settings
from core.clock import now
from core.db import transaction
from core.registry import Banner
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind
from tickets.loading import SOURCE
from tickets.models import ClusterAlarm, School, Ticket, TicketSchool
from tickets.reminders.crowding import MANY, WITHIN, Arrival, crowds
from tickets.reminders.raising import staff_sender
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES, Alarm, Status

# Older than this, mail is brought in for the record: it is never acknowledged, and alarms nobody either.
_LOOKED_BACK = timedelta(days=7)
_AT_WORK = (Role.HANDLER, Role.HEAD, Role.LEADER)
_ENDING = "请立即登录系统查看。\n（本邮件由系统自动发出，请勿回复）\n"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Many complaints about one school within a day."""

    school_id: int
    school: str
    count: int
    begins: datetime


def duty() -> DutySettings:
    settings: Settings = current_app.extensions["settings"]
    return settings.office.duty


def tell_duty() -> int:
    """Writes to the duty contact about every alarm it has not been told of; how many. A second run tells nothing twice."""
    sender = staff_sender()
    if not duty().mail or sender is None:
        return 0
    with transaction() as session:
        texts = {
            f"alarm/life/{number}": "【紧急·生命安全】收到 1 件涉及生命安全或侵害的诉求。请立即联系处置，必要时 110/120，并口头报告分管领导。"
            for number in session.scalars(_in_danger())
        }
        for cluster in _untold(session):
            words = (
                f"【群体苗头】同一所学校 24 小时内收到 {cluster.count} 件反映，请查看并决定是否报告分管领导。"
            )
            texts[f"alarm/school/{cluster.school_id}/{cluster.begins.isoformat()}"] = words
            session.add(ClusterAlarm(school_id=cluster.school_id, begins=cluster.begins, told_at=now()))
        return sum(
            enqueue(
                session,
                OutboxKind.STAFF,
                dedupe=key,
                object_ref="alarm",
                sender=sender,
                recipient=duty().mail,
                subject="【紧急】请立即登录查看",
                body=f"{words}\n\n{_ENDING}",
                urgent=True,
            )
            is not None
            for key, words in texts.items()
        )


def _in_danger() -> sa.Select[str]:
    return sa.select(Ticket.number).where(
        Ticket.alarm == Alarm.Y1,
        Ticket.status.in_(OPEN_STATUSES),
        Ticket.source != SOURCE,
        Ticket.recorded_at > now() - WITHIN,
    )


def clusters(session: Session, seen_by: Actor | None = None) -> list[Cluster]:
    """The crowds somebody has been added to since yesterday; counted over all, or over what one person may see."""
    return [cluster for school in _schools(session, seen_by) for cluster in school.clusters()]


def _untold(session: Session) -> list[Cluster]:
    """The crowds of which the duty contact does not know; who joins one that was told of raises no second alarm."""
    told: dict[int, list[datetime]] = defaultdict(list)
    for row in session.scalars(sa.select(ClusterAlarm).where(ClusterAlarm.begins > now() - _LOOKED_BACK)):
        told[row.school_id].append(row.begins)
    return [
        cluster for school in _schools(session, None) for cluster in school.clusters(told.get(school.id, ()))
    ]


@dataclass(frozen=True, kw_only=True)
class _School:
    id: int
    name: str
    arrivals: tuple[Arrival, ...]

    def clusters(self, told: Sequence[datetime] = ()) -> Iterator[Cluster]:
        for crowd in crowds(self.arrivals, told):
            if crowd.newest > now() - WITHIN:
                yield Cluster(
                    school_id=self.id, school=self.name, count=len(crowd.arrivals), begins=crowd.begins
                )


def _schools(session: Session, seen_by: Actor | None) -> list[_School]:
    """The schools with enough complaints of the last days to look at, each with when they came and were entered."""
    query = (
        sa.select(School.id, School.name, Ticket.received_at, Ticket.recorded_at)
        .select_from(Ticket)
        .join(TicketSchool, TicketSchool.ticket_id == Ticket.id)
        .join(School, School.id == TicketSchool.school_id)
        .where(
            Ticket.received_at > now() - _LOOKED_BACK,
            Ticket.source != SOURCE,
            Ticket.status != Status.VOIDED,
        )
        .order_by(School.id)
    )
    if seen_by is not None:
        query = query.where(visible_to(seen_by))
    found: dict[tuple[int, str], list[Arrival]] = defaultdict(list)
    for row in session.execute(query):
        found[row.id, row.name].append(Arrival(row.received_at, row.recorded_at))
    return [
        _School(id=school, name=name, arrivals=tuple(arrivals))
        for (school, name), arrivals in found.items()
        if len(arrivals) >= MANY
    ]


def banners(actor: Actor, in_danger: str | None) -> list[Banner]:
    """Above every page until somebody has taken the case on; `in_danger` is its number, if there is one."""
    if in_danger is None or not actor.has(*_AT_WORK):
        return []
    return [
        Banner(
            level="error",
            text=f"【紧急·生命安全】{in_danger} 涉及生命安全或侵害。请立即联系反映人或监护人，必要时 110/120，"
            "并口头报告分管领导；受理后这一条消失。",
            url=url_for("tickets.show", number=in_danger),
        )
    ]


def unreached() -> str:
    """Why an alarm would reach nobody by itself, for those at work; empty if it would."""
    contact = duty()
    if contact.mail and staff_sender() is not None:
        return ""
    if contact.phone:
        return f"紧急情况只能由见到的人拨打值班电话 {contact.phone}；没有可用的值班邮箱，系统不能主动通知。"
    return "没有设值班联系人：夜间和节假日的紧急来件没有人会马上知道。请系统管理员在 office.toml 的 [duty] 里填写。"
