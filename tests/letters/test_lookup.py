"""The public receipt page: off unless switched on; says little, and the same to everybody who guesses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from core.db import db, end_read, transaction
from tests.letters.place import office_text
from tests.support.app import clock_of, make_app
from tickets import lookup
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.models import LookupTry, Ticket
from tickets.vocabulary import Channel, Secrecy, Status


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = make_app(tmp_path, office=office_text(None) + "\n[security]\nreceipt_lookup = true\n")
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def registered(app: Flask) -> tuple[str, str]:
    with app.app_context(), transaction() as session:
        done = register(
            session,
            NewTicket(
                channel=Channel.PHONE,
                received_at=clock_of(app).now(),
                matter="溪口中学另收材料费。",
                people=(Person(name="陈大文", phone="13905951234"),),
                section="zhongjiao",
            ),
        )
        return done.ticket.number, done.query_codes[0]


def ask(client: FlaskClient, number: str, code: str, address: str = "10.0.0.1") -> tuple[int, str]:
    answer = client.post(
        "/receipt", data={"number": number, "code": code}, environ_base={"REMOTE_ADDR": address}
    )
    assert answer.headers["Cache-Control"].startswith("no-store")
    return answer.status_code, answer.get_data(as_text=True)


def test_it_is_not_there_unless_it_is_switched_on(tmp_path: Path) -> None:
    client = make_app(tmp_path, office=office_text(None)).test_client()
    assert client.get("/receipt").status_code == 404


def test_number_and_code_show_state_day_and_public_answer_only(app: Flask) -> None:
    number, code = registered(app)
    client = app.test_client()
    status, page = ask(client, number.lower(), f"{code[:5]} {code[5:]}")
    assert status == 200
    assert "已经登记，正在核对" in page
    assert not any(word in page for word in ("溪口", "材料费", "陈大文", "李明", "13905951234"))

    with app.app_context(), transaction() as session:
        ticket = session.scalars(sa.select(Ticket)).one()
        ticket.status, ticket.answer = Status.CLOSED, "经核查属实，已责成退还。"
        ticket.answered_at = ticket.closed_at = clock_of(app).now()
    assert "已责成退还" in ask(client, number, code)[1]
    with app.app_context(), transaction() as session:
        session.scalars(sa.select(Ticket)).one().secrecy = Secrecy.RESTRICTED
    assert "已责成退还" not in ask(client, number, code)[1]
    clock_of(app).moment += timedelta(days=181)
    assert ask(client, number, code)[0] == 422


def test_a_wrong_number_and_a_wrong_code_get_the_same_answer(app: Flask) -> None:
    number, code = registered(app)
    client = app.test_client()
    answers = {
        ask(client, number, "0000000000"),
        ask(client, "ZJ20261123-9999", code),
        ask(client, "nonsense", "x"),
    }
    pages = {page.replace("ZJ20261123-9999", "").replace("nonsense", "") for _, page in answers}
    assert {status for status, _ in answers} == {422}
    assert all(lookup.NO_MATCH in page for page in pages)


def test_an_address_and_a_number_are_slowed_down(app: Flask) -> None:
    number, code = registered(app)
    client = app.test_client()
    for _ in range(lookup.A_MINUTE_AN_ADDRESS):
        assert lookup.NO_MATCH in ask(client, number, "0000000000")[1]
    assert lookup.TOO_OFTEN in ask(client, number, code)[1], "even the right code"

    for place in range(lookup.WRONG_A_DAY_A_NUMBER - lookup.A_MINUTE_AN_ADDRESS):
        ask(client, number, "0000000000", f"10.0.1.{place}")
    assert lookup.TOO_WRONG in ask(client, number, code, "10.0.2.1")[1]
    assert lookup.NO_MATCH in ask(client, "ZJ20261123-9999", code, "10.0.2.2")[1]
    clock_of(app).moment += timedelta(days=1)
    assert ask(client, number, code, "10.0.2.1")[0] == 200


def test_the_whole_page_has_a_brake_and_keeps_no_address(app: Flask) -> None:
    number, code = registered(app)
    client = app.test_client()
    for place in range(lookup.A_MINUTE_IN_ALL):
        ask(client, f"ZJ20261123-{place:04d}", "0000000000", f"10.1.0.{place}")
    assert lookup.TOO_OFTEN in ask(client, number, code, "10.2.0.1")[1]
    with app.app_context():
        tries = db.session().scalars(sa.select(LookupTry)).all()
        assert not any("10.1" in row.address_index or number in row.number_index for row in tries)
        end_read()
