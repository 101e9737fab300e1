"""Fills an initialised installation with many tickets by bulk statements, in the proportions of a working office.

Not through intake: the point is a large database, not how fast it grows. Every row is whole, so that every page works.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.models import Account, Section
from core import vault
from core.clock import office_day
from core.db import db, transaction
from tickets import registers
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, due
from tickets.models import (
    Category,
    Complainant,
    Deadline,
    NumberCounter,
    School,
    Ticket,
    TicketCategory,
    TicketEvent,
    TicketSchool,
    TicketSearch,
)
from tickets.models.people import random_id
from tickets.office_hours import office_hours
from tickets.search.grams import index_text
from tickets.vocabulary import Action, Anonymity, Channel, Outcome, Status

CHUNK = 2_000
# How a grown archive looks: nearly everything is closed, a few hundred are open whatever the size.
OPEN_AT_MOST = 400
_SUBJECTS = (
    "收费",
    "上新课",
    "没人看管",
    "强制参加",
    "点心不新鲜",
    "接送混乱",
    "名额不够",
    "课程单一",
    "推销课程",
    "退费拖延",
)
_DETAILS = (
    "老师说这是统一要求，不参加要写说明",
    "家长群里有人问过，没有得到答复",
    "上学期也反映过一次，后来没有下文",
    "希望学校把依据公示出来",
    "孩子回家说大家都在教室里写作业",
    "食堂的饭菜放凉了才发下来",
    "下雨天孩子在操场等，没有地方去",
)
RARE_WORD, RARE_IN = "蒲公英", 10  # stands in ten tickets, however many there are
COMMON_WORD, ONE_PERCENT_WORD = "课后", "食堂"


def fill(count: int, *, until: datetime, seed: int = 1) -> None:
    """Adds `count` tickets that came in over the years before a moment, newest last."""
    chance = random.Random(seed)
    with transaction() as session:
        office = _Office(session)
    first = until - timedelta(minutes=count * 12)
    numbers: dict[tuple[str, str], int] = {}
    for start in range(0, count, CHUNK):
        with transaction() as session:
            rows = _Rows(session, office)
            for place in range(start, min(start + CHUNK, count)):
                received = first + timedelta(minutes=place * 12)
                rows.add(place, count, received, chance, numbers)
            rows.write()
    with transaction() as session:
        session.execute(
            sa.insert(NumberCounter),
            [{"prefix": prefix, "day": day, "last": last} for (prefix, day), last in numbers.items()],
        )
    with db.engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        if connection.dialect.name == "postgresql":
            # The numbers were given here: the table's own counter does not know of them.
            outside.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('ticket', 'id'), (SELECT max(id) FROM ticket))"
            )
            outside.exec_driver_sql("VACUUM")  # what the server does by itself on a quiet night
        outside.exec_driver_sql("ANALYZE")


class _Office:
    """What every ticket refers to, read once."""

    def __init__(self, session: Session) -> None:
        self.sections = {row.slug: (row.id, row.number_prefix) for row in session.scalars(sa.select(Section))}
        self.handlers = list(session.scalars(sa.select(Account.id)))
        self.categories = list(
            session.scalars(sa.select(Category.code).where(Category.parent_code.is_not(None)))
        )
        self.schools = [(row.id, row.name) for row in session.scalars(sa.select(School))]
        self.calendar = registers.working_calendar(session)
        self.hours = office_hours()
        self.next_id = (session.execute(sa.select(sa.func.max(Ticket.id))).scalar_one() or 0) + 1


class _Rows:
    """The rows of one chunk."""

    def __init__(self, session: Session, office: _Office) -> None:
        self._session = session
        self._office = office
        self._rows: dict[Any, list[dict[str, Any]]] = {}
        self._keys: list[dict[str, Any]] = []

    def add(
        self,
        place: int,
        count: int,
        received: datetime,
        chance: random.Random,
        numbers: dict[tuple[str, str], int],
    ) -> None:
        office = self._office
        is_open = place >= count - min(OPEN_AT_MOST, count // 3)
        status = (
            chance.choice((Status.PENDING, Status.ACCEPTED, Status.IN_PROGRESS)) if is_open else Status.CLOSED
        )
        slug = chance.choice(tuple(office.sections))
        section_id, prefix = office.sections[slug]
        day = office_day(received).strftime("%Y%m%d")
        last = numbers[prefix, day] = numbers.get((prefix, day), 0) + 1
        number = f"{prefix}{day}-{last:04d}"
        school_id, school = chance.choice(office.schools)
        matter = self._matter(place, count, school, chance)
        ticket_id = office.next_id
        office.next_id += 1
        key_id = random_id()
        self._keys.append({"id": key_id, "wrapped": b"\0" * 60, "wrap_id": "bench"})
        handler = chance.choice(office.handlers) if status is not Status.PENDING else None
        # One in twelve is answered after its time.
        closed_at = None if is_open else received + timedelta(days=20 if place % 12 == 0 else 6)
        outcome = None if is_open else chance.choice(tuple(Outcome))
        self._into(
            Ticket,
            id=ticket_id,
            number=number,
            section_id=section_id,
            status=status,
            handler_id=handler,
            title=matter[:40],
            matter=matter,
            school_text=school,
            channel=Channel.PHONE if chance.random() < 0.6 else Channel.MAIL,
            received_at=received,
            recorded_at=received,
            accepted_at=None if status is Status.PENDING else received + timedelta(days=1),
            answered_at=closed_at,
            closed_at=closed_at,
            outcome=outcome,
            measures="已责令学校整改。" if outcome else "",
            data_key_id=key_id,
            version=1,
        )
        self._into(TicketSchool, ticket_id=ticket_id, school_id=school_id, confirmed_by="bench")
        self._into(
            TicketCategory,
            ticket_id=ticket_id,
            category_code=chance.choice(office.categories),
            main=True,
            set_by="bench",
        )
        self._into(
            Complainant,
            id=random_id(),
            ticket_id=ticket_id,
            position=1,
            anonymity=Anonymity.CONFIDENTIAL,
            wants_callback=False,
            query_code_hash="",
            created_at=received,
        )
        self._into(TicketSearch, ticket_id=ticket_id, grams=index_text([number, matter, school]))
        accepted_at = None if status is Status.PENDING else received + timedelta(days=1)
        last_days = {
            f"{rule.kind.value}/1": self._deadline(ticket_id, number, rule, received, met_at=met).isoformat()
            for rule, met in (
                (DeadlineRule(DeadlineKind.ACCEPT, 3), accepted_at),
                (DeadlineRule(DeadlineKind.RESOLVE, 10), closed_at),
            )
        }
        said = {
            Action.ACCEPT.value: {"handler_id": handler, "handler": "经办人"},
            Action.REPORT_DONE.value: {"outcome": outcome.value, "measures": "已责令学校整改。"}
            if outcome
            else {},
        }
        self._history(ticket_id, received, status, closed_at=closed_at, said=said, last_days=last_days)

    def write(self) -> None:
        self._session.execute(sa.insert(vault.DataKey), self._keys)
        for model, rows in self._rows.items():
            self._session.execute(sa.insert(model), rows)

    def _matter(self, place: int, count: int, school: str, chance: random.Random) -> str:
        words = [f"{school}课后服务{chance.choice(_SUBJECTS)}"]
        details = [each for each in _DETAILS if ONE_PERCENT_WORD not in each]
        words += chance.sample(details, 3)
        if place % 100 == 0:
            words.append(_DETAILS[5])
        if place % max(1, count // RARE_IN) == 0:
            words.append(f"{RARE_WORD}班的孩子")
        return "。".join(words) + "。"

    def _history(
        self,
        ticket_id: int,
        received: datetime,
        status: Status,
        *,
        closed_at: datetime | None,
        said: dict[str, Any],
        last_days: dict[str, str],
    ) -> None:
        """Every step from registration to where the ticket stands, so that a bulletin can tell it again."""
        way = ((Action.ACCEPT, Status.ACCEPTED), (Action.START, Status.IN_PROGRESS))
        steps: list[tuple[Action, Status, datetime]] = [(Action.REGISTER, Status.PENDING, received)]
        if status is not Status.PENDING:
            steps += [
                (action, after, received + timedelta(days=1))
                for action, after in way[: 1 if status is Status.ACCEPTED else 2]
            ]
        if closed_at is not None:
            steps.append((Action.REPORT_DONE, Status.PENDING_REVIEW, closed_at - timedelta(hours=1)))
            steps.append((Action.APPROVE, Status.CLOSED, closed_at))
        before: Status | None = None
        for position, (action, after, moment) in enumerate(steps, start=1):
            told = said.get(action.value, {})
            self._into(
                TicketEvent,
                ticket_id=ticket_id,
                position=position,
                occurred_at=moment,
                recorded_at=moment,
                actor_id=None,
                actor="系统",
                action=action,
                from_status=before,
                to_status=after,
                reason="",
                data=json.dumps({**told, "due": last_days}, ensure_ascii=False),
            )
            before = after

    def _deadline(
        self, ticket_id: int, number: str, rule: DeadlineRule, received: datetime, *, met_at: datetime | None
    ) -> date:
        """Its last day."""
        worked_out = due(received, rule, self._office.calendar, self._office.hours)
        self._into(
            Deadline,
            owner_ref=f"ticket/{number}",
            ticket_id=ticket_id,
            kind=rule.kind,
            round=1,
            rule_name="",
            length=rule.length,
            unit=rule.unit,
            by_date=None,
            started_at=received,
            day_zero=worked_out.day_zero,
            warn_day=worked_out.warn_day,
            last_day=worked_out.last_day,
            original_last_day=worked_out.last_day,
            original_due_at=worked_out.due_at,
            due_at=worked_out.due_at,
            extended=0,
            provisional=worked_out.provisional,
            calendar_version=self._office.calendar.version,
            met_at=met_at,
        )
        return worked_out.last_day

    def _into(self, model: type[Any], **values: Any) -> None:
        self._rows.setdefault(model, []).append(values)


def words_to_search() -> Iterator[tuple[str, str]]:
    """A word in most tickets, in one of a hundred, in ten, and in none."""
    yield from (
        ("common", COMMON_WORD),
        ("one in a hundred", ONE_PERCENT_WORD),
        ("rare", RARE_WORD),
        ("absent", "鲸鱼"),
    )
