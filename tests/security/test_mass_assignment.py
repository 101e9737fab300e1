"""A form changes what its page offers and nothing else, whatever columns somebody adds to it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import Base, db
from tests.access.world import PEOPLE
from tests.security.routes import routes, signed_in

# Written by any request: signs of life, what was asked, who tried to sign in.
ALWAYS = {"audit_entry", "audit_head", "login_session", "login_try", "lease", "installation_fact", "opening"}
# What a row is, which no form may ever say: who it is, whose, since when, how it stands.
NEVER = frozenset(
    [
        "id",
        "ref",
        "number",
        "status",
        "version",
        "section_id",
        "created_at",
        "recorded_at",
        "received_at",
        "accepted_at",
        "answered_at",
        "closed_at",
        "due_at",
        "original_due",
        "met_at",
        "started_at",
        "last_day",
        "handler_id",
        "merged_into_id",
        "account_id",
        "username",
        "roles",
        "active",
        "password_hash",
        "totp_secret",
        "must_change_password",
        "key_id",
        "wrapped",
        "blob",
        "raw_sha256",
        "message_id",
        "dedupe",
        "object_ref",
        "prev_mac",
        "mac",
        "seq",
        "state",
        "released_text",
        "registered_by",
        "source",
        "external_id",
        "provisional",
        "paused",
    ]
)

# The buttons of a mail ("register it", "read it again") and of a policy entry ("take it out of use") need nothing but to be
# pressed: it is theirs to move the row on. Saving a person's own export layout counts its version; nothing else of it may change.
MEANT = ("mail_item[", "policy_entry[", "export_layout[0].version")


def columns() -> list[str]:
    """Every column of every table."""
    return sorted({column.name for table in Base.metadata.sorted_tables for column in table.columns})


def values() -> dict[str, str]:
    """A value for each that would fit: the first row's number, a state's name, a day."""
    chosen: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind = column.type
            if isinstance(kind, sa.Enum):
                chosen[column.name] = str(kind.enums[-1])
            elif isinstance(kind, (sa.Integer, sa.Boolean, sa.BigInteger)):
                chosen[column.name] = "1"
            elif isinstance(kind, (sa.Date, sa.DateTime)):
                chosen[column.name] = "2020-01-01T00:00"
            else:
                chosen.setdefault(column.name, "intruder")
    return chosen


def contents(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    with app.app_context():
        session = db.session()
        found = {
            table.name: [dict(row) for row in session.execute(sa.select(table)).mappings()]
            for table in Base.metadata.sorted_tables
            if table.name not in ALWAYS
        }
        db.session.remove()
    return found


def test_there_is_something_to_post() -> None:
    assert len(columns()) > 150
    assert set(columns()) >= {"section_id", "received_at", "status", "handler_id", "password_hash"}


def intruders(rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [
        f"{table}.{name}"
        for table, each in rows.items()
        for row in each
        for name, value in row.items()
        if name in NEVER and (value == "intruder" or str(value).startswith("2020-01-01"))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_all_columns_posted_everywhere_at_once_change_nothing(app: Flask, person: str) -> None:
    """No page is asked for what it offers here, so whatever changed was changed by a column's name."""
    client = signed_in(app, person)
    before = contents(app)
    posted = 0
    sent = {name: value for name, value in values().items() if name not in {"action", "verb", "reason"}}
    for thing in ("own", "other"):
        for route in routes(app, thing):
            if route.method != "POST" or route.endpoint in {"mail.poll", "accounts.password"}:
                continue
            status = client.post(route.address, data=sent, buffered=True).status_code
            assert status < 500, route
            posted += 1
            if client.get("/account").status_code != 200:
                client = signed_in(app, person)
    assert posted > 40
    after = contents(app)
    assert intruders(after) == []
    changed = {
        f"{table}[{index}].{name}: {old[name]!r} -> {new[name]!r}"
        for table, rows in before.items()
        for index, (old, new) in enumerate(zip(rows, after[table], strict=False))
        for name in old
        if old[name] != new[name] and name in NEVER
    }
    assert {each for each in changed if not each.startswith(MEANT)} == set()


@pytest.mark.slow
def test_a_right_form_with_every_column_beside_it_writes_what_it_says(app: Flask) -> None:
    """The forms of every day, filled in rightly, with all columns added: the right columns are as if nobody had added any."""
    clerk = signed_in(app, "clerk")
    right = {
        "channel": "phone",
        "matter": "云岭二中课后服务太贵",
        "school_text": "云岭二中",
        "anonymity": "confidential",
    }
    assert clerk.post("/tickets/new", data={**values(), **right, "section": ""}).status_code in {303, 422}
    plain = {name: value for name, value in values().items() if name not in FORM_OF_A_CALL}
    assert clerk.post("/tickets/new", data={**plain, **right}).status_code == 303
    rows = contents(app)
    new = max(rows["ticket"], key=lambda row: row["id"])
    assert str(new["status"].value if hasattr(new["status"], "value") else new["status"]) == "pending"
    assert new["id"] > 1
    assert new["version"] == 1
    assert new["handler_id"] is None
    assert new["merged_into_id"] is None
    assert new["accepted_at"] is None
    assert new["closed_at"] is None
    assert new["external_id"] in {None, ""}
    assert intruders(rows) == []


# What the page of a call itself asks for; there a column of the same name is no intruder.
FORM_OF_A_CALL = frozenset(
    [
        "channel",
        "matter",
        "request",
        "school_text",
        "grade_text",
        "anonymity",
        "caller_name",
        "caller_phone",
        "contact_note",
        "category",
        "urgent",
        "wants_callback",
        "secrecy",
        "source_ref",
        "source_due",
        "occurred_at",
        "caller_kind",
        "target_kind",
        "section",
        "answer",
        "answer_now",
        "look",
    ]
)


@pytest.mark.slow
def test_nobody_gives_himself_a_role_or_a_section(app: Flask) -> None:
    for person in ("clerk", "handler", "head", "leader", "supervisor"):
        client = signed_in(app, person)
        before = contents(app)
        own = {"role": "admin", "roles": ["admin", "leader"], "section": "chuyoujiao", "sections": ["chuyoujiao"],
               "section_id": "2", "is_active": "1", "active": "1", "username": "root"}  # fmt: skip
        for path in ("/account", "/account/password", "/account/sessions"):
            client.post(path, data=own)
        mine = next(row["id"] for row in before["account"] if row["username"] == person)
        for path in (f"/admin/accounts/{mine}", f"/admin/accounts/{mine}/actions"):
            client.post(path, data={**own, "action": "roles", "display_name": "我"})
        after = contents(app)
        for table in ("account", "account_role", "account_section"):
            if table in before:
                strip = [{**row, "display_name": ""} for row in before[table]]
                assert [{**row, "display_name": ""} for row in after[table]] == strip, (person, table)
