"""应询快照: what was said on the telephone, with number, hash and names, and never another word afterwards."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from tests.accounts.people import Browser
from tests.desk.office import NAME, PHONE, Office, in_office, words_of
from tickets.models import InquirySnapshot, Ticket
from tickets.vocabulary import CallerKind

URL = "/overdue/snapshots"
ASKED = {"asked_by": "县纪委监委监检室", "how": "phone", "note": "问办理超期"}


def freeze(browser: Browser, **more: str) -> str:
    answer = browser.post(URL, {**ASKED, **more}, form="/overdue")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location.rsplit("/", 1)[1])


@pytest.fixture
def late(app: Flask, office: Office, clock: FixedClock) -> str:
    number = office.assigned("张三的孩子被多收材料费。", to="li", category="B2", school_text="张三念的学校")
    clock.moment = in_office("2026-12-14T15:20")
    return number


def test_it_has_a_number_a_date_and_says_who_asked(office: Office, late: str) -> None:
    wang = office.signed_in("wang")

    number = freeze(wang)

    assert number == "YX2026-001"
    page = words_of(wang.text(f"{URL}/{number}"))
    for words in ("县纪委监委监检室", "电话", "王建国", "12月14日 15:20", "中教股", "问办理超期", late):
        assert words in page
    assert number in words_of(wang.text(URL))
    assert freeze(wang) == "YX2026-002"


def test_nothing_of_it_changes_when_the_case_goes_on(office: Office, late: str, clock: FixedClock) -> None:
    wang = office.signed_in("wang")
    number = freeze(wang)
    wang.get(f"{URL}/{number}")  # says once that it was kept
    before = words_of(wang.text(f"{URL}/{number}"))
    file = wang.get(f"{URL}/{number}/file").data
    clock.moment += timedelta(minutes=20)
    wang.post(
        "/overdue/reasons",
        {"number": late, "reason": "refund", "expected_on": "2026-12-20"},
        form="/overdue",
    )

    assert "退费清退需时间" in words_of(wang.text("/overdue"))
    assert words_of(wang.text(f"{URL}/{number}")) == before
    assert wang.get(f"{URL}/{number}/file").data == file


def test_the_file_is_what_its_hash_says_and_taking_it_is_written_down(
    app: Flask, office: Office, late: str
) -> None:
    wang = office.signed_in("wang")
    number = freeze(wang)

    answer = wang.get(f"{URL}/{number}/file")

    with app.app_context():
        row = db.session().scalars(sa.select(InquirySnapshot)).one()
        acts = (
            db.session().scalars(sa.select(AuditEntry.action).where(AuditEntry.object_ref == row.ref)).all()
        )
        sha256 = row.sha256
    assert hashlib.sha256(answer.data).hexdigest() == sha256
    assert sha256 in wang.text(f"{URL}/{number}")
    assert acts == ["inquiry.frozen", "inquiry.opened"]
    text = answer.get_data(as_text=True)
    assert late in text
    assert "2026-12-14 周一 15:20" in text
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_only_released_texts_are_in_it(app: Flask, office: Office, late: str, clock: FixedClock) -> None:
    secret = office.ticket("校长多拿补贴。", caller_kind=CallerKind.TEACHER, school_text="云岭一中")
    with app.app_context(), transaction() as session:
        ticket = session.get_one(Ticket, office.stored(late).id)
        ticket.released_text, ticket.released_at = "据反映，某校另收材料费。", clock.now()
    clock.moment = in_office("2026-12-25T09:00")
    wang = office.signed_in("wang")
    number = freeze(wang)

    for text in (wang.text(f"{URL}/{number}"), wang.get(f"{URL}/{number}/file").get_data(as_text=True)):
        assert "据反映，某校另收材料费。" in text
        assert secret in text
        for hidden in ("张三", "校长多拿", "云岭一中", NAME, PHONE):
            assert hidden not in text


def test_who_may_open_it(office: Office, late: str) -> None:
    by_head, by_clerk = freeze(office.signed_in("wang")), freeze(office.signed_in("chen"))

    def may(who: str) -> tuple[int, int]:
        browser = office.signed_in(who)
        return browser.get(f"{URL}/{by_head}").status_code, browser.get(f"{URL}/{by_clerk}").status_code

    assert {who: may(who) for who in ("wang", "zhou", "ji", "chen", "li", "xu")} == {
        "wang": (200, 200),
        "zhou": (200, 200),
        "ji": (200, 200),
        "chen": (404, 200),
        "li": (404, 404),
        "xu": (404, 404),
    }


def test_a_leaders_snapshot_of_two_sections_is_not_one_sections_to_read(office: Office, late: str) -> None:
    number = freeze(office.signed_in("zhou"))

    assert office.signed_in("wang").get(f"{URL}/{number}").status_code == 404


@pytest.mark.parametrize(
    "more", [{"asked_by": ""}, {"asked_by": "  "}, {"how": "pigeon"}, {"note": "长" * 201}]
)
def test_who_asked_must_be_said(app: Flask, office: Office, late: str, more: dict[str, str]) -> None:
    answer = office.signed_in("wang").post(URL, {**ASKED, **more}, form="/overdue")

    assert answer.status_code == 422
    with app.app_context():
        assert db.session().scalars(sa.select(InquirySnapshot)).all() == []


def test_with_nothing_late_it_says_so(office: Office) -> None:
    wang = office.signed_in("wang")

    number = freeze(wang)

    assert "没有超期的诉求件" in wang.get(f"{URL}/{number}/file").get_data(as_text=True)
    assert "没有超期的" in wang.text(f"{URL}/{number}")


def test_the_rows_cannot_be_changed(app: Flask, office: Office, late: str) -> None:
    freeze(office.signed_in("wang"))

    with (
        app.app_context(),
        pytest.raises(sa.exc.IntegrityError, match="append-only"),
        transaction() as session,
    ):
        session.execute(sa.update(InquirySnapshot).values(asked_by="别人"))
