"""Who complained stands nowhere but in the cells of one table: every page, file, letter, log and byte on the disk is searched."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import sqlalchemy as sa

from accounts.vocabulary import Role
from core.db import db, transaction
from demo.mail_sink import MailSink
from operations.logs import JSONLines, PlainLines
from tests.accounts.people import Desk
from tests.letters.place import DONE, Place, office_text
from tests.security.secrets import CALL, LETTER, MAIL, SECRETS, held_by, mail
from tests.support.app import clock_of, make_app
from tests.support.moments import MONDAY_MORNING
from tickets.identity import Person
from tickets.intake import NewTicket, register
from tickets.models import Ticket
from tickets.vocabulary import Action, Channel

OTHERS: dict[str, Role] = {
    "clerk": Role.CLERK,
    "handler": Role.HANDLER,
    "leader": Role.LEADER,
    "supervisor": Role.SUPERVISOR,
    "admin": Role.ADMIN,
}
# The whole of what may be seen of a complainant, and where; everything else is a leak.
ALLOWED: dict[str, set[str]] = {
    # A reply goes where its sender asked for it; the answer, approved by a person, calls its reader by name.
    "letter to the sender": {"sender's name", "answer address"},
}
WRITER, HOME = "writer's name", "writer's address"
COMMANDS = (
    "tickets export --format jsonl",
    "mail show 1 --json",
    "outbox list --json",
    "doctor --json",
    "audit verify --json",
    "mail reconcile --json",
    "reports run-due --json",
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    (tmp_path / "temporary").mkdir()
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    handlers = []
    for name, formatter in (("lines.log", PlainLines()), ("lines.json", JSONLines())):
        handler = logging.FileHandler(tmp_path / name, encoding="utf-8")
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)
        handlers.append(handler)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    sink = MailSink().start()
    app = make_app(tmp_path / "data", office=office_text(sink.port) + "[security]\ntotp_roles = []\n")
    yield Place(app, sink)
    sink.stop()
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
        handler.close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def run(place: Place, line: str) -> str:
    result = place.app.test_cli_runner().invoke(args=line.split())
    assert result.exit_code in {0, 1}, (line, result.output)
    return str(result.output) + str(result.stderr)


def come_in(place: Place, folder: Path) -> dict[str, str]:
    """By mail, by telephone and by letter; the numbers they got."""
    (folder / "complaint.eml").write_bytes(mail())
    run(place, f"mail import {folder / 'complaint.eml'} --received now --json")
    clerk = Desk(place.app).signed_in("clerk")
    answer = clerk.post(
        "/tickets/new",
        {
            "channel": "phone",
            "matter": call_said(),
            "school_text": "云岭二中",
            "grade_text": "初二",
            "anonymity": "confidential",
            "caller_name": CALL["caller's name"],
            "caller_phone": CALL["caller's mobile"],
            "contact_note": f"{CALL['contact note']} {CALL['number in the note']}",
            "wants_callback": "y",
        },
    )
    assert answer.status_code == 303, answer.text
    writer = Person(
        name=LETTER["writer's name"], address=LETTER["writer's address"], phone=LETTER["writer's mobile"]
    )
    with place.app.app_context(), transaction() as session:
        register(
            session,
            NewTicket(
                channel=Channel.LETTER,
                received_at=MONDAY_MORNING,
                matter=f"{LETTER[WRITER]}反映城东中学延时班收费，住{LETTER[HOME]}。",
                section="zhongjiao",
                people=(writer,),
            ),
        )
    with place.app.app_context():
        found = db.session().execute(sa.select(Ticket.channel, Ticket.number)).all()
    return {channel.value: number for channel, number in found}


def call_said() -> str:
    name, phone = CALL["caller's name"], CALL["caller's mobile"]
    number, wechat = CALL["caller's identity number"], CALL["caller's wechat"]
    return f"云岭二中初二课后服务全班都要参加。我叫{name}，电话{phone}，身份证{number}，微信号{wechat}。"


def deal_with(place: Place, number: str, name: str) -> None:
    """The whole way to an answer that calls its reader by name."""
    place.do(number, Action.ACCEPT, "li", handler="li")
    place.do(number, Action.START, "li")
    answer = f"{name}：您好，经核查，您反映的情况属实，已责成学校退还。"
    place.do(number, Action.REPORT_DONE, "li", **{**DONE, "answer": answer})
    place.do(number, Action.APPROVE, "wang")
    place.send()


def pages(place: Place, number: str) -> Iterator[tuple[str, bytes]]:
    """Every page of the route list to everybody, with what their addresses can name."""
    values: dict[str, list[object]] = {
        "number": [number],
        "item_id": [1],
        "message_id": [1],
        "mailbox_id": [1],
        "account_id": [1, 2],
        "report_id": [1],
    }
    adapter = place.app.url_map.bind("localhost")
    desk = Desk(place.app)
    for person in ("li", "wang", *OTHERS):
        client = desk.signed_in(person).client
        for rule in place.app.url_map.iter_rules():
            if "GET" not in (rule.methods or set()) or rule.endpoint.endswith("static"):
                continue
            if not rule.arguments <= set(values):
                continue
            parts = {name: values[name][0] for name in rule.arguments}
            answer = client.get(adapter.build(rule.endpoint, parts), buffered=True)
            assert answer.status_code < 500, (person, rule)
            yield f"{person} {rule} {answer.status_code}", answer.data + str(answer.headers).encode()
        for query in ("?view=all&q=材料费", "?view=all", "?view=open"):
            yield f"{person} /tickets{query}", client.get(f"/tickets{query}", buffered=True).data
        for found in ("13959917263", "欧阳晚棠"):  # a search tells nobody whether there is such a person
            answer = client.get(f"/tickets?view=all&q={found}", buffered=True)
            assert number not in answer.text, (person, found)


def letters(place: Place) -> Iterator[tuple[str, bytes]]:
    """What left, opened: its head and its text, and the bytes as they went over the wire."""
    for sent in place.sink.received:
        read = message_from_bytes(sent.raw, policy=policy.default)
        own = sent.recipients == (MAIL["answer address"],)
        body = read.get_body()
        text = body.get_content() if body is not None else ""
        where = "letter to the sender" if own else f"letter to {len(sent.recipients)} others"
        yield where, sent.raw + str(read.items()).encode() + text.encode()


def leaks(where: str, content: bytes) -> list[str]:
    return [f"{where}: {name}" for name in held_by(content) if name not in ALLOWED.get(where, set())]


def test_the_search_finds_what_it_looks_for() -> None:
    assert set(held_by(mail())) >= set(MAIL) - {"author of a document", "text of a file"}
    assert len(SECRETS) >= 25
    assert held_by("材料费".encode()) == []


@pytest.mark.slow
def test_nobody_learns_from_anything_who_complained(place: Place, tmp_path: Path) -> None:
    for name, role in OTHERS.items():
        Desk(place.app).account(name, role)
    numbers = come_in(place, tmp_path)
    (tmp_path / "complaint.eml").unlink()
    assert set(numbers) == {"mail", "phone", "letter"}
    found: list[str] = []
    for number in numbers.values():
        deal_with(place, number, MAIL["sender's name"] if number == numbers["mail"] else "您好")
    for channel, number in numbers.items():
        for where, content in pages(place, number):
            found += leaks(f"{channel} {where}", content)
    assert len(place.sink.received) >= 2
    for where, content in letters(place):
        found += leaks(where, content)
    for line in (*COMMANDS, *(f"tickets show {number} --json" for number in numbers.values())):
        found += leaks(line, run(place, line).encode())
    out = tmp_path / "out"
    out.mkdir()
    for line in (
        f"tickets export --format xlsx --out {out / 'all.xlsx'}",
        f"mail export --out {out / 'mail.jsonl'}",
        f"backup create --out {out / 'backup'}",
        f"audit anchor --out {out / 'anchor.json'}",
        f"reports build --kind weekly --period 2026-W48 --out {out / 'weekly'} --draft",
        f"reports build --kind monthly --period 2026-10 --out {out / 'monthly'}",
    ):
        found += leaks(line, run(place, line).encode())
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} >= {
        ".sqlite3",
        ".xlsx",
        ".docx",
        ".html",
        ".backup",
        ".jsonl",
        ".log",
    }
    for file in files:
        found += leaks(str(file.relative_to(tmp_path)), str(file.name).encode() + file.read_bytes())
    found = sorted(set(found))
    assert found == [], "\n".join(found)


@pytest.mark.slow
def test_contact_data_opened_by_the_handler_are_on_that_page_for_him_alone(
    place: Place, tmp_path: Path
) -> None:
    for name, role in OTHERS.items():
        Desk(place.app).account(name, role)
    numbers = come_in(place, tmp_path)
    number = numbers["phone"]
    place.do(number, Action.ACCEPT, "li", handler="li")
    li = Desk(place.app).signed_in("li")
    page = f"/tickets/{number}"
    assert held_by(li.get(page).data) == []
    assert li.post(f"{page}/reveal", {"reason": "contact"}, form=page).status_code in {303, 422}
    from tickets.opening_rules import OpeningReason

    reason = next(iter(OpeningReason)).value
    assert li.post(f"{page}/reveal", {"reason": reason}, form=page).status_code == 303
    assert "caller's name" in held_by(li.get(page).data)
    for name in OTHERS:
        assert held_by(Desk(place.app).signed_in(name).get(page).data) == [], name
    assert held_by(li.get("/tickets").data) == []
    assert held_by(li.get(f"/tickets/{numbers['mail']}").data) == []
    clock_of(place.app).moment = MONDAY_MORNING.replace(minute=59)
    assert held_by(Desk(place.app).signed_in("li").get(page).data) == []
    assert json.dumps(Desk(place.app).audited()).find(CALL["caller's name"]) == -1
