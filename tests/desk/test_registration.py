"""Registering while somebody speaks: the matter is enough, nothing typed is lost, nothing is kept against a wish."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.clock import FixedClock
from core.db import db
from tests.accounts.people import Browser
from tests.desk.office import NAME, PHONE, Office, words_of
from tickets import identity
from tickets.models import Complainant, Ticket
from tickets.vocabulary import Anonymity, Channel, Secrecy, Status, Urgency

MATTER = "孩子学校的课后服务另收材料费，没有收据。"


def registered(office: Office, answer: Any) -> Ticket:
    assert answer.status_code == 303, words_of(answer.get_data(as_text=True))
    return office.stored(answer.location.rsplit("/", 1)[-1])


def people(app: Flask, ticket: Ticket) -> list[identity.Person]:
    with app.app_context():
        return identity.open_complainants(db.session(), ticket)


def test_the_matter_alone_makes_a_ticket(office: Office, chen: Browser) -> None:
    ticket = registered(office, chen.post("/tickets/new", {"matter": MATTER}))

    assert (ticket.status, ticket.channel, ticket.matter) == (Status.PENDING, Channel.PHONE, MATTER)
    assert ticket.recorded_by_id == office.actor("chen").id


def test_without_the_matter_every_text_comes_back(chen: Browser) -> None:
    typed = {
        "request": "请退还多收的钱",
        "caller_name": NAME,
        "caller_phone": PHONE,
        "school_text": "云岭一中",
    }

    answer = chen.post("/tickets/new", {"matter": "  ", **typed})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert all(text in page for text in typed.values())
    assert "请先记下反映的事项" in page


def test_a_name_typed_for_somebody_who_wants_nothing_kept_is_asked_about(
    app: Flask, office: Office, chen: Browser
) -> None:
    typed = {"matter": MATTER, "anonymity": "anonymous", "caller_name": NAME, "caller_phone": PHONE}

    asked = chen.post("/tickets/new", typed)
    dropped = registered(office, chen.post("/tickets/new", {**typed, "drop_identity": "y"}))

    assert asked.status_code == 422
    assert all(text in asked.get_data(as_text=True) for text in (MATTER, NAME, PHONE, "drop_identity"))
    assert people(app, dropped) == [identity.Person(anonymity=Anonymity.ANONYMOUS)]
    with app.app_context():
        row = db.session().scalars(sa.select(Complainant).where(Complainant.ticket_id == dropped.id)).one()
        assert row.phone_index is None


def test_who_leaves_a_number_is_confidential_unless_he_says_otherwise(
    app: Flask, office: Office, chen: Browser
) -> None:
    typed = {
        "matter": MATTER,
        "caller_name": NAME,
        "caller_phone": PHONE,
        "wants_callback": "y",
        "contact_note": "晚上打",
    }
    (person,) = people(app, registered(office, chen.post("/tickets/new", typed)))

    assert person.anonymity is Anonymity.CONFIDENTIAL
    assert (person.name, person.phone, person.contact_note, person.wants_callback) == (
        NAME,
        PHONE,
        "晚上打",
        True,
    )


def test_all_that_may_be_said_of_a_call_is_kept(office: Office, chen: Browser) -> None:
    answer = chen.post(
        "/tickets/new",
        {
            "matter": MATTER,
            "channel": "12345",
            "occurred_at": "2026-11-20T16:45",
            "grade_text": "初二（3）班",
            "school_text": "某中学",
            "caller_kind": "parent",
            "target_kind": "school",
            "category": "B2",
            "urgent": "y",
            "secrecy": "strict",
            "source_ref": "FJ2026112000123",
            "source_due": "2026-11-27",
        },
    )
    ticket = registered(office, answer)

    assert ticket.received_at == datetime(2026, 11, 20, 8, 45, tzinfo=UTC)
    assert ticket.backfilled
    assert (ticket.channel, ticket.urgency, ticket.secrecy) == (
        Channel.HOTLINE_12345,
        Urgency.URGENT,
        Secrecy.STRICT,
    )
    assert (ticket.source_ref, ticket.source_due, ticket.grade_text) == (
        "FJ2026112000123",
        "2026-11-27",
        "初二（3）班",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("occurred_at", "2026-11-24T09:00"),
        ("occurred_at", "昨天下午"),
        ("source_due", "下周五"),
        ("channel", "pigeon"),
        ("category", "Z9"),
    ],
)
def test_what_cannot_be_is_refused_without_losing_the_words(chen: Browser, field: str, value: str) -> None:
    answer = chen.post("/tickets/new", {"matter": MATTER, field: value})

    assert answer.status_code == 422
    assert MATTER in answer.get_data(as_text=True)


def test_number_and_code_are_shown_once_to_be_read_aloud(office: Office, chen: Browser) -> None:
    answer = chen.post("/tickets/new", {"matter": MATTER})
    number = answer.location.rsplit("/", 1)[-1]

    first, second = chen.text(answer.location), chen.text(answer.location)

    code = re.search(r'id="receipt-code-1">([\d ]+)<', first)
    assert code
    digits = code[1].replace(" ", "")
    assert len(digits) == 10
    assert digits not in answer.location
    assert "中教，11 月 23 日，第 1 号" in first
    assert "receipt-code-1" not in second
    with office.app.app_context():
        kept = db.session().scalars(sa.select(Complainant.query_code_hash)).one()
        assert identity.query_code_fits(kept, number, digits)


def test_a_clerk_gets_the_number_of_a_ticket_he_may_not_read(office: Office, chen: Browser) -> None:
    answer = chen.post("/tickets/new", {"matter": "校长多拿补贴，我是老师。", "caller_kind": "teacher"})

    page = chen.get(answer.location)

    assert page.status_code == 200
    assert "receipt-code-1" in page.get_data(as_text=True)
    assert "校长多拿补贴" not in page.get_data(as_text=True)
    assert chen.get(answer.location).status_code == 404


def test_a_call_for_the_other_section_goes_there(office: Office, chen: Browser) -> None:
    ticket = registered(
        office, chen.post("/tickets/new", {"matter": "幼儿园大班乱收费。", "section": "chuyoujiao"})
    )

    assert ticket.number.startswith("CY")


def test_a_question_answered_on_the_phone_is_closed_at_once(office: Office, chen: Browser) -> None:
    typed = {"matter": "课后服务几点结束？", "category": "I1", "answer_now": "1", "answer": "五点半结束。"}

    ticket = registered(office, chen.post("/tickets/new", typed))

    assert (ticket.status, ticket.answer) == (Status.CLOSED, "五点半结束。")


def test_an_answer_sent_in_the_buttons_place_counts_as_one(office: Office, chen: Browser) -> None:
    typed = {"matter": "课后服务几点结束？", "category": "I1", "answer_now": "五点半结束。"}

    assert registered(office, chen.post("/tickets/new", typed)).answer == "五点半结束。"


def test_a_complaint_cannot_be_closed_on_the_phone_and_no_number_is_used(
    office: Office, chen: Browser
) -> None:
    refused = chen.post(
        "/tickets/new", {"matter": MATTER, "category": "B2", "answer_now": "1", "answer": "知道了。"}
    )
    ticket = registered(office, chen.post("/tickets/new", {"matter": MATTER}))

    assert refused.status_code == 422
    assert MATTER in refused.get_data(as_text=True)
    assert ticket.number.endswith("-0001")


def test_the_button_shows_suggestions_and_like_tickets_and_saves_nothing(
    office: Office, chen: Browser
) -> None:
    known = office.ticket("云岭一中初二课后服务另收材料费两百元，不交不让参加社团。")
    answer = chen.post(
        "/tickets/new",
        {"matter": "云岭一中课后服务又另收材料费，不交不让参加社团", "look": "1", "caller_name": NAME},
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert known in page
    assert NAME in page
    with office.app.app_context():
        assert db.session().execute(sa.select(sa.func.count(Ticket.id))).scalar_one() == 1


def test_like_tickets_of_another_section_are_not_shown(office: Office) -> None:
    known = office.ticket("云岭一中初二课后服务另收材料费两百元，不交不让参加社团。")

    page = office.signed_in("xu").post(
        "/tickets/new", {"matter": "云岭一中课后服务另收材料费，不交不让参加社团", "look": "1"}
    )

    assert known not in page.get_data(as_text=True)


def test_the_form_begins_with_the_present_moment(chen: Browser, clock: FixedClock) -> None:
    assert 'value="2026-11-23T09:00"' in chen.text("/tickets/new")


@pytest.mark.parametrize(
    ("who", "status"), [("chen", 200), ("li", 200), ("wang", 200), ("zhou", 200), ("ji", 403), ("guan", 403)]
)
def test_who_may_register(office: Office, who: str, status: int) -> None:
    assert office.signed_in(who).get("/tickets/new").status_code == status
