"""The one door: what is made of a complaint, and what of it anybody can read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit
from core.db import Base, db, transaction
from core.errors import DomainError
from tests.support.app import clock_of
from tests.support.moments import MONDAY_MORNING
from tickets import identity
from tickets.deadlines.rules import DeadlineKind
from tickets.identity import Person
from tickets.intake import TITLE_LENGTH, NewTicket, Registered, register
from tickets.messages import NewAttachment, NewMessage
from tickets.models import Deadline, Ticket, TicketCategory, TicketEvent, TicketSchool
from tickets.vocabulary import Anonymity, CallerKind, Channel, Secrecy, Status, TargetKind, Urgency

CALLER = Person(name="李晓兰", phone="138 0000 4321", address="凤城镇河滨路9号", contact_note="晚上八点后")
MATTER = "云岭二中初二课后服务全班都要参加。我叫李晓兰，电话13800004321，孩子是李晓兰的儿子。"


def phone_call(**changes: Any) -> NewTicket:
    """A call as a clerk logs it."""
    values: dict[str, Any] = {
        "channel": Channel.PHONE,
        "received_at": MONDAY_MORNING,
        "matter": MATTER,
        "request": "请李晓兰本人能收到答复",
        "school_text": "云岭二中",
        "grade_text": "初二",
        "people": (CALLER,),
    }
    return NewTicket(**{**values, **changes})


def registered(new: NewTicket) -> Registered:
    with transaction() as session:
        return register(session, new)


def last_days(ticket: Ticket) -> dict[DeadlineKind, str]:
    rows: Sequence[Deadline] = db.session.scalars(
        sa.select(Deadline).where(Deadline.ticket_id == ticket.id)
    ).all()
    return {row.kind: row.last_day.isoformat() for row in rows}


@pytest.mark.parametrize("before", range(45, 62))
def test_a_title_never_ends_in_half_a_telephone_number_or_name(office: Flask, before: int) -> None:
    said = "课后服务收费没有公示" * 7
    ticket = registered(
        phone_call(matter=f"{said[:before]}电话13800004321，我叫李晓兰，请尽快处理这件事情。")
    ).ticket
    assert "138" not in ticket.title
    assert "李" not in ticket.title
    assert len(ticket.title) <= TITLE_LENGTH


def test_a_call_becomes_a_numbered_ticket_of_the_section_that_looks_after_the_school(office: Flask) -> None:
    ticket = registered(phone_call()).ticket
    assert ticket.number == "ZJ20261123-0001"
    assert ticket.status is Status.PENDING
    assert registered(
        phone_call(matter="云岭实小三年级托管太吵", school_text="云岭实小", grade_text="")
    ).ticket.number == ("CY20261123-0001")


def test_working_texts_hold_neither_name_nor_number_wherever_they_recur(office: Flask) -> None:
    ticket = registered(phone_call()).ticket
    for text in (ticket.title, ticket.matter, ticket.request):
        assert "李晓兰" not in text
        assert "13800004321" not in text
    assert "〔姓名1〕" in ticket.matter
    assert "〔电话1〕" in ticket.matter
    assert "〔姓名1〕" in ticket.request  # the same person keeps the number in every text


def test_no_column_of_any_table_holds_who_called(office: Flask) -> None:
    message = NewMessage(
        subject="李晓兰的反映",
        text=f"{MATTER}\n此致 李晓兰 lixiaolan@163.com",
        sender="李晓兰 <lixiaolan@163.com>",
        attachments=(
            NewAttachment(name="李晓兰的截图.png", content_type="image/png", size=1, blob="0" * 64),
        ),
    )
    registered(phone_call(people=(CALLER, Person(name="李晓兰", email="lixiaolan@163.com")), message=message))
    secrets = ["李晓兰", "13800004321", "138 0000 4321", "lixiaolan", "河滨路9号", "晚上八点"]
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            for value in row:
                content = value if isinstance(value, bytes) else str(value).encode()
                assert not [secret for secret in secrets if secret.encode() in content], table.name


def test_what_was_really_said_opens_again_for_those_who_may(office: Flask) -> None:
    ticket = registered(phone_call()).ticket
    session = db.session()
    assert identity.open_verbatim(session, ticket)["matter"] == MATTER
    (person,) = identity.open_complainants(session, ticket)
    assert (person.name, person.phone, person.contact_note) == ("李晓兰", "138 0000 4321", "晚上八点后")
    assert person.anonymity is Anonymity.CONFIDENTIAL


def test_the_query_code_is_given_once_and_kept_only_as_a_keyed_hash(office: Flask) -> None:
    done = registered(phone_call())
    (code,) = done.query_codes
    assert len(code) == 10
    assert code[-1] == identity.check_digit(code[:-1])
    stored = db.session.execute(sa.text("SELECT query_code_hash FROM complainant")).scalar_one()
    assert code not in stored
    assert identity.query_code_fits(stored, done.ticket.number, code)
    assert not identity.query_code_fits(stored, "ZJ20261123-0002", code)


def test_accept_resolve_and_notice_run_from_arrival(office: Flask) -> None:
    assert last_days(registered(phone_call()).ticket) == {
        DeadlineKind.ACCEPT: "2026-11-26",
        DeadlineKind.RESOLVE: "2026-12-07",
        DeadlineKind.NOTICE: "2026-12-08",
    }


def test_an_urgent_case_and_a_question_have_three_working_days(office: Flask) -> None:
    urgent = registered(phone_call(urgent=True)).ticket
    question = registered(phone_call(matter="咨询课后服务几点结束", category="I1", urgent=False)).ticket
    assert urgent.urgency is Urgency.URGENT
    assert last_days(urgent)[DeadlineKind.RESOLVE] == "2026-11-26"
    assert last_days(question)[DeadlineKind.RESOLVE] == "2026-11-26"


def test_what_comes_on_a_day_off_counts_from_the_next_working_day(office: Flask) -> None:
    saturday = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert last_days(registered(phone_call(received_at=saturday)).ticket)[DeadlineKind.ACCEPT] == "2026-11-26"


def test_a_call_entered_hours_later_keeps_its_own_time_and_says_so(office: Flask) -> None:
    ticket = registered(phone_call(received_at=MONDAY_MORNING - timedelta(hours=20))).ticket
    assert ticket.backfilled
    assert ticket.received_at == MONDAY_MORNING - timedelta(hours=20)
    assert ticket.recorded_at == MONDAY_MORNING
    assert not registered(phone_call()).ticket.backfilled


@pytest.mark.parametrize(
    "exposed",
    [
        {"caller_kind": CallerKind.TEACHER},
        {"target_kind": TargetKind.HEADMASTER},
        {"target_kind": TargetKind.BUREAU},
    ],
)
def test_a_teacher_who_complains_and_a_headmaster_complained_of_are_restricted_by_themselves(
    office: Flask, exposed: dict[str, Any]
) -> None:
    assert registered(phone_call(**exposed)).ticket.secrecy is Secrecy.RESTRICTED


def test_nothing_but_the_matter_is_required(office: Flask) -> None:
    ticket = registered(
        NewTicket(channel=Channel.PHONE, received_at=MONDAY_MORNING, matter="课后服务太贵")
    ).ticket
    assert ticket.title == "课后服务太贵"
    with pytest.raises(DomainError, match="反映的事项"):
        registered(NewTicket(channel=Channel.PHONE, received_at=MONDAY_MORNING, matter=" \n "))


def test_a_refused_registration_takes_no_number(office: Flask) -> None:
    registered(phone_call())
    with pytest.raises(DomainError):
        registered(phone_call(section="no such section"))
    assert registered(phone_call()).ticket.number == "ZJ20261123-0002"


def test_numbers_follow_the_day_of_registration_in_the_office(office: Flask) -> None:
    clock_of(office).moment = datetime(
        2026, 11, 23, 16, 30, tzinfo=UTC
    )  # half past midnight on Tuesday there
    assert registered(phone_call()).ticket.number == "ZJ20261124-0001"


def test_the_suggested_category_and_school_say_that_nobody_has_confirmed_them(office: Flask) -> None:
    ticket = registered(phone_call()).ticket
    category = db.session.scalars(
        sa.select(TicketCategory).where(TicketCategory.ticket_id == ticket.id)
    ).one()
    school = db.session.scalars(sa.select(TicketSchool).where(TicketSchool.ticket_id == ticket.id)).one()
    assert (category.category_code, category.main, category.set_by) == ("A1", True, "系统建议")
    assert school.confirmed_by == ""


def test_the_first_line_of_history_is_vouched_for_by_the_audit_chain(office: Flask) -> None:
    ticket = registered(phone_call()).ticket
    event = db.session.scalars(sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)).one()
    entry = db.session.scalars(
        sa.select(audit.AuditEntry).where(audit.AuditEntry.object_ref == ticket.ref)
    ).one()
    from tickets.history import digest_of

    assert json.loads(entry.data)["digest"] == digest_of(event)
    assert audit.verify_chain(db.session()).ok


def test_control_characters_and_nul_never_reach_the_database(office: Flask) -> None:
    ticket = registered(phone_call(matter="课后\x00服务\u202e太贵\ud800")).ticket
    assert "\x00" not in ticket.matter
    assert "课后" in ticket.matter


def test_a_blob_folder_is_not_touched_by_a_call(office: Flask, tmp_path: Path) -> None:
    registered(phone_call())
    assert not (tmp_path / "blobs").exists()
