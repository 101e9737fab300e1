"""Months made by hand: cases that come and go at moments of the office's clock, through the same doors as real ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from config.office import SmtpSettings
from config.settings import Settings
from core.clock import OFFICE_ZONE, FixedClock
from core.db import db, transaction
from core.state import set_fact
from reports import periods
from reports.bulletins import Issue, compose
from reports.contents import Bulletin, BulletinKind
from tests.life.support import HERE, THERE, Desk, life_app, person
from tickets import intake
from tickets.identity import Person
from tickets.models import School, Ticket
from tickets.vocabulary import Action, Anonymity, Channel, Stage

PHONE = Person(name="林小雅", phone="13905951234", wants_callback=True)
NOBODY = Person(anonymity=Anonymity.ANONYMOUS)
STARTED = datetime(2026, 10, 8, 1, tzinfo=UTC)  # the first working day after the holidays


def moment(text: str) -> datetime:
    """A moment of the office's clock: 11-03 09:00 of 2026, or with its year."""
    full = text if text[:4].isdigit() else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=OFFICE_ZONE).astimezone(UTC)


@dataclass
class Months:
    """An office whose clock is set before every act."""

    app: Flask
    desk: Desk

    @property
    def clock(self) -> FixedClock:
        clock = self.app.extensions["clock"]
        assert isinstance(clock, FixedClock)
        return clock

    def at(self, text: str) -> Months:
        self.clock.moment = moment(text)
        return self

    def comes(
        self, text: str, *, received: str = "", people: tuple[Person, ...] = (PHONE,), **given: Any
    ) -> str:
        """A case is registered at a moment; `received` if it came earlier. Its number."""
        self.at(text)
        values: dict[str, Any] = {
            "channel": Channel.PHONE,
            "matter": "学校课后服务另外收材料费。",
            "section": HERE,
            **given,
        }
        with transaction() as session:
            new = intake.NewTicket(
                received_at=moment(received) if received else self.clock.moment, people=people, **values
            )
            return intake.register(session, new, actor=person("clerk_only")).ticket.number

    def does(self, text: str, number: str, action: Action, *, by: str = "worker", **fields: str) -> None:
        self.at(text)
        self.desk.do(by, action, number=number, **fields)

    def goes(
        self, number: str, *, taken: str, done: str, approved: str = "", answered: str = "", closed: str = ""
    ) -> None:
        """The ordinary way, as far as moments are given."""
        self.does(taken, number, Action.ACCEPT)
        self.does(taken, number, Action.START)
        if done:
            self.does(done, number, Action.REPORT_DONE)
        if approved:
            self.does(approved, number, Action.APPROVE, by="leader")
        if answered:
            self.does(answered, number, Action.ANSWERED, by="clerk_only", at=moment(answered).isoformat())
        if closed:
            self.does(closed, number, Action.CALLED_BACK, by="clerk_only")

    def releases(self, number: str, text: str) -> None:
        """A person has confirmed what may be told of the case."""
        with transaction() as session:
            session.execute(
                sa.update(Ticket)
                .where(Ticket.number == number)
                .values(released_text=text, released_at=self.clock.moment)
            )

    def school(self, name: str, *, urban: bool = False, stage: Stage | None = Stage.JUNIOR) -> int:
        with transaction() as session:
            row = School(name=name, urban=urban, stage=stage)
            session.add(row)
            session.flush()
            return row.id

    def bulletin(self, name: str = "2026-11", kind: BulletinKind = BulletinKind.MONTHLY) -> Bulletin:
        """The bulletin of a finished period as it would be frozen now."""
        cut = periods.cut_of(periods.parse(kind, name))
        with fresh():
            return compose(db.session(), cut, Issue(number=f"ZB-{name}"))

    def draft(self, name: str, cutoff: str, kind: BulletinKind = BulletinKind.MONTHLY) -> Bulletin:
        cut = periods.draft_cut(periods.parse(kind, name), moment(cutoff))
        with fresh():
            return compose(db.session(), cut, Issue())


@contextmanager
def fresh() -> Iterator[None]:
    """Reads what is in the database, not what a session remembers."""
    db.session.rollback()
    db.session.expire_all()
    yield
    db.session.rollback()


@contextmanager
def months(folder: Path) -> Iterator[Months]:
    app = life_app(folder, at=STARTED)
    with app.app_context():
        with transaction() as session:
            set_fact(session, "reports_since", "2026-10-01")
        yield Months(app, Desk(app))
        db.session.remove()
        db.engine.dispose()


def set_reports(app: Flask, **changed: Any) -> None:
    """The [reports] part of the settings, as if office.toml had said so; its mails leave by the first mailbox."""
    settings: Settings = app.extensions["settings"]
    office = settings.office
    smtp = SmtpSettings(
        address="office@example.gov.cn",
        host="127.0.0.1",
        port=25,
        tls=False,
        ca_file=None,
        auth=False,
        username="office@example.gov.cn",
    )
    app.extensions["settings"] = replace(
        settings, office=replace(office, smtp=smtp, reports=replace(office.reports, **changed))
    )


__all__ = ["HERE", "NOBODY", "PHONE", "THERE", "Months", "fresh", "moment", "months", "set_reports"]
