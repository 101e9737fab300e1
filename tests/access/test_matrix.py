"""Who gets an answer from which page: every route, every role, every relation to the thing asked for.

The table beside this file is the whole of it. A new route fails here until somebody has thought about each of its cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from core.db import db
from tests.access.world import KINDS, PASSWORD, PEOPLE, copy_for, made_once

TABLE = Path(__file__).with_name("matrix.txt")
ASKERS = ("anonymous", *PEOPLE)
NAMES_A_THING = frozenset({"number", "item_id", "message_id", "mailbox_id", "address", "group_id"})
ANSWERED, TO_LOGIN, FORBIDDEN, NOT_FOUND = "Y", "L", "F", "N"

Key = tuple[str, str, str]


def routes(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every rule with each of its methods and each kind of thing its address can name."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        about_a_case = bool(rule.arguments & NAMES_A_THING)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for thing in KINDS if about_a_case else ("own",):
                yield rule, method, thing


def table() -> dict[Key, str]:
    """The expected cells, as written down: one letter an asker."""
    rows: dict[Key, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            endpoint, method, thing, *cells = line.split()
            assert len(cells) == len(ASKERS), line
            rows[endpoint, method, thing] = "".join(cells)
    return rows


def letter(client: FlaskClient, method: str, address: str) -> str:
    """What became of a question, as the table writes it."""
    response = client.open(address, method=method, data={} if method == "POST" else None)
    status = response.status_code
    response.close()
    if status == 401 or (status == 303 and response.location.startswith("/login")):
        return TO_LOGIN
    return {403: FORBIDDEN, 404: NOT_FOUND}.get(status, ANSWERED if status < 500 else str(status))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = copy_for(tmp_path / "data")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def client_of(app: Flask, asker: str) -> FlaskClient:
    client = app.test_client()
    if asker != "anonymous":
        answer = client.post("/login", data={"username": asker, "password": PASSWORD})
        assert answer.status_code == 303, asker
    return client


def test_every_route_is_in_the_table_and_nothing_else(app: Flask) -> None:
    there = {(rule.endpoint, method, thing) for rule, method, thing in routes(app)}
    assert there - set(table()) == set(), "routes that nobody thought about"
    assert set(table()) - there == set(), "rows without a route"


@pytest.mark.parametrize("asker", ASKERS)
def test_every_cell_of_the_table_holds(app: Flask, asker: str) -> None:
    wrong = []
    client = client_of(app, asker)
    for rule, method, thing in routes(app):
        if rule.endpoint == "accounts.logout":
            continue  # asked last, it ends the session
        expected = table().get((rule.endpoint, method, thing), "?" * len(ASKERS))[ASKERS.index(asker)]
        found = letter(client, method, made_once().address(app, rule, thing))
        if found != expected:
            wrong.append(f"{method} {rule.endpoint} ({thing}): {found}, expected {expected}")
    assert wrong == []


def write_table(folder: Path) -> str:
    """What the application answers today, in the form of the table; every new line of it has to be read by a person."""
    app = copy_for(folder)
    clients = {asker: client_of(app, asker) for asker in ASKERS}
    lines = []
    for rule, method, thing in routes(app):
        cells = [
            ANSWERED
            if rule.endpoint == "accounts.logout" and asker != "anonymous"
            else letter(clients[asker], method, made_once().address(app, rule, thing))
            for asker in ASKERS
        ]
        lines.append(f"{rule.endpoint:<28} {method:<5} {thing:<11} {'  '.join(cells)}")
    return "\n".join(lines)
