"""Whoever has the database in hand, without the key, is found: six ways to change the record, each at a hundred places.

And what stands outside the chain: the anchors in the bulletins and beside the backups, the files of the bulletins.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit
from core.audit import Anchor
from core.blobs import blob_store
from core.clock import now
from core.db import db, transaction
from operations import auditing
from reports import freezing, periods
from reports.contents import BulletinKind
from reports.models import Report, ReportFile
from tests.operations.support import add_tickets, installation_on, let_go, run, run_json
from tests.support.app import make_app, unprepared_app

PLACES = 100
ENTRIES = 240
_TRIGGERS = ("audit_entry_no_update", "audit_entry_no_delete")

Tampering = Callable[[sqlite3.Connection, int], int]


def edited(base: sqlite3.Connection, place: int) -> int:
    statements = (
        "UPDATE audit_entry SET actor = actor || '1' WHERE seq = ?",
        "UPDATE audit_entry SET action = 'account.renamed' WHERE seq = ?",
        "UPDATE audit_entry SET object_ref = '' WHERE seq = ?",
        "UPDATE audit_entry SET data = '{}' WHERE seq = ?",
        "UPDATE audit_entry SET recorded_at = '2026-11-01 00:00:00.000000' WHERE seq = ?",
        "UPDATE audit_entry SET mac = prev_mac WHERE seq = ?",
        "UPDATE audit_entry SET prev_mac = mac WHERE seq = ?",
    )
    base.execute(statements[place % len(statements)], (place,))
    return place


def deleted(base: sqlite3.Connection, place: int) -> int:
    base.execute("DELETE FROM audit_entry WHERE seq = ?", (place,))
    return place


def inserted(base: sqlite3.Connection, place: int) -> int:
    base.execute("UPDATE audit_entry SET seq = -seq - 1 WHERE seq > ?", (place,))
    base.execute("UPDATE audit_entry SET seq = -seq WHERE seq < 0")
    base.execute(
        "INSERT INTO audit_entry SELECT ?, recorded_at, actor, action, object_ref, data, mac, prev_mac"
        " FROM audit_entry WHERE seq = ?",
        (place + 1, place),
    )
    return place + 1


def exchanged(base: sqlite3.Connection, place: int) -> int:
    base.execute("UPDATE audit_entry SET seq = -1 WHERE seq = ?", (place,))
    base.execute("UPDATE audit_entry SET seq = ? WHERE seq = ?", (place, place + 1))
    base.execute("UPDATE audit_entry SET seq = ? WHERE seq = -1", (place + 1,))
    return place


def cut(base: sqlite3.Connection, place: int) -> int:
    """The tail goes, and the head row is made to fit."""
    base.execute("DELETE FROM audit_entry WHERE seq > ?", (place,))
    (mac,) = base.execute("SELECT mac FROM audit_entry WHERE seq = ?", (place,)).fetchone()
    base.execute("UPDATE audit_head SET seq = ?, mac = ?", (place, mac))
    return place + 1


def emptied(base: sqlite3.Connection, place: int) -> int:
    """Everything goes, and a shorter record is begun anew with what stood at the place."""
    rows = base.execute("SELECT * FROM audit_entry WHERE seq >= ? ORDER BY seq", (place,)).fetchall()
    base.execute("DELETE FROM audit_entry")
    for seq, row in enumerate(rows, start=1):
        base.execute("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (seq, *row[1:]))
    base.execute("UPDATE audit_head SET seq = ?", (len(rows),))
    return 1


@cache
def long_record() -> tuple[Path, Anchor]:
    """A folder with a database whose chain is long, and the anchor somebody else keeps."""
    folder = Path(tempfile.mkdtemp(prefix="tampering-"))
    app = make_app(folder)
    with app.app_context():
        while audit.current_anchor(db.session()).seq < ENTRIES:
            with transaction() as session:
                for number in range(20):
                    audit.record(session, f"act {number}", actor="zhang", object_ref="ticket/1", text="写明")
        anchor = audit.current_anchor(db.session())
    let_go(app)
    return folder, anchor


@pytest.mark.parametrize("tampering", [edited, deleted, inserted, exchanged, cut, emptied])
def test_each_of_six_ways_is_found_at_each_of_a_hundred_places(tampering: Tampering, tmp_path: Path) -> None:
    folder, anchor = long_record()
    shutil.copytree(folder, tmp_path / "data")
    app = unprepared_app(tmp_path / "data")
    places = random.Random(tampering.__name__).sample(range(2, ENTRIES - 1), PLACES)
    with app.app_context():
        file = db.engine.url.database
        assert file
        with closing(sqlite3.connect(file)) as base:
            for trigger in _TRIGGERS:
                base.execute(f"DROP TRIGGER {trigger}")
            base.commit()
        whole = Path(file).read_bytes()
        for place in places:
            db.engine.dispose()
            with closing(sqlite3.connect(file)) as base:
                first_bad = tampering(base, place)
                base.commit()
            found = audit.verify_chain(db.session(), anchors=[anchor])
            db.session.remove()
            assert (found.ok, found.first_bad) == (False, first_bad), (tampering.__name__, place)
            db.engine.dispose()
            for beside in ("-wal", "-shm"):
                Path(file + beside).unlink(missing_ok=True)
            Path(file).write_bytes(whole)
        assert audit.verify_chain(db.session(), anchors=[anchor]).ok
    let_go(app)


# Bulletins


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with installation_on("sqlite", tmp_path / "data") as app:
        yield app


@pytest.fixture
def issued(app: Flask) -> Flask:
    """An office with tickets and one frozen bulletin."""
    add_tickets(app, 2)
    with app.app_context():
        freezing.freeze(periods.parse(BulletinKind.MONTHLY, "2026-10"))
    return app


def tampered(app: Flask, *statements: str) -> list[str]:
    """Past every guard, as somebody with the file would; what the proof then says."""
    with app.app_context(), db.engine.begin() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (trigger,) in triggers.fetchall():
            if trigger.endswith(("_no_update", "_no_delete")):
                connection.exec_driver_sql(f'DROP TRIGGER "{trigger}"')
        for statement in statements:
            connection.exec_driver_sql(statement)
    found = run_json(app, "audit", "verify", exit_code=1)
    return [*found["problems"], *([] if found["first_bad"] is None else [f"row {found['first_bad']}"])]


def test_an_honest_bulletin_agrees_with_the_record(issued: Flask) -> None:
    assert run_json(issued, "audit", "verify")["ok"] is True


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE report SET contents = replace(contents, '\"received\":0', '\"received\":1')",
            "内容被改动过",
        ),
        ("UPDATE report SET title = '别的标题'", "期号、标题或日期被改动过"),
        ("UPDATE report SET cutoff = '2026-12-01 00:00:00.000000'", "期号、标题或日期被改动过"),
        ("UPDATE report_file SET sha256 = '00' WHERE format = 'docx'", "文件清单被改动过"),
        ("DELETE FROM report_file WHERE format = 'xlsx'", "文件清单被改动过"),
        ("UPDATE report_file SET size = 3 WHERE format = 'html'", "文件与生成时不同"),
    ],
)
def test_a_bulletin_that_was_prettied_up_is_named(issued: Flask, statement: str, sentence: str) -> None:
    (found,) = tampered(issued, statement)
    assert found.startswith("ZB-2026-10：")
    assert sentence in found


def test_a_bulletin_that_was_deleted_or_slipped_in_is_named(issued: Flask) -> None:
    gone = ("DELETE FROM report_file", "DELETE FROM report_delivery", "DELETE FROM report")
    with issued.app_context():
        row = db.session().execute(sa.select(Report)).scalar_one()
        contents = row.contents
    assert tampered(issued, *gone) == ["ZB-2026-10：整期专报已被删除"]
    with issued.app_context(), transaction() as session:
        span = periods.parse(BulletinKind.MONTHLY, "2026-09")
        session.add(
            Report(
                kind=span.kind,
                period=span.name,
                issue_no=1,
                number="ZB-2026-09",
                title="x",
                first_day=span.first_day,
                last_day=span.last_day,
                cutoff=now(),
                contents=contents,
                made_by="x",
                made_at=now(),
            )
        )
    assert any("ZB-2026-09：没有生成记录" in each for each in tampered(issued))


@pytest.mark.parametrize("damage", ["gone", "other"])
def test_a_bulletins_file_that_was_taken_or_exchanged_is_named(issued: Flask, damage: str) -> None:
    with issued.app_context():
        row = db.session().execute(sa.select(ReportFile).limit(1)).scalar_one()
        path = blob_store().path_of(row.blob)
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(blob_store().path_of(blob_store().put(b"another report").name).read_bytes())
        db.session.remove()
    assert "文件缺失或读不出来" in tampered(issued)[0]


def test_a_record_begun_anew_contradicts_the_anchor_in_a_bulletin(issued: Flask) -> None:
    """Emptied together with its head, and no anchor given: the printed bulletin knows how long it was."""
    found = tampered(
        issued,
        "DELETE FROM audit_entry",
        "DELETE FROM audit_head",
        # An October bulletin of an office that began in November knows no entry; a later one does.
        """UPDATE report SET contents = replace(replace(contents, '"anchor_seq":0', '"anchor_seq":3'),
           '"anchor_mac":""', '"anchor_mac":"ab"')""",
    )
    assert "row 1" in found
    assert any("没有生成记录" in each for each in found)


# Backups


def test_the_anchors_beside_the_backups_are_asked_without_being_named(tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    with installation_on("sqlite", tmp_path / "data", HOTLINE_BACKUP_DIR=str(usb)) as app:
        add_tickets(app, 2)
        assert run(app, "audit", "anchor", "--out", str(usb / auditing.ANCHORS)).exit_code == 0
        assert run_json(app, "audit", "verify")["ok"] is True
        found = tampered(
            app,
            "DELETE FROM audit_entry WHERE seq > 1",
            "UPDATE audit_head SET seq = 1, mac = (SELECT mac FROM audit_entry)",
        )
        assert "row 2" in found
        (usb / auditing.ANCHORS).write_text("not an anchor\n")
        assert any("不是校验值" in each for each in tampered(app))


def test_after_a_restore_the_anchors_of_the_lost_machine_are_no_alarm(tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    with installation_on("sqlite", tmp_path / "old") as old:
        add_tickets(old, 2)
        file = run_json(old, "backup", "create", "--out", str(usb))["file"]
        add_tickets(old, 2, first=3)  # lost with the machine
        assert run(old, "audit", "anchor", "--out", str(usb / auditing.ANCHORS)).exit_code == 0
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "old" / "keys.json", tmp_path / "new" / "keys.json")
    new = unprepared_app(tmp_path / "new", HOTLINE_BACKUP_DIR=str(usb))
    assert run(new, "backup", "restore", file).exit_code == 0
    with new.app_context():
        new.extensions["clock"].moment = now().replace(hour=23)
    add_tickets(new, 1, first=5)
    assert run_json(new, "audit", "verify")["ok"] is True
    let_go(new)
