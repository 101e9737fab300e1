"""The search against a plain reading of every text: 500 random queries, on each engine, hit for hit."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import db, transaction
from demo.cases import CASES
from tests.support.moments import MONDAY_MORNING
from tickets.intake import NewTicket, register
from tickets.models import Ticket
from tickets.search.index import found_by
from tickets.vocabulary import Channel

QUERIES = 500
# Texts whose pairs are all there, but not one after the other; full-width letters; a character outside the first plane.
AWKWARD = (
    "课后，后服务，服务费",
    "课后服务费",
    "务费服务",
    "ＡＰＰ报名课后服务 2026",
    "app 报名",
    "𠮷田路𠮷田小区",
    "课",
    "课 后",
    "后课后课",
)


def plain(text: str) -> list[str]:
    """Read anew here: the runs of a text."""
    return re.findall(r"[a-z0-9]+|[^\W_a-z0-9]+", unicodedata.normalize("NFKC", text).lower())


def holds(texts: Sequence[str], query: str) -> bool:
    """Every Chinese run of the query stands somewhere in one run of the ticket, every word of letters is one of its words."""
    held = [run for text in texts for run in plain(text)]
    return all(any(run == part if part.isascii() else part in run for run in held) for part in plain(query))


def random_query(generator: random.Random, texts: Sequence[str]) -> str:
    text = generator.choice(texts)
    start = generator.randrange(max(len(text) - 1, 1))
    query = text[start : start + generator.choice((1, 2, 2, 3, 4, 5, 6, 9))]
    if generator.random() < 0.2:  # two words, or one that is nowhere
        query += generator.choice((" ", "", "，")) + generator.choice(("服务", "课后", "鲸鱼", "app", "费"))
    return query


@pytest.mark.slow
def test_500_random_queries_find_what_a_reader_finds(office: Flask) -> None:
    texts = [*AWKWARD, *(case.matter for case in CASES)]
    with transaction() as session:
        for text in texts:
            register(session, NewTicket(channel=Channel.PHONE, received_at=MONDAY_MORNING, matter=text))
    reading = db.session()
    rows = reading.execute(sa.select(Ticket.number, Ticket.title, Ticket.matter)).all()
    named: dict[str, str] = {row.number: row.name for row in reading.execute(SCHOOLS_OF)}
    read = {row.number: (row.number, row.title, row.matter, named.get(row.number, "")) for row in rows}
    generator = random.Random(11)
    asked, all_hits = 0, 0
    while asked < QUERIES:
        query = random_query(generator, [row[2] for row in read.values()])
        if not plain(query):
            continue
        found = {
            number
            for hits in found_by(reading, query)
            for number in reading.scalars(sa.select(Ticket.number).join(hits, hits.c.id == Ticket.id))
        }
        assert found == {number for number, each in read.items() if holds(each, query)}, query
        asked, all_hits = asked + 1, all_hits + len(found)
    assert all_hits > QUERIES  # most queries were about something


SCHOOLS_OF = sa.text(
    "SELECT ticket.number, school.name FROM ticket JOIN ticket_school ON ticket_school.ticket_id = ticket.id "
    "JOIN school ON school.id = ticket_school.school_id"
)
