"""An act puts its letters into the outbox; what leaves is noted on the ticket in the same transaction, what comes back undone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.db import transaction
from core.errors import DomainError
from outbox.vocabulary import OutboxKind
from tests.letters.place import DONE, PARENT, Place
from tests.support.app import clock_of
from tickets.deadlines.rules import DeadlineKind
from tickets.identity import Person
from tickets.letters.sending import came_back
from tickets.vocabulary import Action, Status


def test_taking_a_matter_on_tells_who_wrote_and_keeps_the_laws_day(place: Place) -> None:
    number = place.ticket()
    carried = place.do(number, Action.ACCEPT, "li", handler="li")

    assert [each.kind.label for each in carried.queued] == ["受理告知"]
    assert place.deadline(number, DeadlineKind.NOTICE).met_at is None

    assert place.send() == 1
    ((to, subject, body),) = place.mails()
    assert to == PARENT.email
    assert subject.startswith(f"受理告知〔编号 {number}〕〔回信码 ")
    assert "由中教股办理" in body
    assert "材料费" not in body
    assert place.deadline(number, DeadlineKind.NOTICE).met_at == clock_of(place.app).now()


def test_the_answer_counts_when_it_has_left_and_not_when_it_was_approved(place: Place) -> None:
    number = place.approved()
    assert place.office.stored(number).answered_at is None

    place.send()

    assert "陈大文您好，经核查，您反映的情况属实" in place.mails()[-1][2]
    ticket = place.office.stored(number)
    assert ticket.answered_at is not None
    assert ticket.status is Status.CLOSED
    assert place.deadline(number, DeadlineKind.RESOLVE).met_at == ticket.answered_at


def test_an_answer_that_came_back_is_not_given(place: Place) -> None:
    number = place.approved()
    place.send()
    (answer,) = place.outbox(OutboxKind.ANSWER)

    with place.app.app_context(), transaction() as session:
        assert came_back(session, [answer.message_id], "对方邮箱不存在")

    assert place.office.stored(number).status is Status.PENDING_CALLBACK
    assert place.deadline(number, DeadlineKind.RESOLVE).met_at is None


def test_a_bounce_of_something_else_changes_nothing(place: Place) -> None:
    number = place.approved()
    place.send()
    (notice,) = place.outbox(OutboxKind.NOTICE)

    with place.app.app_context(), transaction() as session:
        assert not came_back(session, ["<unknown@example.com>", notice.message_id], "对方邮箱不存在")

    assert place.office.stored(number).status is Status.CLOSED


def test_a_ticket_of_two_people_is_answered_when_both_were_written_to(place: Place) -> None:
    number = place.approved(PARENT, Person(name="苏婉清", email="su@example.com"))
    refused: list[str] = []

    def refuse_su(verb: str, argument: str) -> str | None:
        if verb == "RCPT" and "su@" in argument:
            refused.append(argument)
            return "451 try again"
        return None

    place.sink.script = refuse_su
    place.send()
    assert refused
    assert place.office.stored(number).answered_at is None

    place.sink.script = None
    clock_of(place.app).moment += timedelta(hours=2)
    place.send()
    assert place.office.stored(number).answered_at is not None


def test_who_asks_for_no_mail_is_told_otherwise(place: Place) -> None:
    number = place.ticket(
        Person(name="陈大文", email="shared@example.com", contact_note="邮箱公用，请不要回信")
    )
    carried = place.do(number, Action.ACCEPT, "li", handler="li")

    assert not carried.queued
    assert [each.kind.label for each in carried.by_hand] == ["受理告知"]
    assert not place.outbox(OutboxKind.NOTICE)


def test_a_caller_without_an_address_is_left_to_a_person(place: Place) -> None:
    number = place.ticket(Person(name="陈大文", phone="13905951234", wants_callback=True))

    assert [each.number for each in place.do(number, Action.ACCEPT, "li").by_hand] == [number]


def test_an_answer_that_is_not_filled_in_is_not_even_reported(place: Place) -> None:
    number = place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.do(number, Action.START, "li")

    with pytest.raises(DomainError, match="还有没填完的地方"):
        place.do(number, Action.REPORT_DONE, "li", **{**DONE, "answer": "我局于〔日期〕进行了核查。"})
    with pytest.raises(DomainError, match="不写“不属实”三字"):
        place.do(number, Action.REPORT_DONE, "li", **{**DONE, "outcome": "untrue", "answer": "不属实。"})


def test_a_refusal_says_why_and_where_to_turn(place: Place) -> None:
    number = place.ticket()
    place.do(number, Action.REFUSE, "wang", why="legal_remedy", reason="您可以向县法院提出")
    place.send()

    ((_, subject, body),) = place.mails()
    assert subject.startswith("不予受理告知书")
    assert "您可以向县法院提出。" in body


def test_an_extension_tells_both_days(place: Place) -> None:
    number = place.ticket()
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.do(number, Action.EXTEND, "li", days="3", reason="需要核对人数和金额")
    place.do(number, Action.EXTEND, "wang")
    place.send()

    assert "原定 2026年12月7日（星期一）前办结。因需要核对人数和金额" in place.mails()[-1][2]
    assert "延长至 2026年12月10日（星期四）" in place.mails()[-1][2]


def test_a_letter_stands_beneath_the_one_before(place: Place) -> None:
    place.approved()
    (notice,) = place.outbox(OutboxKind.NOTICE)
    (answer,) = place.outbox(OutboxKind.ANSWER)

    assert notice.message_id in answer.headers


def test_a_bounce_in_the_mailbox_undoes_the_answer(place: Place, tmp_path: Path) -> None:
    number = place.approved()
    place.send()
    (answer,) = place.outbox(OutboxKind.ANSWER)
    bounce = tmp_path / "bounce.eml"
    bounce.write_text(_BOUNCE.format(message_id=answer.message_id), encoding="ascii", newline="\r\n")

    done = place.app.test_cli_runner().invoke(args=["mail", "import", str(bounce)])

    assert done.exit_code == 0, done.output
    assert place.office.stored(number).status is Status.PENDING_CALLBACK


_BOUNCE = """\
From: MAILER-DAEMON@example.com
To: zhongjiao@example.com
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 10:00:00 +0800
Message-ID: <bounce-1@example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.com

Final-Recipient: rfc822; chendawen@example.com
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
To: chendawen@example.com

--b--
"""
