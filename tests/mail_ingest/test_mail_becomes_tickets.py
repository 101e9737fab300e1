"""The main job: every ordinary mail on the server becomes exactly one ticket, whatever comes twice."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import Section
from core.db import db
from mail_ingest.models import MailLedger
from mail_ingest.reading import read_mail
from mail_ingest.reading.read import fingerprint
from outbox.models import OutboxMessage
from tests.mail_ingest.conftest import MakeOffice
from tests.mail_ingest.post import (
    CHUYOUJIAO,
    ZHONGJIAO,
    Box,
    a_mail,
    books,
    items,
    origins,
    poll,
    total,
)
from tests.support.corpora import corpora_or_skip
from tests.support.dovecot import Dovecot
from tests.support.id_gate import IdGate
from tests.support.moments import MONDAY_MORNING
from tickets.models import Complainant, Deadline, InformedSection, Message, Ticket

pytestmark = pytest.mark.dovecot


@pytest.mark.slow
def test_each_ordinary_mail_of_the_collection_is_linked_to_exactly_one_ticket(
    office: Flask, dovecot: Dovecot
) -> None:
    folder = corpora_or_skip()
    kinds = json.loads((folder / "kinds.json").read_text(encoding="utf-8"))
    names = sorted(entry["file"] for entry in kinds["ordinary_should_become_ticket"])
    raw = {name: (folder / "mails" / name).read_bytes() for name in names}
    for content in raw.values():
        dovecot.deliver(ZHONGJIAO, content, internaldate=MONDAY_MORNING)

    results = poll(office)

    assert [result.code for result in results] == ["ok", "ok"]
    assert total(results)["fetched"] == len(names)
    linked = dict(zip(names, _tickets_in_order(office), strict=True))
    assert {name: found for name, found in linked.items() if len(found) != 1} == {}
    _check_groups(raw, {name: found[0] for name, found in linked.items() if found})

    before = books(office)
    assert total(poll(office)) == {}
    assert books(office) == before


def _tickets_in_order(app: Flask) -> list[list[str]]:
    """The tickets of each mail of the inbox, in the order of delivery: that is how the server numbers them."""
    found: dict[int, list[str]] = defaultdict(list)
    for item, number, _role in books(app).links:
        found[item].append(number)
    with app.app_context():
        rows = db.session.execute(sa.select(MailLedger.item_id).order_by(MailLedger.uid)).scalars()
        return [found[item_id] for item_id in rows if item_id is not None]


def _as_sent(raw: bytes) -> bytes:
    """Over the wire every line ends with CR LF, whatever it ended with in the file."""
    return raw.replace(b"\r\n", b"\n")


def _check_groups(raw: dict[str, bytes], ticket_of: dict[str, str]) -> None:
    """Mails that share a ticket are equal in bytes or in fingerprint."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, number in ticket_of.items():
        groups[number].append(name)
    shared = {number: names for number, names in groups.items() if len(names) > 1}
    for number, names in shared.items():
        prints = {fingerprint(read_mail(raw[name])) for name in names}
        bytes_equal = len({_as_sent(raw[name]) for name in names}) == 1
        _print(f"{number}: {'equal bytes' if bytes_equal else 'equal fingerprint'}: {', '.join(names)}")
        assert bytes_equal or len(prints) == 1, names
    folded = sum(len(names) - 1 for names in shared.values())
    _print(f"{len(shared)} groups, {folded} mails more than tickets, {len(groups)} tickets")
    assert 15 <= len(shared) <= 25
    assert 20 <= folded <= 32


def _print(line: str) -> None:
    print(line)  # noqa: T201 - the groups are to be looked at: pytest -rP shows them


def test_a_mail_is_a_ticket_with_its_texts_its_deadlines_and_an_acknowledgement(
    office: Flask, dovecot: Dovecot
) -> None:
    mail = a_mail(
        text="孩子在城东中学七年级，延时班另收 120 元。我的电话 13859712345。", message_id="<1@qq.example>"
    )
    dovecot.deliver(ZHONGJIAO, mail, internaldate=MONDAY_MORNING)

    assert total(poll(office)) == {"fetched": 1, "tickets": 1}

    with office.app_context():
        session = db.session()
        ticket = session.scalars(sa.select(Ticket)).one()
        assert ticket.received_at == MONDAY_MORNING
        assert "另收 120 元" in ticket.matter
        assert "13859712345" not in ticket.matter
        assert session.scalars(sa.select(Complainant)).one().email_index
        assert session.scalars(sa.select(Message)).one().ticket_id == ticket.id
        kinds = {row.kind.value for row in session.scalars(sa.select(Deadline))}
        assert kinds == {"accept", "resolve", "notice"}
        letter = session.scalars(sa.select(OutboxMessage)).one()
        assert letter.object_ref == f"ticket/{ticket.number}"
        assert "In-Reply-To" in letter.headers


def test_a_mail_read_again_in_another_delivery_is_the_same_ticket(office: Flask, dovecot: Dovecot) -> None:
    mail = a_mail(message_id="<twice@qq.example>")
    dovecot.deliver(ZHONGJIAO, mail, internaldate=MONDAY_MORNING)
    dovecot.deliver(ZHONGJIAO, b"Received: by mx2.example; Mon, 23 Nov 2026 09:00:03 +0800\r\n" + mail)

    assert total(poll(office)) == {"fetched": 2, "tickets": 1, "linked": 1, "duplicates": 1}
    assert [role for _, _, role in books(office).links] == ["origin", "copy"]


@pytest.mark.parametrize("further", [b"", b"Received: by mx2.example; Mon, 23 Nov 2026 09:00:03 +0800\r\n"])
def test_one_mail_to_both_mailboxes_is_one_ticket_and_the_second_section_is_informed(
    office: Flask, dovecot: Dovecot, further: bytes
) -> None:
    mail = a_mail(to=f"{ZHONGJIAO}, {CHUYOUJIAO}", message_id="<both@qq.example>")
    dovecot.deliver(ZHONGJIAO, mail, internaldate=MONDAY_MORNING)
    dovecot.deliver(CHUYOUJIAO, further + mail, internaldate=MONDAY_MORNING)

    assert total(poll(office))["tickets"] == 1

    with office.app_context():
        informed = db.session.scalars(
            sa.select(Section.slug).join(InformedSection, InformedSection.section_id == Section.id)
        ).all()
        assert informed == ["chuyoujiao"]
        assert books(office).ledger == 2


def test_the_same_message_id_with_other_words_is_a_second_ticket(office: Flask, dovecot: Dovecot) -> None:
    dovecot.deliver(ZHONGJIAO, a_mail(message_id="<forged@qq.example>"))
    dovecot.deliver(ZHONGJIAO, a_mail(text="食堂的饭是冷的。", message_id="<forged@qq.example>"))

    assert total(poll(office)) == {"fetched": 2, "tickets": 2}


def test_a_folder_numbered_anew_brings_nothing_new(office: Flask, dovecot: Dovecot) -> None:
    for number in range(5):
        dovecot.deliver(ZHONGJIAO, a_mail(subject=f"第 {number} 封", message_id=f"<{number}@qq.example>"))
    poll(office)
    before = books(office)
    dovecot.renumber(ZHONGJIAO)

    again = total(poll(office))

    assert again == {"fetched": 5, "duplicates": 5}
    after = books(office)
    assert (after.tickets, after.items, after.links) == (before.tickets, before.items, before.links)
    assert after.ledger == 10


def test_machine_mail_waits_in_the_tray_under_a_deadline_and_is_not_answered(
    office: Flask, dovecot: Dovecot
) -> None:
    dovecot.deliver(ZHONGJIAO, a_mail("自动回复：我在休假", Auto_Submitted="auto-replied"))

    assert total(poll(office)) == {"fetched": 1, "machine": 1}

    assert [(each["kind"], each["state"]) for each in items(office)] == [("auto_reply", "new")]
    with office.app_context():
        look = db.session.scalars(sa.select(Deadline)).one()
        assert (look.kind.value, look.owner_ref) == ("look", "mail/1")
        assert db.session.scalars(sa.select(OutboxMessage)).all() == []
    assert total(poll(office)) == {}


def test_junk_waits_in_the_tray_until_a_person_moves_it_to_the_inbox(office: Flask, dovecot: Dovecot) -> None:
    mail = a_mail(message_id="<junk@qq.example>")
    lying = dovecot.deliver(ZHONGJIAO, mail, folder="垃圾邮件")
    poll(office)
    assert [(each["from_junk"], each["state"]) for each in items(office)] == [(True, "new")]
    assert origins(office) == {}

    dovecot.remove(lying)
    dovecot.deliver(ZHONGJIAO, mail)
    poll(office)

    assert [(each["from_junk"], each["state"]) for each in items(office)] == [(False, "linked")]
    assert len(origins(office)) == 1


def test_mail_of_a_known_work_sender_waits_in_the_tray(
    make_office: MakeOffice, dovecot: Dovecot, gate: IdGate
) -> None:
    office = make_office(
        Box(ZHONGJIAO, "zhongjiao", gate.port, str(dovecot.certificate.certificate)),
        work='["@school.example"]',
    )
    dovecot.deliver(ZHONGJIAO, a_mail("报送统计表", sender="城东中学 <office@school.example>"))
    dovecot.deliver(ZHONGJIAO, a_mail("学校乱收费"))

    assert total(poll(office)) == {"fetched": 2, "tickets": 1, "machine": 1}
    assert [each["kind"] for each in items(office)] == ["work", "ordinary"]


def test_mail_older_than_the_start_waits_for_a_person_and_is_never_acknowledged(
    make_office: MakeOffice, dovecot: Dovecot, gate: IdGate
) -> None:
    authority = str(dovecot.certificate.certificate)
    office = make_office(Box(ZHONGJIAO, "zhongjiao", gate.port, authority, intake_from="2026-11-23"))
    dovecot.deliver(ZHONGJIAO, a_mail("旧信"), internaldate=MONDAY_MORNING - timedelta(days=3))
    dovecot.deliver(ZHONGJIAO, a_mail("新信"), internaldate=MONDAY_MORNING)

    assert total(poll(office)) == {"fetched": 2, "tickets": 1}
    assert [(each["state"], each["reason"]) for each in items(office)] == [
        ("set_aside", "before_start"),
        ("linked", None),
    ]


def test_mail_older_than_a_week_becomes_a_ticket_without_acknowledgement(
    office: Flask, dovecot: Dovecot
) -> None:
    dovecot.deliver(ZHONGJIAO, a_mail(), internaldate=MONDAY_MORNING - timedelta(days=8))
    assert total(poll(office)) == {"fetched": 1, "tickets": 1}
    with office.app_context():
        assert db.session.scalars(sa.select(OutboxMessage)).all() == []


def test_a_reply_to_our_letter_goes_on_with_the_ticket_and_a_guessed_number_does_not(
    office: Flask, dovecot: Dovecot
) -> None:
    dovecot.deliver(ZHONGJIAO, a_mail(message_id="<first@qq.example>"), internaldate=MONDAY_MORNING)
    poll(office)
    with office.app_context():
        letter = db.session.scalars(sa.select(OutboxMessage)).one()
        number, ours = letter.object_ref.removeprefix("ticket/"), letter.message_id
    dovecot.deliver(
        ZHONGJIAO, a_mail(f"回复：来信已登记〔编号 {number}〕", "补充：收据在附件里。", In_Reply_To=ours)
    )
    dovecot.deliver(
        ZHONGJIAO, a_mail(f"{number} 撤诉", "我不投诉了。", sender="某人 <stranger@evil.example>")
    )

    assert total(poll(office)) == {"fetched": 2, "tickets": 1, "linked": 1}

    with office.app_context():
        texts = db.session.scalars(
            sa.select(Message.text).join(Ticket).where(Ticket.number == number).order_by(Message.occurred_at)
        ).all()
        assert len(texts) == 2
        assert "收据" in texts[1]


def test_nothing_is_touched_on_the_server(office: Flask, dovecot: Dovecot, tmp_path: Path) -> None:
    dovecot.deliver(ZHONGJIAO, a_mail("没看过的"))
    before = sorted(dovecot.files(ZHONGJIAO).values())
    poll(office)
    after = dovecot.files(ZHONGJIAO)
    assert sorted(after.values()) == before
    assert not any(name.rpartition(",")[2].strip("S") != name.rpartition(",")[2] for name in after)
