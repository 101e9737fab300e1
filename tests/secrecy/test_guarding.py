"""Pressure, inquiries after a leak, sealed hand-overs, the search by telephone, and who is told: the rules of each."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.actor import Actor
from accounts.vocabulary import Role
from core.audit import AuditEntry, verify_chain
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError, NotAllowed, NotFound
from outbox.models import OutboxMessage
from tests.life.support import person
from tests.orders.support import NAME, PHONE, SUMMARY, OrderDesk
from tickets import opening, printing
from tickets.handling import loading
from tickets.identity import Person
from tickets.models import (
    InformedSection,
    LeakInquiry,
    NoticeAddress,
    Pressure,
    Reveal,
    SealedHandOver,
    SecrecyNotice,
    TicketEvent,
)
from tickets.orders.words import OrderState, OrderVerb
from tickets.replay import verify_replay
from tickets.secrecy import leak_inquiries, notices, phone_search, pressures, sealed_hand_overs
from tickets.secrecy.sealed_hand_overs import Sheet
from tickets.secrecy.words import NoticeKind, SealedState, SealedVerb
from tickets.vocabulary import Action, Secrecy

ASKED = {
    "happened": "asked",
    "people": "该校办公室主任",
    "way": "phone",
    "said": f"想知道是谁反映的，是不是{NAME}，电话{PHONE}",
    "answered": "一律不能说",
}
SEALED = {
    "authority": "县公安局刑侦大队",
    "paper_number": "安公调〔2026〕8号",
    "basis": "依法调取，用于立案侦查",
    "envelope": "with_words",
}
TAKEN = {"taken_by": "陈警官、王警官，证件已核对"}


def pressed(desk: OrderDesk, by: str = "worker", **fields: str) -> None:
    actor = person(by)
    with transaction() as session:
        pressures.record(session, desk.number, actor=actor, fields={**ASKED, **fields})


def inquire(desk: OrderDesk, by: str = "head", **fields: str) -> str:
    actor = person(by)
    with transaction() as session:
        row = leak_inquiries.start(
            session, desk.number, actor=actor, fields={"reason": "老师当着全班问谁家长去告的", **fields}
        )
        session.flush()
        return row.id


def conclude(desk: OrderDesk, inquiry: str, by: str = "leader") -> None:
    actor = person(by)
    with transaction() as session:
        leak_inquiries.conclude(
            session,
            desk.number,
            inquiry,
            actor=actor,
            fields={"result": "not_found", "conclusion": "逐一谈话，没有发现泄露"},
        )


def ask_sealed(desk: OrderDesk, by: str = "worker") -> str:
    actor = person(by)
    with transaction() as session:
        return sealed_hand_overs.ask(session, desk.number, actor=actor, fields=SEALED).id


def sealed() -> SealedHandOver:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(sa.select(SealedHandOver)).one()


def decide(desk: OrderDesk, by: str, verb: SealedVerb = SealedVerb.APPROVE, **fields: str) -> None:
    actor, row = person(by), sealed()
    row_id, version = row.id, row.version
    with transaction() as session:
        sealed_hand_overs.decide(
            session, desk.number, row_id, verb, version=version, actor=actor, fields=fields
        )


def sheet(desk: OrderDesk, by: str = "head") -> Sheet:
    actor, row_id = person(by), sealed().id
    with transaction() as session:
        return sealed_hand_overs.print_sheet(session, desk.number, row_id, actor=actor)


def told(role: Role) -> list[str]:
    db.session.rollback()
    return [
        f"{row.kind.label}：{row.said}"
        for row in db.session.scalars(
            sa.select(SecrecyNotice).where(SecrecyNotice.role == role).order_by(SecrecyNotice.id)
        )
    ]


def search(phone: str, by: str = "worker", reason: str = "calls_again") -> list[str]:
    actor = person(by)
    with transaction() as session:
        return [each.number for each in phone_search.search(session, phone, reason, actor=actor)]


def audited(action: str) -> list[dict[str, Any]]:
    db.session.rollback()
    rows = db.session.execute(
        sa.select(AuditEntry.actor, AuditEntry.object_ref, AuditEntry.data)
        .where(AuditEntry.action == action)
        .order_by(AuditEntry.seq)
    ).all()
    return [{"by": row.actor, "about": row.object_ref, **json.loads(row.data)} for row in rows]


# Pressure


def test_whoever_was_asked_writes_it_down_and_head_and_leader_know(desk: OrderDesk) -> None:
    pressed(desk)

    row = db.session.scalars(sa.select(Pressure)).one()
    assert (row.kind.label, row.way.label, row.recorded_by) == ("打听反映人", "电话", "worker")
    assert NAME not in row.said
    assert PHONE not in row.said
    assert told(Role.HEAD) == told(Role.LEADER) == ["打听、施压：登记了一次“打听反映人”（电话）。"]
    assert desk.ticket().secrecy is Secrecy.STRICT
    event = db.session.scalars(sa.select(TicketEvent).where(TicketEvent.action == Action.PRESSURE)).one()
    assert event.reason.startswith("打听反映人（电话）：该校办公室主任说：")
    assert verify_replay(db.session()).ok


def test_pressure_never_makes_a_ticket_less_secret(desk: OrderDesk) -> None:
    desk.do("head", Action.CORRECT, secrecy="restricted", reason="该校负责人打听")
    pressed(desk)
    assert desk.ticket().secrecy is Secrecy.RESTRICTED


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"people": ""}, "是谁"),
        ({"happened": "other"}, "发生了什么"),
        ({"at": "2030-01-01T08:00"}, "不能晚于现在"),
        ({"said": "话" * 2001}, "2000 字"),
    ],
)
def test_what_is_missing_or_cannot_be_is_said(desk: OrderDesk, fields: dict[str, str], sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        pressed(desk, **fields)


def test_another_section_does_not_even_learn_that_there_is_such_a_case(desk: OrderDesk) -> None:
    for by in ("other_worker", "other_head", "supervisor", "admin"):
        with pytest.raises(NotFound):
            pressed(desk, by=by)


def test_what_was_recorded_can_be_neither_changed_nor_taken_away(desk: OrderDesk) -> None:
    pressed(desk)
    for statement in ("UPDATE pressure SET said = ''", "DELETE FROM pressure"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), db.engine.begin() as connection:
            connection.exec_driver_sql(statement)


# Inquiries after a leak


def test_an_inquiry_draws_the_circle_close_and_freezes_who_knew(desk: OrderDesk) -> None:
    worker = person("worker")
    desk.order_until(OrderState.SIGNED)
    with transaction() as session:
        ticket = loading.lock(session, [desk.number])[desk.number]
        facts = loading.facts_of(session, ticket)
        opening.reveal(session, ticket, facts, actor=worker, reason="check")
        printing.print_form(session, ticket, printing.Form.REGISTRATION, actor=worker)
        session.add(InformedSection(ticket_id=ticket.id, section_id=2, reason="同一来信", since=now()))

    inquire(desk)

    ticket = desk.ticket()
    assert (ticket.secrecy, ticket.handler_id) == (Secrecy.RESTRICTED, None)
    assert db.session.scalars(sa.select(InformedSection)).all() == []
    assert db.session.execute(sa.select(sa.func.max(Reveal.until))).scalar_one() <= now()
    record = json.loads(db.session.scalars(sa.select(LeakInquiry)).one().record)
    assert {(each["who"], each["what"]) for each in record["touches"]} >= {
        ("worker", "查看联系方式"),
        ("worker", "打印"),
    }
    (sent,) = record["to_school"]
    assert (sent["text"], sent["delivered_to"], sent["signed_by"]) == (SUMMARY, "办公室陈主任", "陈志远")
    assert {"登记", "受理", "交办单"} <= {each["what"] for each in record["acts"]}
    assert NAME not in str(record)
    assert PHONE not in str(record)
    assert told(Role.LEADER) == ["泄密核查：head启动了泄密核查。"]
    for by in ("worker", "clerk_only"):
        with pytest.raises(NotFound):
            pressed(desk, by=by)


def test_only_head_and_leader_start_one_and_one_at_a_time(desk: OrderDesk) -> None:
    for by in ("worker", "clerk_only"):
        with pytest.raises(NotAllowed, match="股室负责人或分管领导"):
            inquire(desk, by=by)
    first = inquire(desk, by="leader")
    with pytest.raises(DomainError, match="正在进行"):
        inquire(desk)
    conclude(desk, first)
    with pytest.raises(DomainError, match="已经办结"):
        conclude(desk, first)
    inquire(desk)


def test_nothing_goes_to_the_school_while_it_runs(desk: OrderDesk) -> None:
    desk.order_until(OrderState.DRAFT)
    inquiry = inquire(desk)
    desk.do("head", Action.ASSIGN, handler="worker")
    with pytest.raises(DomainError, match="不向学校发出任何材料"):
        desk.step("head", OrderVerb.ISSUE)
    conclude(desk, inquiry)
    desk.step("head", OrderVerb.ISSUE)
    assert desk.ticket().secrecy is Secrecy.RESTRICTED


def test_a_record_changed_afterwards_is_named(desk: OrderDesk) -> None:
    inquiry = inquire(desk)
    conclude(desk, inquiry)
    assert leak_inquiries.trouble(db.session()) == []
    for statement, sentence in (
        ("UPDATE leak_inquiry SET record = '{}'", f"{desk.number}：泄密核查的记录被改动过"),
        ("DELETE FROM leak_inquiry", "有泄密核查的记录被删除"),
    ):
        db.session.rollback()
        assert db.engine.url.database
        with closing(sqlite3.connect(db.engine.url.database)) as outside:
            outside.execute(statement)
            outside.commit()
        db.session.expire_all()
        assert leak_inquiries.trouble(db.session()) == [sentence]


# Sealed hand-over


def test_two_people_approve_one_sheet_is_printed_and_it_is_handed_over(desk: OrderDesk) -> None:
    ask_sealed(desk)
    with pytest.raises(DomainError, match="还没有两人批准"):
        sheet(desk)
    decide(desk, "head")
    with pytest.raises(DomainError, match="各批准一次"):
        decide(desk, "head")
    with pytest.raises(DomainError, match="还没有两人批准"):
        sheet(desk)
    decide(desk, "leader")
    assert sealed().state is SealedState.APPROVED

    printed = sheet(desk)

    assert [(each.name, each.phone) for each in printed.people] == [(NAME, PHONE)]
    assert NAME in printed.words["matter"]
    with pytest.raises(DomainError, match="已经打印过一份"):
        sheet(desk)
    with pytest.raises(DomainError, match="接收人"):
        decide(desk, "head", SealedVerb.HAND_OVER)
    decide(desk, "head", SealedVerb.HAND_OVER, **TAKEN)
    row = sealed()
    assert (row.state, row.taken_by, row.number) == (
        SealedState.HANDED_OVER,
        TAKEN["taken_by"],
        "密移〔2026〕1号",
    )
    assert [each["label"] for each in audited("ticket.sealed_printed")] == [row.number]
    said = [
        event.reason
        for event in db.session.scalars(
            sa.select(TicketEvent).where(TicketEvent.action == Action.SEALED).order_by(TicketEvent.position)
        )
    ]
    assert [each.removeprefix(f"{row.number} ") for each in said] == [
        "提出申请",
        "股室负责人批准",
        "分管领导批准",
        "打印装封一份",
        "已当面移交",
    ]
    assert "公安" not in "".join(said)
    assert verify_chain(db.session()).ok
    assert verify_replay(db.session()).ok


def test_nobody_gives_both_approvals_and_a_leader_not_to_what_he_asked_himself(desk: OrderDesk) -> None:
    ask_sealed(desk, by="leader")
    with pytest.raises(DomainError, match="提出申请的领导不能自己批准"):
        decide(desk, "leader")
    decide(desk, "head")
    with pytest.raises(DomainError, match="不能自己批准"):
        decide(desk, "leader")
    assert sealed().state is SealedState.ASKED


def test_who_may_ask_approve_and_print(desk: OrderDesk) -> None:
    with pytest.raises(NotAllowed):
        ask_sealed(desk, by="clerk_only")
    ask_sealed(desk)
    with pytest.raises(NotAllowed):
        decide(desk, "worker")
    decide(desk, "head")
    decide(desk, "leader")
    for by in ("worker", "leader"):
        with pytest.raises(NotAllowed):
            sheet(desk, by=by)
    for by in ("other_head", "supervisor", "admin"):
        with pytest.raises(NotFound):
            sheet(desk, by=by)


def test_what_was_refused_is_neither_printed_nor_approved(desk: OrderDesk) -> None:
    ask_sealed(desk)
    decide(desk, "head")
    decide(desk, "leader", SealedVerb.REFUSE, reason="手续不全")
    assert (sealed().state, sealed().refusal) == (SealedState.REFUSED, "手续不全")
    with pytest.raises(DomainError, match="不用再批准"):
        decide(desk, "leader")
    with pytest.raises(DomainError, match="还没有两人批准"):
        sheet(desk)


# The search by telephone


def test_a_number_in_any_spelling_finds_what_one_may_open_and_leaves_its_mark(desk: OrderDesk) -> None:
    spelt = f"{PHONE[:3]} {PHONE[3:7]}-{PHONE[7:]}"
    assert search(spelt) == [desk.number]
    assert search("13900000000") == []
    assert (
        audited("secrecy.searched")
        == [{"by": "worker", "about": "", "reason": "反映人再次来电，要接在原件上"}] * 2
    )
    (found,) = audited("ticket.found_by_phone")
    assert found["about"] == f"ticket/{desk.number}"
    assert PHONE not in str(audited("secrecy.searched"))


def test_what_one_may_not_open_is_not_found(desk: OrderDesk) -> None:
    assert search(PHONE, by="handler_only") == []  # the section's, but another's case
    assert search(PHONE, by="other_head") == []
    assert search(PHONE, by="leader") == []
    desk.do("head", Action.CORRECT, secrecy="restricted", reason="该校负责人打听")
    assert search(PHONE) == []
    assert search(PHONE, by="head") == [desk.number]


def test_without_a_reason_or_a_whole_number_nothing_is_searched(desk: OrderDesk) -> None:
    for phone, reason in ((PHONE, ""), ("1390595", "double"), ("", "double")):
        with pytest.raises(DomainError):
            search(phone, reason=reason)
    assert audited("secrecy.searched") == []


# The soft limit


def reveal(desk: OrderDesk, actor: Actor, times: int) -> None:
    for _ in range(times):
        with transaction() as session:
            ticket = loading.lock(session, [desk.number])[desk.number]
            facts = loading.facts_of(session, ticket)
            opening.reveal(session, ticket, facts, actor=actor, reason="check")


def test_over_the_daily_limit_nobody_is_stopped_and_the_head_is_told_once(desk: OrderDesk) -> None:
    worker = person("worker")
    reveal(desk, worker, 30)
    assert told(Role.HEAD) == []
    reveal(desk, worker, 3)
    assert told(Role.HEAD) == ["查看联系方式过多：worker今天查看联系方式超过 30 次。"]
    assert told(Role.LEADER) == []
    desk.later(days=1)
    reveal(desk, worker, 31)
    assert len(told(Role.HEAD)) == 2


def test_of_a_head_the_leader_is_told(desk: OrderDesk) -> None:
    head = person("head")
    reveal(desk, head, 31)
    assert (told(Role.HEAD), len(told(Role.LEADER))) == ([], 1)


# Telling


def test_each_reads_for_the_own_role_and_what_was_read_waits_no_more(desk: OrderDesk) -> None:
    pressed(desk)
    head, leader, worker = person("head"), person("leader"), person("worker")
    assert [notices.unread(db.session(), who) for who in (head, leader, worker)] == [1, 1, 0]
    with transaction() as session:
        assert notices.note_read(session, head) == 1
    assert [notices.unread(db.session(), who) for who in (head, leader)] == [0, 1]
    ((row, number),) = notices.of(db.session(), head, at_most=5)
    assert (row.kind, row.read_by, number) == (NoticeKind.PRESSURE, "head", desk.number)


def test_the_search_and_the_people_behind_it_take_more_than_one(desk: OrderDesk) -> None:
    """Several complainants of one number are one hit."""
    desk.register(Person(name="甲乙丙", phone="13911112222"), Person(name="丁戊己", phone="13911112222"))
    desk.do("worker", Action.ACCEPT, handler="worker")
    assert search("13911112222") == [desk.number]


def test_whoever_gave_an_address_gets_a_line_that_tells_nothing(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "staff_sender", lambda: "office@example.com")
    leader = person("leader")
    with transaction() as session:
        assert leader.id is not None
        session.add(NoticeAddress(account_id=leader.id, mail="leader@example.com"))
    pressed(desk)
    subjects = db.session.scalars(
        sa.select(OutboxMessage.subject).where(OutboxMessage.dedupe.startswith("secrecy/"))
    ).all()
    assert subjects == ["工作提醒：有 1 条保密提醒"]
