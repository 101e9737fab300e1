"""Like tickets: the office's real duplicates find each other, and what is like nothing is shown nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import db, transaction
from tests.support.corpora import corpora_or_skip
from tickets import loading, similar
from tickets.models import Ticket

BATCH = 100
OUTSIDE = 500


@pytest.mark.slow
def test_the_real_duplicates_find_each_other_and_others_find_nothing(app: Flask) -> None:
    folder = corpora_or_skip() / "complaints"
    texts = {line["id"]: line for line in lines_of(folder / "texts.jsonl")}
    clusters = [set(line["ids"]) & texts.keys() for line in lines_of(folder / "duplicates.jsonl")]
    with app.app_context():
        load(list(texts.values()))
        rows = db.session().execute(sa.select(Ticket.id, Ticket.external_id))
        names = {row.id: row.external_id for row in rows}
        found = missed = 0
        for cluster in (each for each in clusters if len(each) > 1):
            for member in cluster:
                others = {names[match.ticket_id] for match in like(texts[member], limit=10)}
                found += bool(others & cluster)
                missed += not others & cluster
        alone = [text for name, text in texts.items() if not any(name in each for each in clusters)]
        alone = alone[:: max(len(alone) // OUTSIDE, 1)]
        shown = sum(any(match.score >= similar.SHOWN_FROM for match in like(text, limit=1)) for text in alone)

    assert found / (found + missed) >= 0.97
    assert shown / len(alone) <= 0.10


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def load(texts: list[dict[str, Any]]) -> None:
    for start in range(0, len(texts), BATCH):
        with transaction() as session:
            loading.load(session, [{**text, "channel": "mail"} for text in texts[start : start + BATCH]])


def like(text: dict[str, Any], *, limit: int) -> list[similar.Match]:
    return similar.matches(
        db.session(),
        f"{text['title']}\n{text['body']}",
        limit=limit,
        leave_out=sa.func.coalesce(Ticket.external_id, "") == text["id"],
    )
