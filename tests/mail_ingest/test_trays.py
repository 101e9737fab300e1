"""Mail that waits for a person: who sees it, what is done with it, and that all of it can be taken back."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.db import db, transaction
from mail_ingest.models import MailItem
from mail_ingest.vocabulary import ItemReason
from outbox.models import OutboxMessage
from tests.accounts.people import Browser, Desk
from tests.mail_ingest.conftest import MakeOffice
from tests.mail_ingest.post import CHUYOUJIAO, ZHONGJIAO, Box, a_mail, books, items, origins, statements
from tests.mail_ingest.test_commands import NOBODY_LISTENS, run
from tests.support.app import clock_of
from tests.support.moments import MONDAY_MORNING
from tickets.models import Deadline, Ticket

SECRET = "13859712345"


@pytest.fixture
def office(make_office: MakeOffice) -> Flask:
    return make_office(
        Box(ZHONGJIAO, "zhongjiao", NOBODY_LISTENS),
        Box(CHUYOUJIAO, "chuyoujiao", NOBODY_LISTENS, code="CODE_B"),
        work='["@school.example"]',
    )


@pytest.fixture
def desk(office: Flask) -> Desk:
    desk = Desk(office)
    desk.account("li", Role.CLERK, Role.HANDLER, name="李干事")
    desk.account("wang", Role.HEAD, name="王股长")
    desk.account("chen", Role.HEAD, sections=("chuyoujiao",), name="陈股长")
    return desk


@pytest.fixture
def work_mail(office: Flask, tmp_path: Path) -> None:
    """One mail of a school that waits in the tray of 中教股."""
    take_in(
        office, tmp_path, a_mail("延时班的事", f"请看。电话 {SECRET}", sender="王老师 <wang@school.example>")
    )


def take_in(office: Flask, folder: Path, *mails: bytes) -> None:
    for number, raw in enumerate(mails):
        path = folder / f"{number}.eml"
        path.write_bytes(raw)
        assert run(office, "import", str(path)).exit_code == 0
        path.unlink()


def state(office: Flask) -> tuple[str, str | None]:
    found = items(office)[0]
    return found["state"], found["reason"]


@pytest.mark.usefixtures("work_mail")
def test_a_waiting_mail_is_listed_masked_with_its_deadline_and_counted_in_the_menu(desk: Desk) -> None:
    page = desk.signed_in("li").text("/mail/tray")
    assert "延时班的事" in page
    assert "疑似工作邮件" in page
    assert "w***@school.example" in page
    assert "还剩 1 个工作日" in page
    assert re.search(r'邮件 <span class="count">1</span>', page)
    assert "王老师" not in page


@pytest.mark.usefixtures("work_mail")
def test_nobody_looked_in_time_is_said_in_red(office: Flask, desk: Desk) -> None:
    clock_of(office).moment += timedelta(days=3)
    assert "超期" in re.sub(r"<nav.*?</nav>", "", desk.signed_in("li").text("/mail/tray"), flags=re.S)


@pytest.mark.usefixtures("work_mail")
def test_one_click_makes_a_ticket_with_the_arrival_unchanged_and_tells_the_sender(
    office: Flask, desk: Desk
) -> None:
    clock_of(office).moment += timedelta(hours=5)
    done = desk.signed_in("li").post("/mail/items/1/ticket", form="/mail/items/1")

    number = origins(office)[1]
    assert (done.status_code, done.location) == (303, f"/tickets/{number}")
    assert state(office) == ("linked", None)
    with office.app_context():
        session = db.session()
        ticket = session.scalars(sa.select(Ticket)).one()
        assert ticket.received_at == MONDAY_MORNING
        look = session.scalars(sa.select(Deadline).where(Deadline.kind == "look")).one()
        assert look.met_at is not None
        assert session.scalars(sa.select(OutboxMessage)).one().object_ref == ticket.ref
    assert "mail.made_ticket" in desk.actions()


@pytest.mark.usefixtures("work_mail")
def test_two_people_who_click_at_once_make_one_ticket(office: Flask, desk: Desk) -> None:
    first, second = desk.signed_in("li"), desk.signed_in("wang")
    first.post("/mail/items/1/ticket", form="/mail/items/1")
    again = second.post("/mail/items/1/ticket", form="/account")
    assert again.status_code == 422
    assert "刚刚已由他人处理" in again.get_data(as_text=True)
    assert len(books(office).tickets) == 1


@pytest.mark.usefixtures("work_mail")
def test_setting_aside_has_a_reason_and_is_taken_back_under_a_new_deadline(office: Flask, desk: Desk) -> None:
    clerk = desk.signed_in("li")
    clerk.post("/mail/items/1/aside", {"reason": "spam"}, form="/mail/items/1")
    assert state(office) == ("set_aside", "spam")
    assert "延时班的事" not in clerk.text("/mail/tray")
    assert "疑似垃圾" in clerk.text("/mail/tray?view=aside")

    clerk.post("/mail/items/1/back", form="/mail/items/1")

    assert state(office) == ("new", None)
    with office.app_context():
        rounds = db.session.scalars(
            sa.select(Deadline.round).where(Deadline.met_at.is_(None), Deadline.kind == "look")
        ).all()
        assert rounds == [2]
    assert [name for name in desk.actions() if name.startswith("mail.")] == [
        "mail.set_aside",
        "mail.taken_back",
    ]


@pytest.mark.usefixtures("work_mail")
def test_a_reason_outside_the_list_is_refused(office: Flask, desk: Desk) -> None:
    clerk = desk.signed_in("li")
    refused = clerk.post("/mail/items/1/aside", {"reason": "before_start"}, form="/mail/items/1")
    assert refused.status_code == 422
    assert state(office) == ("new", None)


@pytest.mark.usefixtures("work_mail")
def test_another_sections_mail_is_not_there(desk: Desk) -> None:
    other = desk.signed_in("chen")
    assert "延时班的事" not in other.text("/mail/tray")
    assert other.get("/mail/items/1").status_code == 404
    for verb in ("ticket", "aside", "back", "again", "raw", "html"):
        answer = other.post(f"/mail/items/1/{verb}", {"reason": "check"}, form="/account")
        assert answer.status_code in {404, 422}, verb
    assert other.post("/mail/items/1/raw", {"reason": "check"}, form="/account").status_code == 404


@pytest.mark.usefixtures("work_mail")
def test_the_mail_as_it_came_opens_for_the_head_with_a_reason_and_is_noted(desk: Desk) -> None:
    head, clerk = desk.signed_in("wang"), desk.signed_in("li")
    masked = clerk.text("/mail/items/1")
    assert SECRET not in masked
    assert "下载原始邮件" not in masked
    assert clerk.post("/mail/items/1/raw", {"reason": "check"}, form="/mail/items/1").status_code == 403

    token = head.token("/mail/items/1")
    saved = head.client.post("/mail/items/1/raw", data={"csrf_token": token, "reason": "check"})

    assert SECRET.encode() in saved.data
    saved.close()
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    noted = [(action, actor, data) for action, actor, data in desk.audited() if action == "mail.raw_opened"]
    assert noted == [("mail.raw_opened", "wang", {"reason": "check"})]


def test_html_is_shown_cleaned_and_under_a_policy_of_its_own(
    office: Flask, desk: Desk, tmp_path: Path
) -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@school.example", "网页"
    mail.set_content(
        "<p onclick=evil()>退费<script>alert(1)</script><img src='http://evil.example/x.png'>"
        "<a href='http://evil.example/'>点这里</a><form action=http://evil.example><input></form></p>",
        subtype="html",
    )
    take_in(office, tmp_path, mail.as_bytes())
    shown = desk.signed_in("wang").post("/mail/items/1/html", {"reason": "check"}, form="/mail/items/1")
    text = shown.get_data(as_text=True)
    assert "退费" in text
    for live in ("<script", "<form", "<input", "onclick", "src=", "href="):
        assert live not in text
    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-" not in policy
    assert "mail.html_opened" in desk.actions()


def test_the_mail_of_a_ticket_follows_the_tickets_own_policy(
    office: Flask, desk: Desk, tmp_path: Path
) -> None:
    take_in(office, tmp_path, a_mail())
    assert desk.signed_in("li").get("/mail/items/1").status_code == 200
    with office.app_context(), transaction() as session:
        from tickets.vocabulary import Secrecy

        session.scalars(sa.select(Ticket)).one().secrecy = Secrecy.RESTRICTED
    assert desk.signed_in("li").get("/mail/items/1").status_code == 404
    assert desk.signed_in("wang").get("/mail/items/1").status_code == 200


def test_an_old_mail_picked_by_a_person_is_a_ticket_and_is_never_acknowledged(
    office: Flask, desk: Desk, tmp_path: Path
) -> None:
    take_in(office, tmp_path, a_mail(sender="王老师 <wang@school.example>"))
    with office.app_context(), transaction() as session:
        item = session.scalars(sa.select(MailItem)).one()
        item.state, item.reason = "set_aside", ItemReason.BEFORE_START  # type: ignore[assignment] # as stored
    desk.signed_in("li").post("/mail/items/1/ticket", form="/mail/tray?view=before")
    assert len(origins(office)) == 1
    with office.app_context():
        assert db.session.scalars(sa.select(OutboxMessage)).all() == []


def test_a_tray_of_forty_asks_the_database_no_more_than_a_tray_of_one(
    office: Flask, desk: Desk, tmp_path: Path
) -> None:
    def asked(browser: Browser) -> int:
        with statements(office) as sent:
            assert browser.get("/mail/tray").status_code == 200
        return len(sent)

    clerk = desk.signed_in("li")
    take_in(office, tmp_path, a_mail("第一封", sender="a@school.example"))
    one = asked(clerk)
    letters = tmp_path / "letters"
    letters.mkdir()
    for number in range(40):
        (letters / f"{number}.eml").write_bytes(a_mail(f"又一封 {number}", sender="a@school.example"))
    run(office, "import", str(letters))
    assert asked(clerk) == one
