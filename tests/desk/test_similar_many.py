"""Like tickets among a hundred thousand others: found all the same, in a moment.

Every day the same is asked of the texts alone (test_similar.py); the hundred thousand are asked by `make test-long`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.actor import SYSTEM
from accounts.vocabulary import Role
from benchmarks.fill import fill
from core.clock import now
from core.db import db, transaction
from demo.filling import SCHOOLS
from tests.accounts.people import Desk
from tests.desk.test_similar import OUTSIDE, like, lines_of, load
from tests.support.corpora import corpora_or_skip
from tickets import similar
from tickets.models import Ticket
from tickets.schools import load_schools, read_schools

OTHERS = 100_000
FOUND_FROM, QUIET_FROM, SECONDS_AT_MOST = 0.97, 0.90, 0.150


@pytest.fixture
def many(app: Flask) -> Iterator[Flask]:
    """The real texts, and a hundred thousand generated tickets that came after them."""
    Desk(app).account("chief", Role.HEAD, Role.HANDLER)
    with app.app_context():
        with transaction() as session:
            load_schools(session, read_schools(Path(SCHOOLS).read_text(encoding="utf-8")), actor=SYSTEM)
        load(lines_of(corpora_or_skip() / "complaints" / "texts.jsonl"))
        fill(OTHERS, until=now() - timedelta(days=2))  # numbers of other days than those of the texts
        yield app


@pytest.mark.long
def test_duplicates_are_found_among_a_hundred_thousand_others(many: Flask) -> None:
    folder = corpora_or_skip() / "complaints"
    texts = {line["id"]: line for line in lines_of(folder / "texts.jsonl")}
    clusters = [set(line["ids"]) & texts.keys() for line in lines_of(folder / "duplicates.jsonl")]
    rows = db.session().execute(sa.select(Ticket.id, Ticket.external_id))
    names = {row.id: row.external_id for row in rows}
    assert len(names) >= OTHERS
    like(
        next(iter(texts.values())), limit=1
    )  # learns how rare each word is, once in a while and not for every question

    found = asked = 0
    begun = time.process_time()
    for cluster in (each for each in clusters if len(each) > 1):
        for member in cluster:
            others = {names[match.ticket_id] for match in like(texts[member], limit=10)}
            found += bool(others & cluster)
            asked += 1
    seconds = (time.process_time() - begun) / asked
    alone = [text for name, text in texts.items() if not any(name in each for each in clusters)]
    alone = alone[:: max(len(alone) // OUTSIDE, 1)]
    quiet = sum(not any(match.score >= similar.SHOWN_FROM for match in like(text, limit=1)) for text in alone)

    figures = f"{found}/{asked} found, {quiet}/{len(alone)} quiet, {1000 * seconds:.0f} ms a question"
    assert found / asked >= FOUND_FROM, figures
    assert quiet / len(alone) >= QUIET_FROM, figures
    assert seconds <= SECONDS_AT_MOST, figures
    sys.stdout.write(figures + "\n")  # `pytest -rP` shows it
