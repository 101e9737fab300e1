"""What answers to our letters bring about: marks, news of a case that is over; and who may go on with a ticket at all."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.db import db, end_read
from outbox.vocabulary import OutboxKind
from tests.letters.place import Place
from tests.support.app import clock_of
from tickets.deadlines.rules import DeadlineKind
from tickets.models import Message, Ticket, TicketEvent
from tickets.vocabulary import Action, Status


def answered(place: Place) -> tuple[str, str, str]:
    """A ticket whose answer has left; its number, and the answer's subject and Message-ID."""
    number = place.approved()
    assert place.send() == 2
    (row,) = place.outbox(OutboxKind.ANSWER)
    return number, row.subject, row.message_id


def last_event(place: Place, number: str) -> TicketEvent:
    with place.app.app_context():
        found = (
            db.session()
            .scalars(
                sa.select(TicketEvent)
                .join(Ticket, Ticket.id == TicketEvent.ticket_id)
                .where(Ticket.number == number)
                .order_by(TicketEvent.position.desc())
                .limit(1)
            )
            .one()
        )
        db.session.expunge_all()
        end_read()
        return found


def last_message(place: Place) -> Message:
    with place.app.app_context():
        found = db.session().scalars(sa.select(Message).order_by(sa.text("rowid desc")).limit(1)).one()
        db.session.expunge_all()
        end_read()
        return found


@pytest.mark.parametrize("by", ["Message-ID", "token"])
def test_a_one_word_reply_is_the_mark_of_the_answer(place: Place, tmp_path: Path, by: str) -> None:
    number, subject, message_id = answered(place)
    assert place.office.stored(number).status is Status.CLOSED

    if by == "token":  # a program that forgets what it answers to, and writes 回复： instead
        place.arrives(tmp_path, f"回复：{subject}", "2")
    else:
        place.arrives(tmp_path, "回复", "基本满意，谢谢\n", In_Reply_To=message_id)

    event = last_event(place, number)
    assert event.action is Action.RATED
    assert json.loads(event.data)["satisfaction"] == "mostly"
    assert place.office.stored(number).status is Status.CLOSED
    assert place.office.stored(number).wrote_again_at is None
    assert "基本满意" in last_message(place).notes


def test_a_dissatisfied_reply_leaves_it_to_the_head_to_redo_or_uphold(place: Place, tmp_path: Path) -> None:
    number, _, message_id = answered(place)

    place.arrives(tmp_path, "回复", "不满意，陈大文的材料费还没有退", In_Reply_To=message_id)

    ticket = place.office.stored(number)
    assert (ticket.status, ticket.closed_at) == (Status.PENDING_CALLBACK, None)
    assert ticket.answered_at is not None, "the answer was given; it is not liked"
    assert place.deadline(number, DeadlineKind.CALL_BACK).met_at is None
    assert "陈大文" not in last_event(place, number).reason
    place.do(number, Action.REDO, "wang", reason="退费没有到位")
    assert place.office.stored(number).status is Status.IN_PROGRESS


def test_the_mark_for_an_older_letter_or_a_strangers_word_marks_nothing(place: Place, tmp_path: Path) -> None:
    number, _, _ = answered(place)
    (notice,) = place.outbox(OutboxKind.NOTICE)

    place.arrives(tmp_path, "满意", "满意", In_Reply_To=notice.message_id)
    place.arrives(tmp_path, f"答复〔编号 {number}〕〔回信码 AAAAAAAAAAAAAAAA〕", "不满意")

    assert last_event(place, number).action is not Action.RATED
    assert place.office.stored(number).status is Status.CLOSED
    assert len(place.ticket_numbers()) == 2, "a token that was not signed by us is a letter of its own"


def test_a_letter_with_the_signed_token_joins_its_ticket_and_a_wrong_one_does_not(
    place: Place, tmp_path: Path
) -> None:
    number, other = place.ticket(), place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    (notice,) = place.outbox(OutboxKind.NOTICE)
    token = re.search(r"回信码 (\w{16})", notice.subject)
    assert token is not None

    place.arrives(tmp_path, f"补充材料 编号 {number} 回信码：{token[1].lower()}", "再补充一点。")
    assert place.ticket_numbers() == [number, other]
    assert "再补充一点" in last_message(place).text

    place.arrives(tmp_path, f"补充材料〔编号 {other}〕〔回信码 {token[1]}〕", "想混进别人的件里。")
    assert len(place.ticket_numbers()) == 3
    assert "回信码对不上" in last_message(place).notes


def test_news_of_a_closed_case_waits_for_the_head_who_reopens_it_or_leaves_it(
    place: Place, tmp_path: Path
) -> None:
    number, _, message_id = answered(place)
    head = place.office.signed_in("wang")
    handler = place.office.signed_in("li")

    place.arrives(tmp_path, "回复", "谢谢老师！", In_Reply_To=message_id)
    assert place.office.stored(number).wrote_again_at is None
    assert "看来信" not in head.text("/today")

    place.arrives(tmp_path, "回复", "学校昨天又收了一次材料费。", In_Reply_To=message_id)
    assert place.office.stored(number).wrote_again_at == clock_of(place.app).now()
    assert "看来信，决定是否重启" in head.text("/today")
    assert "看来信" not in handler.text("/today")

    place.do(number, Action.LEFT_AS_IS, "wang", reason="与前次相同，已说明")
    assert "看来信" not in head.text("/today")
    clock_of(place.app).moment += timedelta(days=1)
    place.arrives(tmp_path, "回复", "学校又收了。", In_Reply_To=message_id)
    place.do(number, Action.REOPEN, "wang", reason="又有新的情况")
    ticket = place.office.stored(number)
    assert (ticket.status, ticket.wrote_again_at) == (Status.IN_PROGRESS, None)
