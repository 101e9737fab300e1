"""What goes out of the house obeys nobody: no header somebody else wrote, no formula in a table, no start in the open."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError
from core.db import db, transaction
from core.errors import CannotStart
from core.keys import load_keys
from demo.mail_sink import MailSink
from outbox.letter import Letter, is_deliverable, written
from outbox.vocabulary import OutboxKind
from tests.letters.place import Place, office_text
from tests.support.app import make_app
from tests.support.moments import MONDAY_MORNING
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.vocabulary import Action, Channel

BREAKS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00", "\r\n\r\n", "\r\n ")


@pytest.mark.parametrize("ending", BREAKS)
@pytest.mark.parametrize("kind", list(OutboxKind))
def test_no_text_adds_a_header_or_a_body(ending: str, kind: OutboxKind) -> None:
    evil = f"收费{ending}Bcc: evil@example.com{ending}Content-Type: text/html{ending}{ending}<b>x"
    raw = written(
        Letter(
            kind=kind,
            sender="zhongjiao@example.com",
            sender_name=evil,
            recipient="parent@example.com",
            subject=evil,
            body=evil,
            message_id="<a@example.com>",
            extra={"In-Reply-To": f"<a@b.example>{ending}Bcc: evil@example.com", "X-Ticket": evil},
        ),
        MONDAY_MORNING,
    )
    read = message_from_bytes(raw, policy=policy.default)
    assert read["Bcc"] is None
    assert read.get_all("To") == ["parent@example.com"]
    assert read.get_all("Content-Type") == ['text/plain; charset="utf-8"']
    assert len(read.get_all("Subject") or []) == len(read.get_all("From") or []) == 1


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "a@b.example c@d.example", "<a@b.example>", "a@b.example\n",
     "a@b.example\x00", '"a b"@c.example', "a@b@c.example", "@b.example", "a@", "a@b.example;c@d.example", "张@b.example"],
)  # fmt: skip
def test_an_address_that_is_more_than_one_is_none(address: str) -> None:
    assert not is_deliverable(address)


FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1", "=HYPERLINK(\"http://evil.example\")",
            "=cmd|' /C calc'!A0", "http://evil.example/", "mailto:a@evil.example", "{=1+1}", "internal:Sheet1!A1")  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    sink = MailSink().start()
    (tmp_path / "data").mkdir()
    app = make_app(tmp_path / "data", office=office_text(sink.port))
    yield Place(app, sink)
    sink.stop()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_no_cell_of_a_table_is_a_formula_or_a_link(place: Place, tmp_path: Path) -> None:
    with place.app.app_context(), transaction() as session:
        for text in FORMULAS:
            new = NewTicket(
                channel=Channel.PHONE,
                received_at=MONDAY_MORNING,
                matter=text,
                title=text,
                school_text=text,
                section="zhongjiao",
            )
            register(session, new)
    out = tmp_path / "all.xlsx"
    done = place.app.test_cli_runner().invoke(
        args=["tickets", "export", "--format", "xlsx", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(out) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    everything = b"".join(parts.values())
    assert b"<f>" not in everything
    assert b"<f " not in everything
    assert b"<hyperlink" not in everything
    assert b"calc" in everything  # it is there, as what it is: a text
    assert not [name for name in parts if "external" in name.lower() or "vba" in name.lower()]


def test_a_letter_to_somebody_with_a_wicked_name_still_goes_to_that_one(place: Place) -> None:
    wicked = Person(name="陈大文\r\nBcc: evil@example.com", email="chendawen@example.com")
    number = place.ticket(wicked)
    place.do(number, Action.ACCEPT, "li", handler="li")
    assert place.send() == 1
    (sent,) = place.sink.received
    assert sent.recipients == ("chendawen@example.com",)
    assert message_from_bytes(sent.raw, policy=policy.default)["Bcc"] is None


@pytest.mark.parametrize(
    "environ",
    [
        {"SECRET_KEY": "short"},
        {"SECRET_KEY": "a" * 64},
        {"SECRET_KEY": "a secret key for tests 0123456789", "HOTLINE_BASE_URL": "http://10.0.0.5:8000"},
        {"SECRET_KEY": "a secret key for tests 0123456789", "HOTLINE_DEMO": "1", "HOTLINE_BASE_URL": "https://a.example"},
        {"SECRET_KEY": "a secret key for tests 0123456789", "HOTLINE_TEST_HOOKS": "1", "HOTLINE_BASE_URL": "https://a.example"},
    ],
)  # fmt: skip
def test_an_open_door_is_no_way_to_start(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        Settings.from_environment({"HOTLINE_DATA_DIR": str(tmp_path), **environ})


def test_a_key_file_that_others_can_read_is_no_key_file(place: Place, tmp_path: Path) -> None:
    keys = tmp_path / "data" / "keys.json"
    for mode in (0o640, 0o604, 0o666):
        keys.chmod(mode)
        with pytest.raises(CannotStart):
            load_keys(keys)
    keys.chmod(0o600)
    load_keys(keys)


def test_no_debugger_is_ever_served(place: Place) -> None:
    assert place.app.debug is False
    assert place.app.test_client().get("/console").status_code == 404
