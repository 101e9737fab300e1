"""The history told again leads to what stands in the tables, and whoever changes either is seen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date

import pytest
import sqlalchemy as sa

from core.audit import verify_chain
from core.db import db, transaction
from tests.life.support import MAIL, Desk
from tickets.deadlines import ledger
from tickets.handling import loading
from tickets.models import Ticket
from tickets.replay import replay, verify_replay
from tickets.vocabulary import Action, Status


@pytest.fixture
def lived(desk: Desk) -> Desk:
    """One ticket that has seen much, and one that has not."""
    desk.register(MAIL)
    desk.register()
    desk.until(Status.IN_PROGRESS)
    desk.do("worker", Action.EXTEND, days="3")
    desk.do("head", Action.EXTEND)
    desk.do("head", Action.SUSPEND)
    desk.later(days=2)
    desk.do("head", Action.RESUME)
    desk.do("worker", Action.REPORT_DONE)
    desk.do("head", Action.SEND_BACK)
    desk.do("worker", Action.REPORT_DONE)
    desk.do("head", Action.APPROVE)
    desk.do("worker", Action.ANSWERED)
    desk.do("clerk_only", Action.CALLED_BACK)
    desk.do("head", Action.REOPEN)
    return desk


def tampered(statement: str) -> str:
    """Writes past every guard, as somebody with the database file would; what the check then says."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema=OFF")
        for (trigger,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='ticket_event'"
        ).fetchall():
            connection.exec_driver_sql(f'DROP TRIGGER "{trigger}"')
        connection.exec_driver_sql(statement)
        connection.commit()
    db.session.rollback()
    findings = verify_replay(db.session()).findings
    return findings[0].sentence if findings else ""


def test_an_honest_history_leads_where_the_ticket_is(lived: Desk) -> None:
    session = db.session()
    result = verify_replay(session)
    assert (result.ok, result.tickets) == (True, 2)
    assert result.events == 15
    assert verify_chain(session).ok
    told = replay(loading.events_of(session, lived.ticket()))
    assert told.status is Status.IN_PROGRESS
    assert {"due": dict(told.due), "marks": dict(told.marks)} == ledger.for_history(session, lived.ticket())


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE ticket SET status='closed' WHERE id=2", "状态与经过不符"),
        ("UPDATE deadline SET last_day='2027-01-01' WHERE ticket_id=2 AND kind='resolve'", "期限与经过不符"),
        ("DELETE FROM deadline WHERE ticket_id=2 AND kind='legal'", "期限与经过不符"),
        (
            "UPDATE deadline SET met_at='2026-11-24 02:00:00' WHERE ticket_id=1 AND kind='resolve'",
            "期限与经过不符",
        ),
        (
            "UPDATE deadline SET met_at='2026-11-23 02:00:00' WHERE ticket_id=2 AND kind='resolve'",
            "期限与经过不符",
        ),
        (
            "UPDATE deadline SET ended_at='2026-11-23 02:00:00' WHERE ticket_id=1 AND kind='resolve'",
            "期限与经过不符",
        ),
        ("UPDATE deadline SET paused_at='2026-11-23 02:00:00' WHERE ticket_id=1", "期限与经过不符"),
        (
            "UPDATE deadline SET started_at='2026-11-20 02:00:00' WHERE ticket_id=2 AND round=2",
            "期限与经过不符",
        ),
        ("UPDATE deadline SET provisional=1 WHERE ticket_id=1 AND kind='accept'", "期限与经过不符"),
        (
            "UPDATE deadline SET original_last_day='2026-12-30' WHERE ticket_id=2 AND kind='resolve'",
            "期限与经过不符",
        ),
        ("UPDATE ticket SET answered_at='2026-11-24 02:00:00' WHERE id=1", "受理、答复或办结的时间"),
        ("UPDATE ticket SET closed_at='2026-11-24 02:00:00' WHERE id=2", "受理、答复或办结的时间"),
        ("UPDATE ticket SET accepted_at='2026-11-20 02:00:00' WHERE id=2", "受理、答复或办结的时间"),
        ("UPDATE ticket_event SET reason='别的话' WHERE ticket_id=2 AND position=4", "第 4 条经过被改动过"),
        (
            "UPDATE ticket_event SET occurred_at='2026-11-01 00:00:00' WHERE ticket_id=1",
            "第 1 条经过被改动过",
        ),
        ("DELETE FROM ticket_event WHERE ticket_id=2 AND position=6", "第 6 条经过缺失"),
        ("DELETE FROM ticket_event WHERE ticket_id=2 AND position=14", "第 14 条经过缺失"),
        (
            "INSERT INTO ticket_event (ticket_id, position, occurred_at, recorded_at, actor, action, from_status,"
            " to_status, reason, data) VALUES (2, 15, '2026-11-25', '2026-11-25', 'x', 'report_done',"
            " 'in_progress', 'pending_review', '', '{}')",
            "第 15 条经过被改动过",
        ),
    ],
)
def test_what_was_prettied_up_is_named(lived: Desk, statement: str, sentence: str) -> None:
    assert sentence in tampered(statement)


def test_an_act_that_the_table_does_not_know_is_no_history(desk: Desk) -> None:
    desk.register()
    events = loading.events_of(db.session(), desk.ticket())
    jump = [
        *events,
        type(events[0])(
            action=Action.CALLED_BACK,
            actor_id=1,
            from_status=Status.PENDING,
            to_status=Status.CLOSED,
            occurred_at=events[0].occurred_at,
        ),
    ]
    assert "不合规则" in replay(jump).trouble
    assert "接不上" in replay([*events, jump[0]]).trouble or "不应是" in replay([*events, jump[0]]).trouble
    assert replay([]).trouble == "没有经过记录"
    assert "不应是" in replay(jump[1:]).trouble


def test_checking_many_reads_in_batches(desk: Desk) -> None:
    for _ in range(3):
        desk.register()
    with transaction() as session:
        session.execute(sa.update(Ticket).where(Ticket.id == 3).values(status=Status.VOIDED))
    result = verify_replay(db.session())
    assert [finding.number for finding in result.findings] == [desk.number]
    assert date.fromisoformat(desk.running()["resolve"])


def test_the_moment_of_a_deadline_cannot_be_moved_beside_its_day(lived: Desk) -> None:
    assert "期限与经过不符" in tampered(
        "UPDATE deadline SET due_at = '2030-01-01 16:00:00' WHERE kind = 'notice'"
    )


def test_a_ticket_that_was_deleted_with_all_that_is_of_it_is_missed(lived: Desk) -> None:
    number = lived.register()
    assert db.engine.url.database
    with closing(sqlite3.connect(db.engine.url.database)) as outside:  # such a connection asks no foreign key
        outside.execute("DELETE FROM ticket WHERE number = ?", (number,))
        outside.commit()
    db.session.rollback()
    (finding,) = verify_replay(db.session()).findings
    assert (finding.number, finding.sentence) == (number, "整件已被删除")
