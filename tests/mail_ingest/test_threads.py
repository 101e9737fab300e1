"""What a mail goes on with: proved by our own Message-ID, or only hinted at; and the daily mail of a mailbox to itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.clock import now
from core.db import db, end_read, transaction
from mail_ingest import health, heartbeat
from mail_ingest.hints import NEWS_OF_A_CLOSED_CASE, is_bare_thanks
from mail_ingest.models import MailboxState, MailItem
from mail_ingest.vocabulary import ItemState, MailKind
from outbox.letter import Letter, written
from outbox.models import OutboxMessage
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind, OutboxState
from tests.mail_ingest.desk import SMTP, Desk
from tests.mail_ingest.post import CODE, ZHONGJIAO, a_mail, office_text
from tests.support.app import clock_of, make_app
from tickets.models import Message, Order, OrderMessage, School, Ticket
from tickets.orders.words import OrderState
from tickets.vocabulary import Direction, Status


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CODE_A", CODE)
    text = office_text(work='["@school.example"]').replace("[mail]", SMTP + "[mail]", 1)
    return Desk(make_app(tmp_path, office=text, CODE_A=CODE))


def test_the_same_message_id_with_other_words_is_a_second_ticket_with_a_hint(desk: Desk) -> None:
    desk.arrives(a_mail("收费", "延时班收费没有公示。", message_id="<1@x.example>"))
    desk.arrives(a_mail("食堂", "食堂饭菜变质。", message_id="<1@x.example>"))

    first, _second = desk.tickets()
    assert f"与 {first} 的来信用了同一个邮件标识" in desk.notes()
    assert desk.notes(0) == ""


def test_a_number_in_a_strangers_subject_is_a_ticket_of_its_own_with_a_hint(desk: Desk) -> None:
    desk.arrives(a_mail("收费", message_id="<1@x.example>"))
    [number] = desk.tickets()

    desk.arrives(
        a_mail(
            f"Re: 〔编号 {number}〕补充",
            "我还有话要说。",
            sender="别人 <other@y.example>",
            message_id="<2@y.example>",
        )
    )
    assert len(desk.tickets()) == 2
    assert f"主题里写了编号 {number}" in desk.notes()
    assert "单独登记" in desk.notes()

    desk.arrives(a_mail("ZJ20250101-0001 怎么样了", "请问进展。", message_id="<3@y.example>"))
    assert "系统里没有这个编号" in desk.notes()


@pytest.mark.parametrize(
    ("words", "asks"), [("谢谢老师！", False), ("学校又开始收费了。", True), ("谢谢，但是钱还没有退。", True)]
)
def test_a_reply_to_a_closed_case_asks_for_a_look_unless_it_only_thanks(
    desk: Desk, words: str, asks: bool
) -> None:
    desk.arrives(a_mail(message_id="<1@x.example>"))
    with desk.app.app_context(), transaction() as session:
        session.scalars(sa.select(Ticket)).one().status = Status.CLOSED

    desk.arrives(a_mail("Re: 来信已登记", words, In_Reply_To=desk.our_letter()))

    assert len(desk.tickets()) == 1
    assert (NEWS_OF_A_CLOSED_CASE in desk.notes()) is asks


def test_a_file_in_the_senders_cloud_is_noted_with_its_last_day_and_without_its_name(desk: Desk) -> None:
    link = "https://wx.mail.qq.com/ftn/download?func=3&key=abc"
    desk.arrives(a_mail("录音", f"超大附件：\n林小雅的录音.m4a (30M, 有效期至2026-12-20)\n{link}\n"))
    assert "超大附件1（30M，2026-12-20 到期）" in desk.notes()
    assert "林小雅" not in desk.notes()


def test_a_reply_that_is_delivered_twice_is_said_once(desk: Desk) -> None:
    desk.arrives(a_mail(message_id="<1@x.example>"))
    reply = a_mail("Re: 来信已登记", "补充一点。", In_Reply_To=desk.our_letter(), message_id="<2@x.example>")

    desk.arrives(reply, b"Received: from another by mx; Mon, 23 Nov 2026 09:00:00 +0800\r\n" + reply)

    assert len(desk.tickets()) == 1
    with desk.app.app_context():
        texts = db.session().scalars(sa.select(Message.text)).all()
        items = db.session().scalars(sa.select(MailItem.state)).all()
        end_read()
    assert sum("补充一点" in text for text in texts) == 1
    assert items == [ItemState.LINKED] * 3


@pytest.mark.parametrize("text", ["谢谢", "收到，非常感谢您！", "好的。谢谢老师~", "", "Thanks!", "辛苦了"])
def test_thanks_are_no_news(text: str) -> None:
    assert is_bare_thanks(text)


@pytest.mark.parametrize("text", ["谢谢，可是没有退费", "收到，请问什么时候处理", "不好", "没收到"])
def test_everything_else_is(text: str) -> None:
    assert not is_bare_thanks(text)


def an_order(desk: Desk) -> tuple[str, str]:
    """An issued order about the first ticket and the letter that brought it; its token and the letter's Message-ID."""
    with desk.app.app_context(), transaction() as session:
        ticket = session.scalars(sa.select(Ticket)).one()
        school = School(name="溪口中学", stage=None, town="溪口镇")
        session.add(school)
        session.flush()
        order = Order(
            number="安教交〔2026〕1号",
            ticket_id=ticket.id,
            state=OrderState.DELIVERED,
            school_id=school.id,
            school_name="溪口中学",
            unit="溪口中学",
            text="收费未公示",
            text_sealed=b"",
            requirement="",
            requirement_sealed=b"",
            due_day=now().date(),
            drafted_by="许经办",
            drafted_at=now(),
        )
        session.add(order)
        session.flush()
        letter = enqueue(
            session,
            OutboxKind.NOTICE,
            dedupe="order",
            object_ref=order.ref,
            sender=ZHONGJIAO,
            recipient="office@school.example",
            subject="交办单",
            body="请查收。",
        )
        assert letter is not None
        return order.token, letter.message_id


@pytest.mark.parametrize("by", ["our letter", "token"])
def test_a_schools_answer_joins_its_order_and_waits_in_no_tray(desk: Desk, by: str) -> None:
    desk.arrives(a_mail(message_id="<1@x.example>"))
    token, letter = an_order(desk)
    subject, answers = (
        ("答复", letter) if by == "our letter" else (f"答复 {token}", "<unknown@school.example>")
    )

    desk.arrives(
        a_mail(
            subject,
            "溪口中学已退还多收的费用。",
            sender="溪口中学 <office@school.example>",
            message_id="<9@school.example>",
            In_Reply_To=answers,
        )
    )

    with desk.app.app_context():
        session = db.session()
        row = session.scalars(
            sa.select(Message).join(OrderMessage, OrderMessage.message_id == Message.id)
        ).one()
        assert (row.direction, row.author) == (Direction.SCHOOL_IN, "溪口中学")
        assert "溪口中学已退还" in row.text
        assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1
        item = session.scalars(sa.select(MailItem).order_by(MailItem.id.desc())).first()
        assert item is not None
        assert (item.kind, item.state) == (MailKind.WORK, ItemState.LINKED)


def test_a_school_that_names_no_order_waits_in_the_work_tray(desk: Desk) -> None:
    desk.arrives(a_mail("通知", "请各校报名。", sender="溪口中学 <office@school.example>"))
    assert desk.tickets() == []


def sent(desk: Desk) -> OutboxMessage:
    """The morning's mail to itself, as if it had left."""
    with desk.app.app_context(), transaction() as session:
        row = session.scalars(
            sa.select(OutboxMessage)
            .where(OutboxMessage.kind == OutboxKind.HEARTBEAT)
            .order_by(OutboxMessage.id.desc())
        ).first()
        assert row is not None
        row.state, row.sent_at = OutboxState.SENT, now()
        session.flush()
        session.expunge(row)
    return row


def said(desk: Desk) -> str:
    with desk.app.app_context():
        row = db.session().scalars(sa.select(MailboxState)).one()
        missing = heartbeat.missing(db.session(), row)
        end_read()
        [check] = health.checks()
        assert (check.level == "error") is bool(missing)
        return missing


def test_a_mailbox_writes_to_itself_on_working_days_and_is_red_when_it_does_not_hear_itself(
    desk: Desk,
) -> None:
    desk.arrives()
    with desk.app.app_context():
        assert heartbeat.send_all() == 1
        assert heartbeat.send_all() == 0, "once a day"
    row = sent(desk)
    clock_of(desk.app).moment += timedelta(minutes=50)
    desk.arrives()
    assert said(desk) == ""

    clock_of(desk.app).moment += timedelta(minutes=20)
    assert said(desk) == "", "it was not looked for yet"
    desk.arrives()
    assert "自检邮件没有收到" in said(desk)

    beat = written(
        Letter(
            kind=OutboxKind.HEARTBEAT,
            sender=ZHONGJIAO,
            sender_name="安溪县教育局",
            recipient=ZHONGJIAO,
            subject=row.subject,
            body="自检",
            message_id=row.message_id,
        ),
        row.created_at,
    )
    desk.arrives(beat)

    assert said(desk) == ""
    assert desk.tickets() == []
    with desk.app.app_context():
        item = db.session().scalars(sa.select(MailItem)).one()
        assert (item.kind, item.state) == (MailKind.HEARTBEAT, ItemState.SET_ASIDE)
        clock_of(desk.app).moment += timedelta(days=5)  # a Saturday
        end_read()
        assert heartbeat.send_all() == 0


def test_a_stranger_cannot_pretend_that_the_mailbox_hears_itself(desk: Desk) -> None:
    desk.arrives()
    with desk.app.app_context():
        heartbeat.send_all()
    sent(desk)
    clock_of(desk.app).moment += timedelta(hours=25)
    desk.arrives(
        a_mail("系统自检 2026-11-23", "自检", sender=f"x <{ZHONGJIAO}>", message_id="<guess@163.com>")
    )

    assert said(desk) != ""
