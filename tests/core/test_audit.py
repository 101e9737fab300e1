"""The chain: whoever changes, removes or cuts is found, by the first row that is wrong."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from core import audit
from core.audit import AuditEntry, AuditHead
from core.db import db, transaction


@pytest.fixture
def five_entries(ground: Flask) -> Flask:
    for number in range(5):
        with transaction() as session:
            audit.record(session, f"act {number}", actor="zhang", object_ref="ticket/1", reason="写明")
    return ground


def without_triggers(statement: str) -> None:
    """What somebody with the database in hand can do: take the triggers away, then change what they like."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_entry_no_update")
            connection.exec_driver_sql("DROP TRIGGER audit_entry_no_delete")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_entry_no_change ON audit_entry")
        connection.exec_driver_sql(statement)


def test_an_untouched_chain_is_well(five_entries: Flask) -> None:
    result = audit.verify_chain(db.session(), anchors=[audit.current_anchor(db.session())])
    assert (result.ok, result.rows, result.checked, result.first_bad) == (True, 5, 5, None)


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'li'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_or_delete(five_entries: Flask, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit_entry SET actor = 'li' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET data = '{}' WHERE seq = 1", 1),
        ("DELETE FROM audit_entry WHERE seq = 2", 2),
        ("DELETE FROM audit_entry WHERE seq = 5", 5),
        ("DELETE FROM audit_entry", 1),
    ],
)
def test_a_change_a_gap_a_cut_tail_and_an_emptied_table_are_found(
    five_entries: Flask, statement: str, first_bad: int
) -> None:
    without_triggers(statement)
    result = audit.verify_chain(db.session())
    assert (result.ok, result.first_bad) == (False, first_bad)


def test_a_chain_cut_together_with_its_head_is_found_by_an_anchor_kept_elsewhere(five_entries: Flask) -> None:
    anchor = audit.current_anchor(db.session())
    third = db.session.execute(sa.select(AuditEntry.mac).where(AuditEntry.seq == 3)).scalar_one()
    db.session.rollback()
    without_triggers("DELETE FROM audit_entry WHERE seq > 3")
    with db.engine.begin() as connection:
        connection.execute(sa.update(AuditHead).values(seq=3, mac=third))
    assert audit.verify_chain(db.session()).ok
    result = audit.verify_chain(db.session(), anchors=[anchor])
    assert (result.ok, result.first_bad) == (False, 4)


def test_the_entries_of_a_transaction_are_appended_in_the_order_they_were_recorded(ground: Flask) -> None:
    with transaction() as session:
        for name in ("first", "second", "third"):
            audit.record(session, name, actor="zhang")
    assert list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq))) == [
        "first",
        "second",
        "third",
    ]
