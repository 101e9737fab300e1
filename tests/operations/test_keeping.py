"""Keys that change, identities that are destroyed when their years are over, backups that are thinned out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.actor import SYSTEM
from core.blobs import BlobMissing, blob_store
from core.db import db, transaction
from core.keys import load_keys
from core.vault import CannotOpen, DataKey
from operations import auditing, rotation
from operations.backup import keeping
from operations.backup.keeping import superfluous
from tests.operations.processes import PROJECT
from tests.operations.support import PHONE, add_tickets, contents, installation_on, let_go, run, run_json
from tests.operations.test_health import last_sign
from tests.support.app import clock_of, unprepared_app
from tickets import identity
from tickets.models import Complainant, Ticket, TicketEvent
from tickets.vocabulary import Status


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def app(folder: Path) -> Iterator[Flask]:
    with installation_on("sqlite", folder) as app:
        yield app


def phones(app: Flask) -> list[str]:
    with app.app_context():
        session = db.session()
        tickets = session.scalars(sa.select(Ticket).order_by(Ticket.id)).all()
        return [str(identity.open_complainants(session, ticket)[0].phone) for ticket in tickets]


def blobs(app: Flask) -> list[bytes]:
    with app.app_context():
        store = blob_store()
        return [store.get(name) for name in sorted(store.names())]


# Keys


def test_a_new_key_opens_everything_and_the_old_one_alone_nothing(app: Flask, folder: Path) -> None:
    add_tickets(app, 6)
    before = (phones(app), blobs(app))
    old = load_keys(folder / "keys.json")
    result = run(app, "keys", "rotate")
    assert result.exit_code == 0, result.output
    assert (phones(app), blobs(app)) == before
    assert (folder / "keys.json").stat().st_mode & 0o777 == 0o600

    new = load_keys(folder / "keys.json")
    assert old.wrap_id in new.wrap
    assert new.wrap_id != old.wrap_id
    app.extensions["keys"] = old
    with pytest.raises(CannotOpen):
        phones(app)
    with pytest.raises(BlobMissing):
        blobs(app)
    app.extensions["keys"] = new
    assert run(app, "keys", "drop-old").exit_code == 0
    assert list(load_keys(folder / "keys.json").wrap) == [new.wrap_id]
    assert (phones(app), blobs(app)) == before
    assert run_json(app, "audit", "verify")["ok"] is True


@pytest.mark.slow
@pytest.mark.parametrize("place", [rotation.NEW_KEY, rotation.SOME_ROWS, rotation.SOME_BLOBS])
def test_a_rotation_that_was_killed_goes_on_with_the_same_key(
    app: Flask, folder: Path, place: str, tmp_path: Path
) -> None:
    add_tickets(app, 6)
    before = (phones(app), blobs(app))
    let_go(app)
    environ = {
        **os.environ,
        "HOTLINE_DATA_DIR": str(folder),
        "SECRET_KEY": "a secret key for tests only 0123456789",
        "HOTLINE_TEST_HOOKS": "1",
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "keys", "rotate"]
    killed = subprocess.run(
        command, cwd=PROJECT, env={**environ, "HOTLINE_FAILPOINT": place}, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    between = load_keys(folder / "keys.json")
    assert len(between.wrap) == 2
    again = unprepared_app(folder)
    assert (phones(again), blobs(again)) == before  # half-way, all of it opens
    result = run(again, "keys", "rotate")
    assert "接着上次" in result.output
    assert load_keys(folder / "keys.json").wrap_id == between.wrap_id
    assert run(again, "keys", "drop-old").exit_code == 0
    assert (phones(again), blobs(again)) == before
    let_go(again)


def test_keys_are_not_changed_under_a_running_system(app: Flask, folder: Path) -> None:
    last_sign(app, timedelta(seconds=1))
    before = (folder / "keys.json").read_bytes()
    result = run(app, "keys", "rotate")
    assert result.exit_code == 2
    assert "请先停止" in result.output
    assert (folder / "keys.json").read_bytes() == before


def test_a_backup_made_after_the_change_has_the_newly_wrapped_blobs(app: Flask, tmp_path: Path) -> None:
    add_tickets(app, 3)
    run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    (copy,) = [path for path in (tmp_path / "copy" / "blobs").rglob("*") if path.is_file()]
    os.utime(copy, (0, 0))
    run(app, "keys", "rotate")
    clock_of(app).moment += timedelta(seconds=1)
    run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    with app.app_context():
        store = blob_store()
        assert copy.read_bytes() == store.path_of(copy.name).read_bytes()


# The end of the years


def close_all(app: Flask) -> None:
    """Ends every case where it stands: how it got there is another's test."""
    with app.app_context(), transaction() as session:
        session.execute(sa.update(Ticket).values(status=Status.CLOSED))
        session.execute(sa.text("UPDATE deadline SET met_at = started_at"))


def test_a_dry_run_names_and_destroys_nothing(app: Flask) -> None:
    numbers = add_tickets(app, 3)
    close_all(app)
    clock_of(app).moment += timedelta(days=366 * 10)
    before = contents(app)
    found = run_json(app, "retention", "run", "--years", "10", "--dry-run")
    assert (found["tickets"], found["blobs"], found["dry_run"]) == (numbers, 1, True)
    assert contents(app) == before


def test_after_its_years_a_case_keeps_its_record_and_loses_its_people(app: Flask, tmp_path: Path) -> None:
    numbers = add_tickets(app, 3)
    close_all(app)
    run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    clock_of(app).moment += timedelta(days=366 * 10)
    young = add_tickets(app, 3, first=4)
    before = contents(app)

    done = run_json(app, "retention", "run", "--years", "10")

    assert (done["tickets"], done["blobs"]) == (numbers, 1)
    with app.app_context():
        session = db.session()
        for ticket in session.scalars(sa.select(Ticket).where(Ticket.number.in_(numbers))):
            with pytest.raises(CannotOpen):
                identity.open_complainants(session, ticket)
        indexes = session.scalars(sa.select(Complainant.phone_index).order_by(Complainant.ticket_id)).all()
        assert [index is None for index in indexes] == [True] * 3 + [False] * 3
        assert session.scalar(sa.select(sa.func.count()).where(DataKey.destroyed_at.is_not(None))) == 3
        young_one = session.scalars(sa.select(Ticket).where(Ticket.number == young[0])).one()
        assert identity.open_complainants(session, young_one)[0].phone == PHONE
        store = blob_store()
        assert sorted(store.is_destroyed(name) for name in store.names()) == [False, True]
    after = contents(app)
    for kept in ("ticket", "ticket_event", "deadline", "ticket_search", "message"):
        assert after[kept] == before[kept]
    assert run_json(app, "retention", "run", "--years", "10")["tickets"] == []
    # The next backup takes the destroyed content out of the backup's copies; the older file knows why it is gone.
    made = run_json(app, "backup", "create", "--out", str(tmp_path / "copy"))
    copies = [path for path in (tmp_path / "copy" / "blobs").rglob("*") if path.is_file()]
    assert sorted(path.stat().st_size for path in copies)[0] == 4
    for file in (tmp_path / "copy").glob("*.backup"):
        # 1: closed by hand as they were here, the cases do not agree with their histories, in the backup either.
        found = run_json(app, "backup", "verify", str(file), exit_code=1)
        assert (found["blobs"]["missing"], found["blobs"]["damaged"]) == ([], [])
        assert all("状态与经过不符" in problem for problem in found["problems"])
    assert made["blobs"] == 2


def test_a_file_that_a_living_case_shares_is_kept(app: Flask) -> None:
    add_tickets(app, 3)
    close_all(app)
    clock_of(app).moment += timedelta(days=366 * 10)
    add_tickets(app, 1, first=3)  # the same file again
    assert run_json(app, "retention", "run", "--years", "10")["blobs"] == 0
    assert len(blobs(app)) == 1


def test_open_and_young_cases_and_too_few_years_are_left_alone(app: Flask) -> None:
    add_tickets(app, 2)
    clock_of(app).moment += timedelta(days=366 * 10)
    assert run_json(app, "retention", "run", "--years", "10")["tickets"] == []  # still open
    close_all(app)
    clock_of(app).moment -= timedelta(days=366)
    assert run_json(app, "retention", "run", "--years", "10")["tickets"] == []  # not ten years yet
    assert run(app, "retention", "run", "--years", "2").exit_code == 1


def test_content_that_was_destroyed_may_come_again(app: Flask) -> None:
    with app.app_context():
        store = blob_store()
        stored = store.put(b"a letter")
        store.destroy(stored.name)
        with pytest.raises(BlobMissing):
            store.get(stored.name)
        assert store.put(b"a letter") == stored
        assert store.get(stored.name) == b"a letter"


# Backups


def test_of_many_backups_two_days_of_hours_and_thirty_days_are_kept() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    every = [(start + timedelta(hours=hour), Path(f"{hour:05d}")) for hour in range(24 * 60)]
    gone = set(superfluous(every))
    kept = [moment for moment, path in every if path not in gone]
    newest = every[-1][0]
    assert sum(newest - moment < timedelta(hours=48) for moment in kept) == 48
    assert len({(moment + timedelta(hours=8)).date() for moment in kept}) == 30
    assert len(kept) == 48 + 30 - 3
    assert superfluous([(moment, path) for moment, path in every if path not in gone]) == []


def test_backups_make_themselves_every_hour_and_are_looked_after_every_night(tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    with installation_on("sqlite", tmp_path / "data", HOTLINE_BACKUP_DIR=str(usb)) as app:
        add_tickets(app, 3)
        clock = clock_of(app)
        with app.app_context():
            for _ in range(8):
                keeping.make_if_due()
                clock.moment += timedelta(minutes=20)
            assert len(keeping.files(usb)) == 3
            (usb / "hotline-20200101T000000Z.backup").touch()
            (usb / "our own notes.backup").touch()
            keeping.look_after()
            checked = keeping.last_checked(db.session())
            assert checked is not None
            assert checked.ok, checked.message
        anchors = [json.loads(line) for line in (usb / auditing.ANCHORS).read_text().splitlines()]
        assert anchors[0]["seq"] > 0
        assert (usb / "our own notes.backup").exists()
        assert run_json(app, "audit", "verify", "--anchor", str(usb / auditing.ANCHORS))["ok"] is True


# The record


def test_an_emptied_audit_log_is_seen_by_an_anchor_outside(app: Flask, tmp_path: Path) -> None:
    add_tickets(app, 2)
    assert run(app, "audit", "anchor", "--out", str(tmp_path / "anchor")).exit_code == 0
    with app.app_context(), db.engine.begin() as connection:
        for trigger in ("audit_entry_no_delete", "audit_entry_no_update"):
            connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
        connection.execute(sa.text("DELETE FROM audit_entry"))
        connection.execute(sa.text("DELETE FROM audit_head"))
    found = run_json(app, "audit", "verify", "--anchor", str(tmp_path / "anchor"), exit_code=1)
    assert found["first_bad"] == 1


@pytest.mark.parametrize(
    "tampering",
    ["UPDATE ticket SET status = 'closed'", "UPDATE deadline SET last_day = '2027-01-01'"],
)
def test_a_status_or_a_due_day_changed_by_hand_is_seen(app: Flask, tampering: str) -> None:
    (number,) = add_tickets(app, 1)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text(tampering))
    found = run_json(app, "audit", "verify", exit_code=1)
    assert found["first_bad"] is None
    assert number in found["problems"][0]


def test_a_line_of_history_changed_by_hand_is_seen(app: Flask) -> None:
    (number,) = add_tickets(app, 1)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER ticket_event_no_update"))
        connection.execute(sa.update(TicketEvent).values(actor=SYSTEM.display_name + "?"))
    assert "经过被改动过" in run_json(app, "audit", "verify", exit_code=1)["problems"][0]
    assert number
