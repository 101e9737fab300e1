"""People, tickets and acts for the tests of a ticket's life; the schema is that of the models."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Account, AccountRole, AccountSection, Section
from accounts.vocabulary import Role
from app import create_app
from config.settings import Settings
from core import vault
from core.clock import FixedClock, now
from core.db import db, transaction
from core.keys import make_keys, save_keys
from core.registry import registry
from tests.support.moments import MONDAY_MORNING
from tickets import handling, intake
from tickets.handling import Done, loading
from tickets.identity import Person
from tickets.models import Deadline, Ticket
from tickets.vocabulary import Action, Anonymity, Channel, Status

HERE, THERE = "zhongjiao", "chuyoujiao"

# Who works where: two sections of two people, one leader over both, and people who must not see a case.
PEOPLE: Mapping[str, tuple[tuple[str, ...], tuple[Role, ...]]] = {
    "head": ((HERE,), (Role.HEAD, Role.HANDLER, Role.CLERK)),
    "worker": ((HERE,), (Role.HANDLER, Role.CLERK)),
    "other_head": ((THERE,), (Role.HEAD, Role.HANDLER, Role.CLERK)),
    "other_worker": ((THERE,), (Role.HANDLER, Role.CLERK)),
    "leader": ((HERE, THERE), (Role.LEADER,)),
    "clerk_only": ((HERE,), (Role.CLERK,)),
    "handler_only": ((HERE,), (Role.HANDLER,)),
    "head_only": ((HERE,), (Role.HEAD,)),
    "supervisor": ((), (Role.SUPERVISOR,)),
    "admin": ((), (Role.ADMIN,)),
}

FIELDS: Mapping[Action, Mapping[str, str]] = {
    Action.ANSWER_NOW: {"answer": "一学期三百元，放学后两个课时。", "category": "I1"},
    Action.REFUSE: {"why": "legal_remedy", "reason": "已向法院起诉，请等待判决"},
    Action.HAND_OVER: {"section": THERE, "reason": "小学的事项"},
    Action.TRANSFER_OUT: {"to": "市场监管局", "reason": "不属于教育职权", "contact_data": "withheld"},
    Action.FEEDBACK: {"reason": "对方已答复反映人"},
    Action.MERGE: {"into": "", "reason": "同一件事"},
    Action.UNMERGE: {"reason": "并错了"},
    Action.SPLIT: {"matter": "另外食堂的饭菜是凉的。", "reason": "是另一件事"},
    Action.SUSPEND: {"why": "complainant", "until": "2026-12-02", "reason": "等反映人补材料"},
    Action.REPORT_DONE: {
        "outcome": "true",
        "measures": "已责成学校退还材料费。",
        "evidence": "退费签领表、公示照片",
        "answer": "经核查，您反映的情况属实，已责成学校退还。",
    },
    Action.SEND_BACK: {"reason": "缺少退费凭证"},
    Action.CALLED_BACK: {"satisfaction": "satisfied", "reason": "可以的"},
    Action.REDO: {"reason": "退费没有到位"},
    Action.UPHOLD: {"reason": "依据充分，已当面解释"},
    Action.REOPEN: {"reason": "又有新的情况"},
    Action.WITHDRAW: {"reason": "来电说问题已经解决"},
    Action.VOID: {"reason": "重复登记"},
    Action.ASSIGN: {"handler": "worker"},
    Action.CORRECT: {"title": "课后服务另收材料费", "reason": "登记时写错"},
    Action.EXTEND: {"days": "3", "reason": "名单核对需要时间"},
    Action.SEND_ON: {"duty": "review", "section": THERE, "reason": "本人经办"},
    Action.NOTIFY: {"how": "phone", "reason": "已告知受理情况"},
    Action.ANSWERED: {"how": "phone", "reason": "已念给反映人"},
    Action.UNDELIVERED: {"reason": "邮件被退回"},
    Action.ASK_FACTS: {"wanted_school": "on"},
    Action.LEFT_AS_IS: {"reason": "来信没有新的事实，已电话说明"},
}


def life_app(folder: Path, *, at: datetime = MONDAY_MORNING, url: str = "") -> Flask:
    """An application with an empty, seeded database and the people above; on SQLite unless a URL is given."""
    if not url:
        shutil.copytree(_prepared(), folder, dirs_exist_ok=True)
        return _app(folder, at)
    save_keys(make_keys(), folder / "keys.json")
    app = _app(folder, at, DATABASE_URL=url)
    _make_tables(app)
    return app


def _app(folder: Path, at: datetime, **environ: str) -> Flask:
    settings = Settings.from_environment(
        {
            "HOTLINE_DATA_DIR": str(folder),
            "SECRET_KEY": "a secret key for tests only 0123456789",
            **environ,
        }
    )
    app = create_app(settings, FixedClock(at))
    app.testing = True
    return app


@cache
def _prepared() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="life-test-"))
    save_keys(make_keys(), folder / "keys.json")
    _make_tables(_app(folder, MONDAY_MORNING))
    return folder


def _make_tables(app: Flask) -> None:
    with app.app_context():
        db.metadata.create_all(db.engine)
        with transaction() as session:
            for seed in registry().seeds:
                seed(session)
            session.flush()
            _people(session)
        db.engine.dispose()


def _people(session: Session) -> None:
    sections = {row.slug: row.id for row in session.scalars(sa.select(Section))}
    for username, (slugs, roles) in PEOPLE.items():
        account = Account(
            username=username,
            display_name=username,
            password_hash="",
            data_key_id=vault.new_data_key(session).id,
            created_at=now(),
        )
        session.add(account)
        session.flush()
        for role in roles:
            session.add(AccountRole(account_id=account.id, role=role, granted_by="", granted_at=now()))
        for slug in slugs:
            session.add(AccountSection(account_id=account.id, section_id=sections[slug]))
        session.flush()


def person(username: str) -> Actor:
    """The actor of one of the people above."""
    row = db.session.execute(sa.select(Account.id).where(Account.username == username)).scalar_one()
    slugs, roles = PEOPLE[username]
    sections = db.session.scalars(sa.select(Section.id).where(Section.slug.in_(slugs))).all()
    return Actor(
        id=row,
        username=username,
        display_name=username,
        roles=frozenset(roles),
        section_ids=frozenset(sections),
    )


PHONE = Person(name="林小雅", phone="13905951234", wants_callback=True)
MAIL = Person(name="陈大文", email="chendawen@163.com")
NOBODY = Person(anonymity=Anonymity.ANONYMOUS)


@dataclass
class Desk:
    """A ticket and the people around it; every act is a transaction of its own, by the page as it stands."""

    app: Flask
    number: str = ""
    letters: list[str] = field(default_factory=list)

    def register(self, *people: Person, matter: str = "学校课后服务另外收材料费。", **given: object) -> str:
        clerk = person("clerk_only")
        with transaction() as session:
            values: dict[str, Any] = {"received_at": now(), "section": HERE, **given}
            new = intake.NewTicket(channel=Channel.PHONE, matter=matter, people=people or (PHONE,), **values)
            self.number = intake.register(session, new, actor=clerk).ticket.number
        return self.number

    def do(self, username: str, action: Action, *, number: str = "", **fields: str) -> Done:
        """Does an act with the fields of the table above, changed by those that are named."""
        number = number or self.number
        everything = {**FIELDS.get(action, {}), **fields}
        version, actor = self.version(number), person(username)
        with transaction() as session:
            done = handling.perform(session, number, action, version=version, actor=actor, fields=everything)
        self.letters = [letter.kind.value for letter in done.letters]
        return done

    def version(self, number: str) -> int:
        db.session.rollback()  # what a page opened now would show
        return db.session.execute(sa.select(Ticket.version).where(Ticket.number == number)).scalar_one()

    def ticket(self, number: str = "") -> Ticket:
        db.session.rollback()
        db.session.expire_all()
        return db.session.scalars(sa.select(Ticket).where(Ticket.number == (number or self.number))).one()

    def status(self) -> Status:
        return self.ticket().status

    def running(self, number: str = "") -> dict[str, str]:
        """The running deadlines of a ticket with their last days."""
        rows = loading.deadlines_of(db.session(), self.ticket(number))
        return {
            row.kind.value: row.last_day.isoformat()
            for row in rows
            if row.met_at is None and row.ended_at is None
        }

    def deadline(self, kind: str) -> Deadline:
        """The newest round of a kind."""
        rows = loading.deadlines_of(db.session(), self.ticket())
        return [row for row in rows if row.kind.value == kind][-1]

    def later(self, **by: float) -> None:
        """Moves the clock."""
        clock = self.app.extensions["clock"]
        assert isinstance(clock, FixedClock)
        clock.moment += timedelta(**by)

    def until(self, status: Status, *, by: str = "worker") -> Desk:
        """Brings a freshly registered ticket as far as this, handled by somebody."""
        for there, action, username in (
            (Status.PENDING, Action.ACCEPT, by),
            (Status.ACCEPTED, Action.START, by),
            (Status.IN_PROGRESS, Action.REPORT_DONE, by),
            (Status.PENDING_REVIEW, Action.APPROVE, "leader"),
            (Status.PENDING_CALLBACK, Action.CALLED_BACK, "clerk_only"),
        ):
            if status is there:
                return self
            if status is Status.SUSPENDED and there is Status.IN_PROGRESS:
                self.do("head", Action.SUSPEND)
                return self
            self.do(username, action)
        return self
