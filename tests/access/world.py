"""A small office with one thing of every kind, for asking every page of the application as every kind of person."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from accounts.actor import SYSTEM, actor_of
from accounts.models import Account, Section
from accounts.verbs import create_account
from accounts.vocabulary import Role
from config.settings import Settings
from core import vault
from core.blobs import blob_store
from core.db import db, transaction
from demo.filling import SCHOOLS
from mail_ingest.models import MailboxState, MailItem
from mail_ingest.vocabulary import ItemState, MailKind
from outbox.models import OutboxKind
from outbox.verbs import enqueue
from reports.contents import BulletinKind
from reports.freezing import freeze
from reports.layouts.models import ExportLayout
from reports.periods import parse
from reports.scans import Scan
from reports.situation import reading, verbs
from reports.situation.verbs import Signature
from reports.situation.vocabulary import SignedHow
from tests.support.app import make_app
from tests.support.moments import MONDAY_MORNING
from tickets import snapshots
from tickets.identity import Person
from tickets.intake import NewTicket, inform, register
from tickets.messages import NewAttachment, NewMessage
from tickets.models import (
    Attachment,
    DisclosureConsent,
    GroupMember,
    HandOver,
    LeakInquiry,
    Order,
    PaperApproval,
    RelatedGroup,
    School,
    SchoolContact,
    SealedHandOver,
    WriteOff,
    WriteOffTicket,
)
from tickets.models.people import random_id
from tickets.orders.sealing import seal_texts
from tickets.orders.words import ConsentGiven, Disclosed, OrderState
from tickets.schools import load_schools, read_schools
from tickets.secrecy.words import InquiryResult, SealedContent, SealedState
from tickets.snapshots import Inquiry
from tickets.vocabulary import AskedHow, Channel, ContactRole, Secrecy, Status, WriteOffState

PASSWORD = "窗台上有三盆绿萝和旧雨伞"
HERE, THERE = "zhongjiao", "chuyoujiao"
KINDS = ("own", "informed", "other", "unassigned", "restricted", "closed")

# Each holds one role alone; the two handlers differ in being assigned the tickets.
PEOPLE: dict[str, tuple[Role, tuple[str, ...]]] = {
    "clerk": (Role.CLERK, (HERE,)),
    "handler": (Role.HANDLER, (HERE,)),
    "assigned": (Role.HANDLER, (HERE,)),
    "head": (Role.HEAD, (HERE,)),
    "leader": (Role.LEADER, (HERE,)),
    "supervisor": (Role.SUPERVISOR, ()),
    "admin": (Role.ADMIN, ()),
}
OFFICE = (Path(__file__).resolve().parents[2] / "config" / "office.toml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class World:
    """Where the office lies, and what the parts of its addresses are called: kind of thing → argument → value."""

    folder: Path
    things: dict[str, dict[str, object]] = field(default_factory=dict)

    def address(self, app: Flask, rule: Rule, thing: str) -> str:
        """The address of a rule for one kind of thing."""
        values = {name: self.things[thing][name] for name in rule.arguments}
        return app.url_map.bind("localhost").build(rule.endpoint, values)


@cache
def made_once() -> World:
    """The office, made once a process; every question gets its own copy."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-world-"))
    office = OFFICE.replace('totp_roles = ["admin", "supervisor"]', "totp_roles = []")
    app = make_app(folder, office=office)
    with app.app_context():
        _add_people()
        with transaction() as session:
            load_schools(session, read_schools(SCHOOLS.read_text(encoding="utf-8")), actor=SYSTEM)
        snapshot = _snapshot()
        report = freeze(parse(BulletinKind.MONTHLY, "2026-10"))
        things = {kind: _thing(kind) for kind in KINDS}
        for thing in things.values():
            thing |= {
                "report_id": report.id,
                "snapshot": snapshot,
                **_reporting(report.id),
                **_school_parts(),
            }
        db.session.remove()
        db.engine.dispose()
    return World(folder, things)


def copy_for(folder: Path) -> Flask:
    """An application over a fresh copy of the world; form tokens are not asked for, so that the rule behind is seen."""
    from app import create_app
    from core.clock import FixedClock

    shutil.copytree(made_once().folder, folder, dirs_exist_ok=True)
    settings = Settings.from_environment(
        {
            "HOTLINE_DATA_DIR": str(folder),
            "HOTLINE_OFFICE_FILE": str(folder / "office.toml"),
            "SECRET_KEY": "a secret key for tests only 0123456789",
        }
    )
    app = create_app(settings, FixedClock(MONDAY_MORNING))
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def _add_people() -> None:
    with transaction() as session:
        sections = {row.slug: row for row in session.scalars(sa.select(Section))}
        for name, (role, slugs) in PEOPLE.items():
            create_account(
                session,
                SYSTEM,
                username=name,
                display_name=name,
                roles=[role],
                sections=[sections[slug] for slug in slugs],
                password=PASSWORD,
                must_change_password=False,
            )


def _school_parts() -> dict[str, object]:
    """A school of the register with somebody to call."""
    with transaction() as session:
        school = session.scalars(sa.select(School).order_by(School.id)).first()
        assert school is not None
        contact = SchoolContact(
            school_id=school.id, role=ContactRole.LIAISON, name="陈老师", from_day=MONDAY_MORNING.date()
        )
        session.add(contact)
        session.flush()
        return {"school_id": school.id, "contact_id": contact.id}


def _snapshot() -> str:
    """What the head has answered to somebody who asked about late cases."""
    head = db.session().scalars(sa.select(Account).where(Account.username == "head")).one()
    inquiry = Inquiry(asked_by="县纪委监委", how=AskedHow.PHONE)
    return snapshots.freeze(inquiry, actor=actor_of(head), render=lambda frozen: frozen.number)


def _thing(kind: str) -> dict[str, object]:
    """A ticket of one kind with everything that hangs on one, and the addresses' parts that lead to it."""
    mine = kind not in {"other", "informed"}
    with transaction() as session:
        blob = blob_store().put(f"a file of {kind}".encode())
        new = NewTicket(
            channel=Channel.MAIL,
            received_at=MONDAY_MORNING,
            matter="云岭二中课后服务收费太高",
            section=HERE if mine else THERE,
            people=(Person(name="李晓兰", email="lixiaolan@example.com", phone="13800004321"),),
            secrecy=Secrecy.RESTRICTED if kind == "restricted" else Secrecy.ORDINARY,
            message=NewMessage(
                subject="课后服务",
                text="收费太高",
                sender="李晓兰",
                attachments=(NewAttachment(name="a.png", content_type="image/png", size=10, blob=blob.name),),
            ),
        )
        ticket = register(session, new).ticket
        assigned = session.execute(sa.select(Account.id).where(Account.username == "assigned")).scalar_one()
        ticket.handler_id = assigned if mine and kind != "unassigned" else None
        if kind == "informed":
            inform(session, ticket, HERE, reason="同一来信")
        if kind == "closed":
            ticket.status = Status.CLOSED
        attachment = session.execute(
            sa.select(Attachment.id).where(Attachment.ticket_id == ticket.id)
        ).scalar_one()
        key = vault.data_key(session, ticket.data_key_id)
        order = _order(session, ticket.id, key)
        consent_id = random_id()
        consent = DisclosureConsent(
            id=consent_id,
            ticket_id=ticket.id,
            school_id=order.school_id,
            school_name=order.school_name,
            what=Disclosed.PUPIL.value,
            words_sealed=vault.seal(key, "{}", place=f"disclosure_consent|words|{consent_id}"),
            how=ConsentGiven.MAIL,
            agreed_at=MONDAY_MORNING,
            note="",
            recorded_by="assigned",
            recorded_at=MONDAY_MORNING,
        )
        session.add(consent)
        mailbox = _mailbox(session, HERE if mine else THERE)
        item = MailItem(
            blob=blob.name,
            size=blob.size,
            mailbox_id=mailbox.id,
            received_at=MONDAY_MORNING,
            recorded_at=MONDAY_MORNING,
            kind=MailKind.LIST,
            state=ItemState.NEW,
        )
        session.add(item)
        letter = enqueue(
            session,
            OutboxKind.ACKNOWLEDGEMENT,
            dedupe=f"test/{kind}",
            object_ref=ticket.ref,
            sender=mailbox.address,
            recipient="lixiaolan@example.com",
            subject="来信已登记",
            body="您好",
        )
        session.flush()
        assert letter is not None
        clerk = session.execute(sa.select(Account.id).where(Account.username == "clerk")).scalar_one()
        return {
            "number": ticket.number,
            "attachment_id": attachment,
            "item_id": item.id,
            "mailbox_id": mailbox.id,
            "message_id": letter.id,
            "address": mailbox.address,
            "account_id": clerk,
            "filename": "favicon.svg",
            "code": "no-such-code",
            "order_id": order.id,
            "consent_id": consent.id,
            "paper_id": _paper(session, ticket.id),
            **_guarded(session, ticket.id),
            "hand_over_id": _hand_over(session),
            "batch_id": _batch(session, ticket.id, section_id=ticket.section_id),
            "kind": "docx",
            "entry_id": 1,
            "group_id": _group(session, ticket.id),
        }


def _guarded(session: Session, ticket_id: int) -> dict[str, object]:
    """An inquiry after a leak that is over, and a sealed hand-over that waits for its approvals."""
    inquiry = LeakInquiry(
        ticket_id=ticket_id,
        reason="",
        first_day=date(2026, 11, 1),
        started_by="head",
        started_at=MONDAY_MORNING,
        record='{"touches": [], "acts": [], "to_school": []}',
        result=InquiryResult.NOT_FOUND,
        concluded_at=MONDAY_MORNING,
    )
    sealed = SealedHandOver(
        number=f"密移{ticket_id}",
        ticket_id=ticket_id,
        state=SealedState.ASKED,
        content=SealedContent.IDENTITY,
        authority="县公安局",
        paper_number="8号",
        basis="调取",
        asked_by="assigned",
        asked_at=MONDAY_MORNING,
    )
    session.add_all([inquiry, sealed])
    session.flush()
    return {"inquiry_id": inquiry.id, "sealed_id": sealed.id}


@cache
def _reporting(report_id: int) -> dict[str, object]:
    """A signed situation report with the scan that came back, an export layout, a school."""
    scan = Scan(blob=blob_store().put(b"%PDF scan").name, name="a.pdf", content_type="pdf")
    with transaction() as session:
        head, leader = (
            actor_of(session.scalars(sa.select(Account).where(Account.username == name)).one())
            for name in ("head", "leader")
        )
        key = verbs.draft(session, report_id, actor=head).id
        signature = Signature(how=SignedHow.PAPER, signed_on=MONDAY_MORNING.date(), signer="局长", scan=scan)
        written = replace(reading.written_of(reading.found(session, key)), next_steps="继续督促。")
        verbs.edit(session, key, written, version=1, actor=head)
        verbs.submit(session, key, version=2, actor=head)
        verbs.check(session, key, version=3, note="", actor=leader)
        verbs.sign(session, key, signature, version=4, actor=head)
        layout = ExportLayout(
            section_id=session.execute(sa.select(Section.id).where(Section.slug == HERE)).scalar_one(),
            name="月报表",
            columns='[["编号", "编号"]]',
            changed_by="head",
            changed_at=MONDAY_MORNING,
        )
        session.add(layout)
        session.flush()
        school = session.scalars(sa.select(School.id).limit(1)).one()
        return {"situation_id": key, "scan_id": 1, "layout_id": layout.id, "school_id": school}


def _paper(session: Session, ticket_id: int) -> int:
    """A decision of the leader on paper that the assigned handler has entered."""
    people = {row.username: row.id for row in session.scalars(sa.select(Account))}
    row = PaperApproval(
        ticket_id=ticket_id,
        what="审核通过",
        words="同意",
        approver_id=people["leader"],
        approver="leader",
        signed_on=date(2026, 11, 23),
        recorded_by_id=people["assigned"],
        recorded_by="assigned",
        recorded_at=MONDAY_MORNING,
    )
    session.add(row)
    session.flush()
    return row.id


def _hand_over(session: Session) -> int:
    """What one handler of the section has given to the other."""
    people = {row.username: row.id for row in session.scalars(sa.select(Account))}
    row = HandOver(
        giver_id=people["handler"],
        giver="handler",
        taker_id=people["assigned"],
        taker="assigned",
        done_by_id=people["head"],
        done_by="head",
        at=MONDAY_MORNING,
        reason="调离",
        lines="[]",
    )
    session.add(row)
    session.flush()
    return row.id


def _batch(session: Session, ticket_id: int, *, section_id: int) -> int:
    """A month's batch that the head has proposed."""
    people = {row.username: row.id for row in session.scalars(sa.select(Account))}
    row = WriteOff(
        section_id=section_id,
        month="2026-11",
        reason="已整改",
        state=WriteOffState.PROPOSED,
        proposed_by_id=people["head"],
        proposed_by="head",
        proposed_at=MONDAY_MORNING,
    )
    session.add(row)
    session.flush()
    session.add(WriteOffTicket(write_off_id=row.id, ticket_id=ticket_id))
    session.flush()
    return row.id


def _group(session: Session, ticket_id: int) -> int:
    """A group of this ticket alone: who may not see the ticket may not know of the group."""
    group = RelatedGroup(name="同一件事", made_by="head", made_at=MONDAY_MORNING)
    session.add(group)
    session.flush()
    session.add(GroupMember(ticket_id=ticket_id, group_id=group.id, added_by="head", added_at=MONDAY_MORNING))
    session.flush()
    return group.id


def _mailbox(session: Session, slug: str) -> MailboxState:
    return session.scalars(
        sa.select(MailboxState)
        .join(Section, Section.id == MailboxState.section_id)
        .where(Section.slug == slug)
    ).one()


def _order(session: Session, ticket_id: int, key: vault.DataKeyInHand) -> Order:
    """A draft; the acts on it are refused for their own reasons, the pages show it."""
    school = session.scalars(sa.select(School).limit(1)).one()
    order = Order(
        id=random_id(),
        ticket_id=ticket_id,
        state=OrderState.DRAFT,
        school_id=school.id,
        school_name=school.name,
        unit=school.name,
        text="",
        requirement="",
        due_day=date(2026, 12, 1),
        drafted_by="assigned",
        drafted_at=MONDAY_MORNING,
    )
    seal_texts(key, order, text="课后服务收费未公示", requirement="请公示收费依据")
    session.add(order)
    session.flush()
    return order
