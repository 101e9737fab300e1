"""The office of the tests: its people, its tickets, what they see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from accounts.actor import SYSTEM, Actor, actor_of
from accounts.models import Account
from core.clock import now
from core.db import db, transaction
from tests.accounts.people import Browser, Desk
from tickets import intake
from tickets.handling.perform import perform
from tickets.identity import Person
from tickets.intake import NewTicket
from tickets.models import Ticket
from tickets.vocabulary import Action, Channel

_OTHERS = re.compile(r"\b(?:outbox|mail|mailbox|ledger|report|lease|fact|installation_fact)\w*\b")
NAME, PHONE = "苏婉清", "13905951234"


class Office:
    """Makes tickets the short way and reads what pages say."""

    def __init__(self, app: Flask, desk: Desk) -> None:
        self.app = app
        self.desk = desk

    def signed_in(self, username: str) -> Browser:
        return self.desk.signed_in(username)

    def actor(self, username: str) -> Actor:
        with self.app.app_context():
            account = db.session().scalars(sa.select(Account).where(Account.username == username)).one()
            return actor_of(account)

    def ticket(self, matter: str = "学校课后服务另收材料费一百元。", *, by: str = "", **more: Any) -> str:
        """A whole valid ticket of 中教股; its number."""
        values: dict[str, Any] = {
            "channel": Channel.PHONE,
            "received_at": None,
            "section": "zhongjiao",
            "people": (Person(name=NAME, phone=PHONE, wants_callback=True),),
            **more,
        }
        with self.app.app_context(), transaction() as session:
            values["received_at"] = values["received_at"] or now()
            actor = self.actor_in(session, by) if by else SYSTEM
            return intake.register(session, NewTicket(matter=matter, **values), actor=actor).ticket.number

    def actor_in(self, session: Any, username: str) -> Actor:
        return actor_of(session.scalars(sa.select(Account).where(Account.username == username)).one())

    def act(self, number: str, action: Action, *, by: str, **fields: str) -> None:
        """One act by a person, as the button does it."""
        with self.app.app_context(), transaction() as session:
            version = session.execute(sa.select(Ticket.version).where(Ticket.number == number)).scalar_one()
            actor = self.actor_in(session, by)
            perform(session, number, action, version=version, actor=actor, fields=fields)

    def assigned(self, matter: str = "学校课后服务另收材料费一百元。", *, to: str = "li", **more: Any) -> str:
        """A ticket that is being handled by somebody."""
        number = self.ticket(matter, **more)
        self.act(number, Action.ACCEPT, by=to, handler=to)
        self.act(number, Action.START, by=to)
        return number

    def stored(self, number: str) -> Ticket:
        with self.app.app_context():
            ticket = db.session().scalars(sa.select(Ticket).where(Ticket.number == number)).one()
            db.session.expunge_all()
            return ticket

    def version(self, number: str) -> str:
        return str(self.stored(number).version)


@contextmanager
def count_queries(app: Flask) -> Iterator[list[str]]:
    """Every statement the application sends meanwhile."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        # The menu asks for the other features as well; what they ask is theirs to count.
        if not statement.startswith(("PRAGMA", "BEGIN")) and not _OTHERS.search(statement):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def words_of(html: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def in_office(text: str) -> datetime:
    """A moment of the office's clock."""
    from core.clock import OFFICE_ZONE

    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_ZONE)
