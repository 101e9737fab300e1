"""How far is my case? Told to number and query code, and to nothing else."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from core.audit import AuditEntry
from core.clock import now
from core.db import db, transaction
from tests.accounts.people import Browser
from tests.desk.office import NAME, PHONE, Office
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.progress import WRONG_CODES_A_DAY
from tickets.vocabulary import Channel


def logged(office: Office) -> tuple[str, str]:
    """A call of the other section's matter; its number and the code that was read to the caller."""
    with office.app.app_context(), transaction() as session:
        new = NewTicket(
            channel=Channel.PHONE,
            received_at=now(),
            matter="学校课后服务另收材料费一百元。",
            section="chuyoujiao",
            people=(Person(name=NAME, phone=PHONE),),
        )
        done = register(session, new)
        return done.ticket.number, done.query_codes[0]


def asked(browser: Browser, number: str, code: str) -> tuple[int, str]:
    answer = browser.post("/progress", {"number": number, "code": code})
    return answer.status_code, answer.get_data(as_text=True)


def test_number_and_code_give_a_sentence_to_read_aloud_and_nothing_of_the_case(
    office: Office, chen: Browser
) -> None:
    number, code = logged(office)
    status, page = asked(chen, number.lower(), " ".join(code))
    assert status == 200
    assert "会在 15 日内告知是否受理" in page
    assert "材料费" not in page
    assert NAME not in page


def test_a_wrong_code_and_an_unknown_number_get_the_same_words(office: Office, chen: Browser) -> None:
    number, code = logged(office)
    wrong = asked(chen, number, str((int(code) + 1) % 10**10).zfill(10))
    unknown = asked(chen, "ZJ20200101-0001", code)
    assert wrong[0] == unknown[0] == 422
    assert "对不上" in wrong[1]
    assert "对不上" in unknown[1]


def test_after_ten_wrong_codes_the_number_is_silent_until_tomorrow(office: Office, chen: Browser) -> None:
    number, code = logged(office)
    for _ in range(WRONG_CODES_A_DAY):
        asked(chen, number, "0000000000")
    assert "明天才能再查" in asked(chen, number, code)[1]


def test_what_was_asked_is_in_the_audit_log_without_the_code(
    app: Flask, office: Office, chen: Browser
) -> None:
    number, code = logged(office)
    asked(chen, number, code)
    with app.app_context():
        rows = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.object_ref == f"ticket/{number}")
        ).all()
    assert "ticket.progress_told" in [row.action for row in rows]
    assert not [row for row in rows if code in row.data]
