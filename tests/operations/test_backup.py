"""A backup of either engine, made while people work, fills an empty database of either engine, to the last byte."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from core.blobs import blob_store
from core.db import db, transaction
from core.keys import load_keys, make_keys, save_keys
from operations import auditing, installation
from operations.backup import making, restoring
from tests.operations.processes import PROJECT
from tests.operations.support import (
    PHONE,
    add_tickets,
    contents,
    empty_database,
    installation_on,
    let_go,
    run,
    run_json,
)
from tests.support.app import unprepared_app
from tickets import identity
from tickets.models import Ticket

POSTGRESQL = pytest.param("postgresql", marks=[pytest.mark.engine, pytest.mark.slow])
ENGINES = ["sqlite", POSTGRESQL]
PASSING = {"lease", "audit_entry", "audit_head", "installation_fact", "data_key", "mailbox"}


def backup_file(folder: Path) -> Path:
    (file,) = folder.glob("hotline-*.backup")
    return file


def restored(file: Path, folder: Path, keys: Path, url: str) -> Flask:
    """A new machine: the key file out of the safe, an empty database, and the backup."""
    folder.mkdir()
    shutil.copy(keys, folder / "keys.json")
    (folder / "keys.json").chmod(0o600)  # a repository keeps no such rights
    app = unprepared_app(folder, **({"DATABASE_URL": url} if url else {}))
    result = run(app, "backup", "restore", str(file))
    assert result.exit_code == 0, result.output
    return app


@pytest.mark.parametrize("source", ENGINES)
@pytest.mark.parametrize("target", ENGINES)
def test_what_was_saved_comes_back_on_either_engine(source: str, target: str, tmp_path: Path) -> None:
    with installation_on(source, tmp_path / "old") as old, empty_database(target) as url:
        add_tickets(old, 7)
        with old.app_context(), transaction() as session:
            # A row that refers to a later one of its own table.
            session.execute(sa.update(Ticket).where(Ticket.id == 1).values(merged_into_id=7))
        before = contents(old)
        created = run_json(old, "backup", "create", "--out", str(tmp_path / "copy"))
        blobs = {name: read(old, name) for name in names(old)}

        new = restored(Path(created["file"]), tmp_path / "new", tmp_path / "old" / "keys.json", url)
        after = contents(new)

        assert len(before["ticket"]) == 7
        assert {name: rows for name, rows in after.items() if name not in PASSING} == {
            name: rows for name, rows in before.items() if name not in PASSING
        }
        assert after["audit_entry"][: len(before["audit_entry"])] == before["audit_entry"]
        assert after["data_key"][: len(before["data_key"])] == before["data_key"]
        assert {name: read(new, name) for name in names(new)} == blobs
        with new.app_context():
            assert auditing.verify().chain.ok
        # Work goes on: the counters behind the ids know what is taken, the index finds old and new.
        add_tickets(new, 2, first=8)
        assert len(contents(new)["ticket"]) == 9
        let_go(new)


def test_the_complainant_is_readable_again_after_the_restore(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as old:
        number = add_tickets(old, 1)[0]
        run(old, "backup", "create", "--out", str(tmp_path / "copy"))
    new = restored(backup_file(tmp_path / "copy"), tmp_path / "new", tmp_path / "old" / "keys.json", "")
    with new.app_context():
        ticket = db.session().scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        (person,) = identity.open_complainants(db.session(), ticket)
        assert PHONE in str(vars(person)) or PHONE in repr(person.__dict__)
    let_go(new)


def test_neither_the_keys_nor_a_name_or_number_in_the_clear_is_in_a_backup(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        add_tickets(app, 3)
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    everything = b""
    for path in (tmp_path / "copy").rglob("*"):
        if path.is_file():
            everything += path.read_bytes()
    with zipfile.ZipFile(backup_file(tmp_path / "copy")) as archive:
        everything += b"".join(archive.read(name) for name in archive.namelist())
    keys = (tmp_path / "old" / "keys.json").read_text()
    secrets = [line.split('"')[3] for line in keys.splitlines() if line.rstrip(",").endswith('="')]

    assert len(secrets) >= 4
    assert all(secret.encode() not in everything for secret in secrets)
    assert PHONE.encode() not in everything
    assert "林小满".encode() not in everything


def test_a_backup_under_writes_is_one_moment(tmp_path: Path) -> None:
    backups_under_writes(tmp_path, 5)


def backups_under_writes(tmp_path: Path, count: int) -> None:
    """Makes backups one after the other while tickets come in; every one has to be whole."""
    with installation_on("sqlite", tmp_path / "old") as app:
        stop = threading.Event()

        def write() -> None:
            number = 1
            while not stop.is_set():
                add_tickets(app, 3, first=number)
                number += 3
                stop.wait(
                    0.1
                )  # a busy office; without a pause each backup would have more to copy than the last

        writing = threading.Thread(target=write)
        writing.start()
        try:
            made: list[Path] = []
            for _ in range(count):
                with app.app_context():
                    made.append(making.create(tmp_path / "copy" / str(len(made))).file)
                time.sleep(0.2)
        finally:
            stop.set()
            writing.join()
        found = [run_json(app, "backup", "verify", str(file)) for file in made]

        assert [each["problems"] for each in found] == [[]] * count
        assert found[0]["counts"]["ticket"] < found[-1]["counts"]["ticket"]


def test_blobs_are_copied_once(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        add_tickets(app, 3)
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
        (copy,) = [path for path in (tmp_path / "copy" / "blobs").rglob("*") if path.is_file()]
        first = copy.stat().st_ino
        backup_file(tmp_path / "copy").rename(tmp_path / "copy" / "kept")
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
        assert copy.stat().st_ino == first


@pytest.mark.parametrize("place", [0.005, 0.3, 0.5, 0.9])
def test_a_flipped_byte_or_a_cut_is_found(place: float, tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        add_tickets(app, 3)
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
        file = backup_file(tmp_path / "copy")
        content = bytearray(file.read_bytes())
        spot = int(len(content) * place)
        file.write_bytes(content[:spot])
        assert run(app, "backup", "verify", str(file), "--json").exit_code == 1
        content[spot] ^= 0xFF
        file.write_bytes(content)
        assert run(app, "backup", "verify", str(file), "--json").exit_code == 1


def test_a_missing_and_a_damaged_blob_are_named(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        add_tickets(app, 6)
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
        one, other = sorted(path for path in (tmp_path / "copy" / "blobs").rglob("*") if path.is_file())
        one.unlink()
        content = bytearray(other.read_bytes())
        content[-1] ^= 1
        other.write_bytes(content)

        found = run_json(app, "backup", "verify", str(backup_file(tmp_path / "copy")), exit_code=1)

        assert found["blobs"] == {"total": 2, "missing": [one.name], "damaged": [other.name]}


def test_another_installations_backup_is_refused(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    other = unprepared_app(tmp_path / "other")
    run(other, "init")
    result = run(other, "backup", "verify", str(backup_file(tmp_path / "copy")))
    assert result.exit_code == 1
    assert "密钥文件" in result.output
    let_go(other)


def test_nothing_is_restored_over_data(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        add_tickets(app, 1)
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
        result = run(app, "backup", "restore", str(backup_file(tmp_path / "copy")))
        assert result.exit_code == 2
        assert "已经有数据" in result.output
        assert len(contents(app)["ticket"]) == 1


def test_without_the_key_file_a_restore_says_what_is_missing(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    bare = unprepared_app(tmp_path / "bare")
    result = run(bare, "backup", "restore", str(backup_file(tmp_path / "copy")))
    assert result.exit_code == 2
    assert "密钥" in result.output
    assert not (tmp_path / "bare" / "keys.json").exists()
    let_go(bare)


def names(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(blob_store().names())


def read(app: Flask, name: str) -> bytes:
    with app.app_context():
        return blob_store().get(name)


# Killed, old, under load


def killed_at(place: str, folder: Path, *words: str) -> None:
    environ = {
        **os.environ,
        "HOTLINE_DATA_DIR": str(folder),
        "SECRET_KEY": "a secret key for tests only 0123456789",
        "HOTLINE_TEST_HOOKS": "1",
        "HOTLINE_FAILPOINT": place,
    }
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("place", [making.BLOBS_COPIED, making.WRITTEN])
def test_a_killed_backup_leaves_no_backup_and_the_next_one_is_whole(place: str, tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        add_tickets(app, 3)
        killed_at(place, tmp_path / "old", "backup", "create", "--out", str(tmp_path / "copy"))
        assert list((tmp_path / "copy").glob("*.backup")) == []
        for left in (tmp_path / "copy").glob(".*"):
            os.utime(left, (0, 0))
        made = run_json(app, "backup", "create", "--out", str(tmp_path / "copy"))
        assert run_json(app, "backup", "verify", made["file"])["ok"] is True
        assert list((tmp_path / "copy").glob(".*")) == [], "what the killed one left is swept up"


@pytest.mark.slow
def test_a_killed_restore_may_simply_be_run_again(tmp_path: Path) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        add_tickets(app, 3)
        before = contents(app)
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    file, new = backup_file(tmp_path / "copy"), tmp_path / "new"
    new.mkdir()
    shutil.copy(tmp_path / "old" / "keys.json", new / "keys.json")
    killed_at(restoring.LOADED, new, "backup", "restore", str(file))
    again = unprepared_app(new)
    assert contents(again)["ticket"] == []
    assert run(again, "backup", "restore", str(file)).exit_code == 0
    assert contents(again)["ticket"] == before["ticket"]
    let_go(again)


def test_a_backup_of_an_older_structure_is_restored_and_upgraded(tmp_path: Path) -> None:
    old = unprepared_app(tmp_path / "old")
    (tmp_path / "old").mkdir()
    save_keys(make_keys(), tmp_path / "old" / "keys.json")
    old.extensions["keys"] = load_keys(tmp_path / "old" / "keys.json")
    with old.app_context():
        upgrade(directory=str(installation.MIGRATIONS), revision="0002")
        with db.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO section (id, slug, name, number_prefix, closed) "
                    "VALUES (1, 'zhongjiao', '中教股', 'ZJ', false)"
                )
            )
        made = making.create(tmp_path / "copy")
    let_go(old)
    assert made.manifest.revision == "0002"
    new = restored(made.file, tmp_path / "new", tmp_path / "old" / "keys.json", "")
    with new.app_context():
        assert installation.database_revision() == installation.newest_revision()
        assert db.session().scalar(sa.text("SELECT name FROM section WHERE id = 1")) == "中教股"
    let_go(new)


def test_a_backup_of_a_newer_program_is_refused_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installation_on("sqlite", tmp_path / "old") as app:
        run(app, "backup", "create", "--out", str(tmp_path / "copy"))
    monkeypatch.setattr(installation, "known_revisions", lambda: frozenset({"0001"}))
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "old" / "keys.json", tmp_path / "new" / "keys.json")
    new = unprepared_app(tmp_path / "new")
    result = run(new, "backup", "restore", str(backup_file(tmp_path / "copy")))
    assert result.exit_code == 2
    assert "请安装新版本" in result.output
    let_go(new)


@pytest.mark.long
@pytest.mark.slow
def test_fifty_backups_under_writes_are_all_whole(tmp_path: Path) -> None:
    backups_under_writes(tmp_path, 50)
