"""What scripts and the person at the terminal do with mail: exit codes, JSON, files in, files out."""

from __future__ import annotations

import json
import mailbox
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from core import leases
from core.blobs import blob_store
from core.db import db, transaction
from tests.mail_ingest.conftest import MakeOffice
from tests.mail_ingest.post import CHUYOUJIAO, ZHONGJIAO, Box, a_mail, books, items
from tests.support.app import clock_of
from tests.support.dovecot import Dovecot
from tests.support.id_gate import IdGate
from tests.support.moments import MONDAY_MORNING

NOBODY_LISTENS = 1
FIELDS = [
    "id",
    "raw_sha256",
    "ticket",
    "kind",
    "state",
    "reason",
    "mailbox",
    "received_at",
    "from",
    "subject",
    "date",
    "text",
    "attachments",
]


@pytest.fixture
def office_without_server(make_office: MakeOffice) -> Flask:
    return make_office(
        Box(ZHONGJIAO, "zhongjiao", NOBODY_LISTENS), Box(CHUYOUJIAO, "chuyoujiao", NOBODY_LISTENS, code="")
    )


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["mail", *words])


def answer(result: Result) -> dict[str, Any]:
    """The one JSON object on stdout."""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_check_says_of_each_mailbox_what_is_wrong_and_exits_1(office_without_server: Flask) -> None:
    result = run(office_without_server, "check", "--json")

    assert result.exit_code == 1
    first, second = answer(result)["mailboxes"]
    assert (first["address"], first["ok"], first["code"]) == (ZHONGJIAO, False, "unreachable")
    assert "不接受连接" in first["message"]
    assert (second["code"], second["folders"]) == ("not_set_up", [])
    assert "授权码" in second["message"]


@pytest.mark.dovecot
def test_check_of_a_mailbox_that_works_lists_its_folders(office: Flask) -> None:
    result = run(office, "check", "--json")
    assert result.exit_code == 0
    assert {"INBOX", "垃圾邮件"} <= set(answer(result)["mailboxes"][0]["folders"])


@pytest.mark.dovecot
def test_poll_reports_each_mailbox_and_the_sums(office: Flask, dovecot: Dovecot) -> None:
    dovecot.deliver(ZHONGJIAO, a_mail())
    result = run(office, "poll", "--json")
    assert result.exit_code == 0
    said = answer(result)
    assert [(each["address"], each["ok"], each["tickets"]) for each in said["mailboxes"]] == [
        (ZHONGJIAO, True, 1),
        (CHUYOUJIAO, True, 0),
    ]
    assert (said["fetched"], said["tickets"]) == (1, 1)
    assert run(office, "poll", "--json").exit_code == 0


def test_a_poll_that_met_a_problem_exits_1_and_never_says_there_is_no_mail(
    office_without_server: Flask,
) -> None:
    result = run(office_without_server, "poll")
    assert result.exit_code == 1
    assert "有问题" in result.stdout
    assert "收取完成" not in result.stdout


def test_a_poll_beside_another_exits_3(office_without_server: Flask) -> None:
    with office_without_server.app_context(), transaction() as session:
        leases.take(session, "mail.poll", "another process")
    assert run(office_without_server, "poll", "--json").exit_code == 3


def test_files_of_every_form_come_in_once(office_without_server: Flask, tmp_path: Path) -> None:
    letters = tmp_path / "letters"
    (letters / "deep" / "er").mkdir(parents=True)
    (letters / "one.eml").write_bytes(a_mail("一", message_id="<1@x.example>"))
    (letters / "begins.eml").write_bytes(b"From lin Mon Nov 23 09:00:00 2026\n" + a_mail("二"))
    (letters / "deep" / "er" / "no-ending").write_bytes(a_mail("三"))
    box = mailbox.mbox(letters / "old.mbox")
    for subject in ("四", "五"):
        box.add(mailbox.mboxMessage(a_mail(subject, text="正文\n\nFrom here on it is quoted.\n")))
    box.close()
    maildir = mailbox.Maildir(letters / "Maildir")
    maildir.add(a_mail("六"))
    (letters / "Maildir" / "dovecot-uidlist").write_text("3 V1 N2")

    first = run(office_without_server, "import", str(letters), "--mailbox", CHUYOUJIAO, "--json")

    assert first.exit_code == 0, first.output
    assert answer(first)["files"] == 5
    assert answer(first)["tickets"] == 6
    subjects = sorted(each["subject"] for each in items(office_without_server))
    assert subjects == sorted("一二三四五六")
    before = books(office_without_server)
    again = answer(run(office_without_server, "import", str(letters), "--json"))
    assert (again["tickets"], again["duplicates"]) == (0, 6)
    assert books(office_without_server) == before


def test_imported_mail_arrives_when_its_headers_say_or_now(
    office_without_server: Flask, tmp_path: Path
) -> None:
    received = b"Received: by mx.example; Fri, 20 Nov 2026 18:00:00 +0800\n"
    (tmp_path / "a.eml").write_bytes(received + a_mail("甲"))
    (tmp_path / "b.eml").write_bytes(a_mail("乙"))
    wrong_clock = a_mail("丙").replace(b"23 Nov 2026", b"23 Nov 2099")
    (tmp_path / "c.eml").write_bytes(wrong_clock)
    clock_of(office_without_server).moment = MONDAY_MORNING.replace(hour=5)
    for name in ("a", "b", "c"):
        run(office_without_server, "import", str(tmp_path / f"{name}.eml"))
    shown = [answer(run(office_without_server, "show", str(number), "--json")) for number in (1, 2, 3)]
    assert [each["received_at"] for each in shown] == [
        "2026-11-20T10:00:00Z",
        "2026-11-23T01:00:00Z",
        "2026-11-23T05:00:00Z",
    ]


def test_a_mail_is_shown_masked_unless_asked_and_asking_is_noted_and_told(
    office_without_server: Flask, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.eml"
    letter.write_bytes(a_mail(text="我是林女士，电话 13859712345。"))
    run(office_without_server, "import", str(letter))

    masked = answer(run(office_without_server, "show", "1", "--json"))
    assert list(masked) == FIELDS
    assert masked["from"]["address"] == "l***@qq.example"
    assert "13859712345" not in json.dumps(masked)
    assert "林女士" not in json.dumps(masked, ensure_ascii=False)

    plain = answer(run(office_without_server, "show", masked["ticket"], "--with-identity", "--json"))
    assert plain["from"] == {"name": "林女士", "address": "lin88@qq.example"}
    assert "13859712345" in plain["text"]
    assert plain["raw_sha256"] == masked["raw_sha256"]
    with office_without_server.app_context():
        from core.audit import AuditEntry

        assert "mail.shown_with_identity" in {
            row.action for row in db.session.execute(db.select(AuditEntry.action))
        }


def test_the_export_holds_every_mail_and_only_its_owner_may_read_it(
    office_without_server: Flask, tmp_path: Path
) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    for number in range(3):
        (letters / f"{number}.eml").write_bytes(a_mail(f"第 {number} 封"))
    run(office_without_server, "import", str(letters))
    out = tmp_path / "out.jsonl"

    assert run(office_without_server, "export", "--out", str(out)).exit_code == 0

    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["subject"] for line in lines] == ["第 0 封", "第 1 封", "第 2 封"]
    assert all(list(line) == FIELDS for line in lines)
    assert out.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".out*")) == []


def test_an_unknown_mail_is_said_in_one_sentence(office_without_server: Flask) -> None:
    result = run(office_without_server, "show", "ZJ20261123-0099", "--json")
    assert result.exit_code == 1
    assert "ZJ20261123-0099" in result.stderr


@pytest.mark.dovecot
def test_reconcile_names_what_is_missing_on_either_side(office: Flask, dovecot: Dovecot) -> None:
    lying = [dovecot.deliver(ZHONGJIAO, a_mail(f"第 {number} 封")) for number in range(2)]
    run(office, "poll")
    assert run(office, "reconcile", "--json").exit_code == 0

    dovecot.remove(lying[0])
    dovecot.deliver(ZHONGJIAO, a_mail("还没有收的"))
    with office.app_context():
        store = blob_store()
        names = sorted(store.names())
        store.path_of(names[0]).unlink()
        stray = store.path_of("ab" * 32)
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"nobody refers to this")

    result = run(office, "reconcile", "--json")

    assert result.exit_code == 1
    said = answer(result)
    inbox = next(
        each for each in said["mailboxes"] if (each["address"], each["folder"]) == (ZHONGJIAO, "INBOX")
    )
    assert (inbox["missing_here"], inbox["gone_there"]) == ([3], [1])
    assert said["blobs"] == {"missing": [names[0]], "orphaned": ["ab" * 32]}


@pytest.mark.dovecot
def test_without_certificate_of_the_server_nothing_is_sent(
    make_office: MakeOffice, dovecot: Dovecot, gate: IdGate, tmp_path: Path
) -> None:
    from tests.support.certificates import make_certificate

    other = make_certificate(tmp_path)
    office = make_office(Box(ZHONGJIAO, "zhongjiao", gate.port, str(other.certificate)))
    said = answer(run(office, "check", "--json"))["mailboxes"][0]
    assert said["code"] == "tls"
    assert "没有登录" in said["message"]
    assert gate.seen == []
