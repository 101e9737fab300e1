"""Those at work hear of what came to their desk: a digest that counts and nothing else, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import end_read, transaction
from mail_ingest.models import MailboxState, MailItem
from mail_ingest.news import RED, UNREADABLE
from mail_ingest.vocabulary import ItemState, MailKind
from outbox.vocabulary import OutboxKind
from tests.letters.place import DONE, Place
from tests.support.app import clock_of
from tickets import handling
from tickets.models import NoticeAddress
from tickets.reminders import news
from tickets.vocabulary import Action


@pytest.fixture
def office(place: Place) -> Place:
    """Both have given an address, and the first run has marked where to begin."""
    with place.app.app_context(), transaction() as session:
        for username in ("li", "wang"):
            account = place.office.actor_in(session, username)
            assert account.id is not None
            session.add(NoticeAddress(account_id=account.id, mail=f"{username}@bureau.example"))
    assert tell(place) == 0
    clock_of(place.app).moment += timedelta(minutes=30)
    return place


def tell(place: Place) -> int:
    with place.app.app_context():
        told = news.tell_news()
        end_read()
        return told


def digests(place: Place) -> dict[str, str]:
    """What left for staff, by who it went to."""
    place.send()
    return {to: body.replace("\r\n", "\n") for to, subject, body in place.mails() if "工作提醒" in subject}


def test_what_was_assigned_and_sent_back_is_counted_once_and_names_nothing(office: Place) -> None:
    first, second = office.ticket(), office.ticket()
    for number in (first, second):
        office.do(number, Action.ACCEPT, "wang", handler="li")
    office.do(first, Action.START, "li")
    office.do(first, Action.REPORT_DONE, "li", **DONE)
    office.do(first, Action.SEND_BACK, "wang", reason="缺少退费凭证")

    assert tell(office) == 1
    assert tell(office) == 0, "once"

    (body,) = digests(office).values()
    assert "新指定给您承办：2\n" in body
    assert "退回补办：1\n" in body
    assert not any(word in body for word in (first, "ZJ", "学校", "收费", "陈大文", "材料"))


def test_who_takes_a_case_himself_is_not_told_of_it(office: Place) -> None:
    office.do(office.ticket(), Action.ACCEPT, "li", handler="li")
    assert tell(office) == 0


def test_news_of_a_closed_case_goes_to_the_head(office: Place) -> None:
    number = office.approved()
    office.send()
    with office.app.app_context(), transaction() as session:
        assert handling.wrote_again(session, number) is not None

    assert tell(office) == 1
    found = digests(office)
    assert list(found) == ["wang@bureau.example"]
    assert "反映人又来信" in found["wang@bureau.example"]


def test_a_dead_mailbox_and_a_mail_nobody_could_read_are_told(office: Place) -> None:
    with office.app.app_context(), transaction() as session:
        mailbox = session.scalars(sa.select(MailboxState)).one()
        mailbox.down_since = clock_of(office.app).now()
        session.add(
            MailItem(
                blob="0" * 64,
                size=1,
                mailbox_id=mailbox.id,
                received_at=clock_of(office.app).now(),
                recorded_at=clock_of(office.app).now(),
                state=ItemState.QUARANTINED,
                kind=MailKind.ORDINARY,
            )
        )
    assert tell(office) == 2
    found = digests(office)
    assert UNREADABLE in found["li@bureau.example"]
    assert RED not in found["li@bureau.example"]
    assert RED in found["wang@bureau.example"]


def test_another_channel_gets_a_count_and_its_failure_costs_no_mail(office: Place) -> None:
    pushed: list[str] = []

    class Robot:
        def push(self, _account_id: int, words: str) -> None:
            pushed.append(words)
            raise ConnectionError("the robot is away")

    news.add_channel(office.app, Robot())
    office.do(office.ticket(), Action.ACCEPT, "wang", handler="li")

    assert tell(office) == 1
    assert pushed == ["有 1 件新的事项，请登录查看。"]
    assert [row.kind for row in office.outbox(OutboxKind.STAFF)] == [OutboxKind.STAFF]
