"""The drill: the machine is gone. From the backup, the key file and the mailbox everything comes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from core.blobs import blob_store
from demo.mail_server import DemoMailServer
from mail_ingest.reading_child import reader
from tests.accounts.people import Desk
from tests.mail_ingest.post import CODE, CODES, ZHONGJIAO, Box, a_mail, books, office_text, poll
from tests.operations.support import let_go, run, run_json
from tests.support.app import unprepared_app


@pytest.fixture
def server() -> Iterator[DemoMailServer]:
    with DemoMailServer({ZHONGJIAO: CODE}, port=0) as server:
        yield server


def office(folder: Path, server: DemoMailServer) -> Flask:
    folder.mkdir(mode=0o700)
    file = folder / "office.toml"
    file.write_text(office_text(Box(ZHONGJIAO, "zhongjiao", server.port)), encoding="utf-8")
    return unprepared_app(folder, HOTLINE_OFFICE_FILE=str(file), **CODES)


def raw_mails(app: Flask) -> dict[str, bytes]:
    with app.app_context():
        store = blob_store()
        return {name: store.get(name) for name in store.names()}


def closed(app: Flask) -> None:
    with app.app_context():
        reader().close()
    let_go(app)


@pytest.mark.slow
def test_from_backup_key_file_and_mailbox_everything_comes_back(
    server: DemoMailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CODES.items():
        monkeypatch.setenv(name, value)
    old = office(tmp_path / "old", server)
    assert run(old, "init").exit_code == 0
    Desk(old).account("linfang")
    for number in range(3):
        server.office.deliver(ZHONGJIAO, a_mail(f"第 {number} 封", f"城东中学第 {number} 周延时班没有老师。"))
    poll(old)
    made = run_json(old, "backup", "create", "--out", str(tmp_path / "usb"))
    saved, mails = books(old), raw_mails(old)
    # After the backup two more mails came; then the machine burns down.
    for number in (3, 4):
        server.office.deliver(ZHONGJIAO, a_mail(f"第 {number} 封", f"城东中学第 {number} 周延时班没有老师。"))
    poll(old)
    assert len(books(old).tickets) == 5
    closed(old)
    keys = (tmp_path / "old" / "keys.json").read_bytes()
    shutil.rmtree(tmp_path / "old")

    bare = office(tmp_path / "new", server)
    (tmp_path / "new" / "keys.json").write_bytes(keys)
    (tmp_path / "new" / "keys.json").chmod(0o600)
    closed(bare)
    file = tmp_path / "new" / "office.toml"
    new = unprepared_app(tmp_path / "new", HOTLINE_OFFICE_FILE=str(file), **CODES)
    result = run(new, "backup", "restore", made["file"])
    assert result.exit_code == 0, result.output

    assert books(new) == saved
    assert raw_mails(new) == mails
    assert run_json(new, "audit", "verify")["ok"] is True
    poll(new)
    again = books(new)
    assert len(again.tickets) == 5
    assert again.items == 5
    assert len(raw_mails(new)) == 5
    assert Desk(new).signed_in("linfang").get("/tickets").status_code == 200
    assert run_json(new, "audit", "verify")["ok"] is True
    closed(new)
