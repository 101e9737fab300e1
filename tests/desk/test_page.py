"""The page of one ticket: what everybody in the section reads, and what nobody reads unasked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from core.blobs import blob_store
from core.clock import FixedClock
from tests.accounts.people import Browser
from tests.desk.office import NAME, PHONE, Office, count_queries, words_of
from tickets.messages import NewAttachment, NewMessage
from tickets.vocabulary import Action, CallerKind, Channel, Secrecy

REASON = {"reason": "check"}


def mail(office: Office, *, to: str = "li") -> str:
    with office.app.app_context():
        blob = blob_store().put(b"a picture")
    letter = NewMessage(
        subject=f"{NAME}反映收费",
        text=f"请查一查。我是{NAME}。\n> 以前的信，电话 {PHONE}",
        sender=f"{NAME} <su@163.com>",
        quote_start=len(f"请查一查。我是{NAME}。\n") - 2,
        attachments=(
            NewAttachment(name=f"{NAME}的收据.jpg", content_type="image/jpeg", size=9, blob=blob.name),
        ),
    )
    return office.assigned("中学收费没有收据。", to=to, channel=Channel.MAIL, message=letter)


def attachment_path(page: str) -> str:
    start = page.index("/attachments/")
    return page[page.rindex('"', 0, start) + 1 : page.index('"', start)]


def test_the_page_holds_no_identity_and_says_that_there_is_one(office: Office) -> None:
    number = office.assigned(f"我是{NAME}，电话 {PHONE}，学校乱收费。")

    page = office.signed_in("wang").text(f"/tickets/{number}")

    assert NAME not in page
    assert PHONE not in page
    assert "〔已登记电话〕" in page
    assert "留电话、请保密" in page


def test_each_deadline_is_explained_day_by_day(office: Office, chen: Browser) -> None:
    number = office.ticket()

    page = words_of(chen.text(f"/tickets/{number}"))

    assert "办理时限 2026-12-07 周一" in page
    assert "收到当日不算，从 11月24日 起数 10 个工作日" in page
    assert "书面告知" in page


def test_the_history_tells_who_did_what(office: Office) -> None:
    number = office.assigned(to="li")

    page = words_of(office.signed_in("wang").text(f"/tickets/{number}"))

    assert "受理 李明 待受理 → 已受理" in page
    assert "开始办理 李明" in page


def test_a_letter_is_shown_with_its_quotation_folded_and_its_files_unnamed(office: Office) -> None:
    page = office.signed_in("li").text(f"/tickets/{mail(office)}")

    assert "引用的旧文字" in page
    assert "附件1.jpg" in page
    assert NAME not in page


def test_contact_data_opens_with_a_reason_for_half_an_hour_and_for_that_person_only(
    office: Office, clock: FixedClock
) -> None:
    number = office.assigned(to="li")
    li, wang = office.signed_in("li"), office.signed_in("wang")

    answer = li.post(f"/tickets/{number}/reveal", REASON, form=f"/tickets/{number}")

    assert answer.status_code == 303
    assert PHONE in li.text(f"/tickets/{number}")
    assert PHONE not in wang.text(f"/tickets/{number}")
    assert "李明：查看联系方式（核实情况）" in words_of(wang.text(f"/tickets/{number}"))
    clock.moment += timedelta(minutes=29, seconds=59)
    li = office.signed_in("li")
    assert PHONE in li.text(f"/tickets/{number}")
    clock.moment += timedelta(seconds=1)
    assert PHONE not in li.text(f"/tickets/{number}")


def test_what_was_opened_is_in_the_audit_log_without_what_was_seen(office: Office) -> None:
    number = office.assigned(to="li")
    li = office.signed_in("li")
    li.post(f"/tickets/{number}/reveal", REASON, form=f"/tickets/{number}")
    li.post(f"/tickets/{number}/verbatim", REASON, form=f"/tickets/{number}")

    opened = [
        (action, data)
        for action, who, data in office.desk.audited()
        if (who == "li" and "open" in action) or "reveal" in action
    ]

    assert [action for action, _ in opened] == ["ticket.revealed", "ticket.verbatim_opened"]
    assert not any(PHONE in str(data) or NAME in str(data) for _, data in opened)


@pytest.mark.parametrize("reason", ["", "curiosity"])
def test_without_a_reason_of_the_list_nothing_opens(office: Office, reason: str) -> None:
    number = office.assigned(to="li")
    li = office.signed_in("li")

    for what in ("reveal", "verbatim"):
        answer = li.post(f"/tickets/{number}/{what}", {"reason": reason}, form=f"/tickets/{number}")
        assert answer.status_code == 422
        assert "请选一个查看的理由" in answer.get_data(as_text=True)
    assert PHONE not in li.text(f"/tickets/{number}")


@pytest.mark.parametrize(
    ("who", "status"), [("li", 303), ("wang", 303), ("chen", 403), ("lin", 403), ("zhou", 403), ("xu", 404)]
)
def test_who_may_open_contact_data(office: Office, who: str, status: int) -> None:
    number = office.assigned(to="li")

    answer = office.signed_in(who).post(f"/tickets/{number}/reveal", REASON, form="/tickets/new")

    assert answer.status_code == status


def test_contact_data_of_a_restricted_ticket_is_opened_by_the_head_alone(office: Office) -> None:
    number = office.ticket("校长多拿补贴。", caller_kind=CallerKind.TEACHER)
    office.act(number, Action.ASSIGN, by="wang", handler="li")

    answers = {
        who: office.signed_in(who).post(f"/tickets/{number}/reveal", REASON, form="/tickets/new").status_code
        for who in ("li", "wang")
    }

    assert answers == {"li": 403, "wang": 303}


def test_the_daily_limit_warns_and_stops_nobody(office: Office) -> None:
    number = office.assigned(to="li")
    li = office.signed_in("li")
    for _ in range(31):
        answer = li.post(f"/tickets/{number}/reveal", REASON, form="/tickets/new")
    assert answer.status_code == 303

    assert "超过每天 30 次" in li.text(f"/tickets/{number}")
    limits = [data["over_limit"] for action, _, data in office.desk.audited() if action == "ticket.revealed"]
    assert limits == [False] * 30 + [True]


def test_what_was_really_said_is_shown_once_on_demand(office: Office) -> None:
    number = office.assigned(f"我是{NAME}，学校乱收费。", to="li")
    li = office.signed_in("li")

    answer = li.post(f"/tickets/{number}/verbatim", REASON, form=f"/tickets/{number}")

    assert answer.status_code == 200
    assert f"我是{NAME}，学校乱收费。" in answer.get_data(as_text=True)
    assert NAME not in li.text(f"/tickets/{number}")


def test_the_letter_as_it_was_written(office: Office) -> None:
    number = mail(office)
    li = office.signed_in("li")
    page = li.text(f"/tickets/{number}")
    message = page.split('name="message" value="')[1].split('"')[0]

    answer = li.post(
        f"/tickets/{number}/verbatim", {**REASON, "message": message}, form=f"/tickets/{number}"
    ).get_data(as_text=True)

    assert f"请查一查。我是{NAME}。" in answer
    assert "su@163.com" in answer


def test_another_tickets_letter_does_not_open_here(office: Office) -> None:
    theirs, mine = mail(office, to="lin"), office.assigned(to="li")
    page = office.signed_in("lin").text(f"/tickets/{theirs}")
    message = page.split('name="message" value="')[1].split('"')[0]

    answer = office.signed_in("li").post(
        f"/tickets/{mine}/verbatim", {**REASON, "message": message}, form=f"/tickets/{mine}"
    )

    assert answer.status_code == 404
    assert NAME not in answer.get_data(as_text=True)


def test_a_file_is_saved_under_a_name_that_tells_nothing(office: Office) -> None:
    number = mail(office)
    li = office.signed_in("li")
    page = li.text(f"/tickets/{number}")
    path = attachment_path(page)

    file = li.client.get(path)

    assert file.data == b"a picture"
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert number in file.headers["Content-Disposition"]
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert file.mimetype == "application/octet-stream"
    assert "ticket.attachment_opened" in office.desk.actions()
    assert office.signed_in("lin").get(path).status_code == 403
    assert office.signed_in("xu").get(path).status_code == 404
    assert li.get(f"/tickets/{number}/attachments/nothing").status_code == 404


@pytest.mark.parametrize(
    ("secrecy", "logged"), [(Secrecy.ORDINARY, 0), (Secrecy.STRICT, 1), (Secrecy.RESTRICTED, 1)]
)
def test_opening_the_page_of_a_secret_ticket_is_logged(
    office: Office, wang: Browser, secrecy: Secrecy, logged: int
) -> None:
    number = office.ticket(secrecy=secrecy)

    page = wang.text(f"/tickets/{number}")

    assert office.desk.actions().count("ticket.opened") == logged
    assert ("王建国：打开本件" in words_of(page)) == bool(logged)


def test_looking_at_an_ordinary_page_writes_nothing(app: Flask, office: Office, wang: Browser) -> None:
    number = office.assigned()
    with count_queries(app) as sent:
        for path in (f"/tickets/{number}", "/tickets", "/overdue", "/tickets/new"):
            wang.get(path)

    assert not [statement for statement in sent if not statement.lstrip("( ").startswith(("SELECT", "WITH"))]


def test_the_page_of_a_long_case_asks_no_more_than_fifteen_times(app: Flask, office: Office) -> None:
    number = mail(office)
    office.act(number, Action.SUSPEND, by="wang", why="complainant", until="2026-12-04", reason="等补充")
    office.act(number, Action.RESUME, by="wang")
    wang = office.signed_in("wang")
    wang.post(f"/tickets/{number}/verbatim", REASON, form=f"/tickets/{number}")
    wang.get(f"/tickets/{number}")

    with count_queries(app) as sent:
        answer = wang.get(f"/tickets/{number}")

    assert answer.status_code == 200
    assert len(sent) <= 15, "\n".join(sent)
