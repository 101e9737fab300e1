"""An office of two sections, with the tables of the models, and a ticket to be watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import vault
from core.clock import FixedClock
from core.db import db, transaction
from outbox.models import OutboxMessage
from outbox.vocabulary import OutboxKind
from tests.life import support
from tests.life.support import Desk, person
from tests.support.app import clock_of, make_app
from tickets.models import NoticeAddress

OFFICE = """
[office]
name = "安溪县教育局"
short_name = "县教育局"
area_code = "0595"
[[sections]]
slug = "zhongjiao"
name = "中教股"
number_prefix = "ZJ"
phone = "23236764"
stages = ["junior", "senior", "vocational"]
[[sections]]
slug = "chuyoujiao"
name = "初幼教股"
number_prefix = "CY"
phone = "23220785"
stages = ["kindergarten", "primary"]
[smtp]
from = "notice@example.com"
host = "127.0.0.1"
port = 2525
tls = false
auth = false
[duty]
mail = "duty@example.com"
"""


class Watched(Desk):
    """The desk of a ticket's life, and what the machinery does with it as days go by."""

    @property
    def clock(self) -> FixedClock:
        return clock_of(self.app)

    def writes_to(self, *usernames: str) -> None:
        with transaction() as session:
            for username in usernames:
                account = person(username).id
                assert account is not None
                session.add(NoticeAddress(account_id=account, mail=f"{username}@example.com"))

    def mails(self) -> list[tuple[str, str]]:
        """Recipient and text of every staff notice so far."""
        session = db.session()
        session.rollback()
        found = []
        for row in session.scalars(
            sa.select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.STAFF).order_by(OutboxMessage.id)
        ):
            key = vault.data_key(session, row.data_key_id)
            parts = [
                vault.unseal(key, sealed, place=f"outbox|{name}|{key.id}")
                for name, sealed in (("recipient", row.recipient_sealed), ("body", row.body_sealed))
            ]
            found.append((parts[0], row.subject + parts[1]))
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "data"
    folder.mkdir()
    app = make_app(folder, office=OFFICE)
    with app.app_context():
        db.metadata.create_all(db.engine)
        with transaction() as session:
            support._people(session)
        yield Watched(app)
        db.session.remove()
        db.engine.dispose()
