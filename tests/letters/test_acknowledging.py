"""The acknowledgement of a mail: one a ticket, three a day an address, the rest in one letter the next morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import vault
from core.clock import now
from core.db import db, transaction
from outbox.models import OutboxMessage
from tests.support.app import clock_of, make_app
from tickets import letters
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.models import Ticket
from tickets.vocabulary import Channel

PARENT = "lin.jiazhang@example.com"
MAILBOX = "zjg23236764@163.com"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "data")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def write_in(*, recipient: str = PARENT, needs_reading: bool = False) -> tuple[bool, str]:
    """A mail that has become a ticket; whether it is acknowledged, and its number."""
    with transaction() as session:
        registered = register(
            session,
            NewTicket(
                channel=Channel.MAIL,
                received_at=now(),
                matter="课后服务另收材料费",
                section="zhongjiao",
                needs_reading=needs_reading,
                people=(Person(email=PARENT),),
            ),
        )
        done = letters.acknowledge(
            session,
            registered,
            recipient=recipient,
            sender=MAILBOX,
            written_at=now(),
            reply_to_id="<letter@example.com>",
        )
        return done, registered.ticket.number


def waiting() -> list[tuple[OutboxMessage, str]]:
    """The outbox with its opened texts."""
    rows = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    opened = []
    for row in rows:
        key = vault.data_key(db.session(), row.data_key_id)
        opened.append((row, vault.unseal(key, row.body_sealed, place=f"outbox|body|{key.id}")))
    db.session.rollback()
    return opened


def test_it_tells_number_and_code_and_nothing_of_what_was_written(app: Flask) -> None:
    done, number = write_in()

    assert done
    ((row, body),) = waiting()
    assert row.subject.startswith(f"来信已登记〔编号 {number}〕〔回信码 ")
    assert f"编号：{number}\n查询码：" in body
    assert "您于 2026年11月23日（星期一）发来的邮件" in body
    assert "材料费" not in body
    assert "0595-23236764" in body
    assert "安溪县教育局中教股" in body
    assert "<letter@example.com>" in row.headers


def test_an_unreadable_mail_is_answered_with_a_word_about_it(app: Flask) -> None:
    write_in(needs_reading=True)

    assert "有内容未能正常显示" in waiting()[0][1]


def test_from_the_fourth_of_a_day_on_one_letter_goes_the_next_morning(app: Flask) -> None:
    numbers = [write_in()[1] for _ in range(6)]

    rows = waiting()
    assert len(rows) == 4
    rest, body = rows[3]
    assert [number for number in numbers if number in body] == numbers[3:]
    assert body.count("查询码：") == 3
    assert rest.next_at - now() == timedelta(hours=23), "at eight in the morning"


def test_the_next_day_counts_anew(app: Flask) -> None:
    for _ in range(4):
        write_in()
    clock_of(app).moment += timedelta(days=1)
    write_in()

    assert len(waiting()) == 5


def test_addresses_are_counted_apart_whatever_their_capitals(app: Flask) -> None:
    for _ in range(3):
        write_in()
    write_in(recipient=PARENT.upper())
    write_in(recipient="other@example.com")

    assert [row.subject.endswith("等〕") for row, _ in waiting()] == [False, False, False, True, False]


@pytest.mark.parametrize("recipient", [MAILBOX, MAILBOX.upper(), "chuyoujiao@163.com", ""])
def test_the_office_never_writes_to_itself(app: Flask, recipient: str) -> None:
    assert not write_in(recipient=recipient)[0]
    assert waiting() == []
    assert db.session.execute(sa.select(sa.func.count()).select_from(Ticket)).scalar_one() == 1
