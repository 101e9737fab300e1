"""Sending on both engines: claims, refusals, the page's questions."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.vocabulary import Role
from core.db import db
from outbox.vocabulary import OutboxKind
from tests.accounts.people import Desk as People
from tests.outbox.desk import Desk, an_office, office_text
from tests.outbox.mail_server import MailServer
from tests.support.postgres import drop_database, new_database

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, server: MailServer) -> Iterator[Desk]:
    text = office_text(server.port, server.certificate.certificate)
    if request.param == "sqlite":
        desk = Desk(an_office(tmp_path, text))
    else:
        desk = Desk(an_office(tmp_path, text, DATABASE_URL=new_database()))
    yield desk
    with desk.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    desk.close()
    if request.param == "postgresql":
        drop_database(url)


def test_two_runs_at_the_same_time_send_each_mail_once(desk: Desk, server: MailServer) -> None:
    for _ in range(20):
        desk.put()
    runs = [threading.Thread(target=desk.send) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    desk.send()

    assert Counter(Counter(str(mail["Message-ID"]) for mail in server.mails).values()) == {1: 20}
    assert set(desk.states()) == {"sent"}


def test_refusals_and_the_page(desk: Desk, server: MailServer) -> None:
    server.answer(recipient="550 Invalid User")
    desk.put(OutboxKind.ANSWER)
    assert desk.send().failed == 1
    server.answer(login="535 Error: authentication failed")
    desk.put(OutboxKind.STAFF)
    assert not desk.send().ok

    People(desk.app).account("head", Role.HEAD)
    page = People(desk.app).signed_in("head").text("/outbox")
    assert "需要人处理" in page
    assert "发不出信" in page
