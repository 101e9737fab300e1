"""An office with schools, a ticket in work, and the way of an order from one desk to the next."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from core.db import db, transaction
from tests.life.support import Desk, person
from tickets import released
from tickets.identity import Person
from tickets.messages import NewAttachment
from tickets.models import Deadline, Order, School
from tickets.orders import consents, inquiries
from tickets.orders.perform import Performed, perform
from tickets.orders.texts import DEMANDS
from tickets.orders.words import OrderState, OrderVerb
from tickets.vocabulary import Action, Stage, Status

NAME, PHONE, CHILD = "林小雅", "13905951234", "张小明"
SAID = f"我叫{NAME}，电话{PHONE}，孩子{CHILD}在城东中学初二3班，课后服务每个月另外要交一百二十块材料费，没有票据。"
SUMMARY = "据反映，该校课后服务存在另行收取材料费、费用未公示的情况。"
SCHOOL, CENTRAL, SMALL = "安溪县城东中学", "安溪县湖头中心学校", "安溪县湖头第二小学"
DUE, LATER = "2026-12-03", "2026-12-04"

FIELDS: Mapping[OrderVerb, Mapping[str, str]] = {
    OrderVerb.DRAFT: {"school": SCHOOL, "text": SUMMARY, "requirement": DEMANDS, "due": DUE},
    OrderVerb.CHANGE: {"school": SCHOOL, "text": SUMMARY, "requirement": DEMANDS, "due": DUE},
    OrderVerb.JUSTIFY: {"reason": "已安排面上检查，材料要由学校提供"},
    OrderVerb.DISCARD: {"reason": "改为直接核查"},
    OrderVerb.DELIVER: {"way": "in_person", "to": "办公室陈主任"},
    OrderVerb.SIGN: {"signer": "陈志远", "title": "校长"},
    OrderVerb.REPORT: {
        "finding": "true",
        "facts": "经查，七年级收取材料费属实。",
        "measures": "12月1日前退还，责任到人。",
    },
    OrderVerb.VERIFY: {"reason": "抽查退费签领表，与名册一致"},
    OrderVerb.RETURN: {"reason": "没有退费凭证", "due": LATER},
    OrderVerb.REMIND: {"way": "phone", "to": "陈主任", "reason": "明天送来"},
    OrderVerb.EXTEND: {"days": "1", "asked_by": "陈校长", "reason": "票据需从代收方取回"},
    OrderVerb.CANCEL: {"reason": "学校写错，重开"},
}
_WAY = (
    (OrderVerb.DRAFT, OrderState.DRAFT),
    (OrderVerb.ISSUE, OrderState.ISSUED),
    (OrderVerb.DELIVER, OrderState.DELIVERED),
    (OrderVerb.SIGN, OrderState.SIGNED),
    (OrderVerb.REPORT, OrderState.REPORTED),
    (OrderVerb.VERIFY, OrderState.VERIFIED),
)


class OrderDesk(Desk):
    """A desk whose ticket gets orders; every step is a transaction of its own."""

    order_id: str = ""

    def open_ticket(self, *, by: str = "worker", accepted_only: bool = False, **given: object) -> str:
        """A ticket in work with somebody handling it, its released text confirmed."""
        self.register(Person(name=NAME, phone=PHONE, wants_callback=True), matter=SAID, **given)
        self.do(by, Action.ACCEPT, handler=by)
        if not accepted_only:
            self.do(by, Action.START)
        self.release(by)
        return self.number

    def release(self, by: str, text: str = SUMMARY) -> None:
        version = self.version(self.number)
        with transaction() as session:
            released.confirm(session, self.number, version=version, actor=person(by), fields={"text": text})

    def step(
        self, by: str, verb: OrderVerb, *, files: tuple[NewAttachment, ...] = (), **fields: str
    ) -> Performed:
        """One verb with the fields of the table above, changed by those that are named; at the order's present version."""
        order_id = None if verb is OrderVerb.DRAFT else self.order_id
        version = 0 if verb is OrderVerb.DRAFT else self.order().version
        actor = person(by)
        with transaction() as session:
            done = perform(
                session,
                self.number,
                verb,
                actor=actor,
                fields={**FIELDS.get(verb, {}), **fields},
                order_id=order_id,
                version=version,
                files=files,
            )
        self.order_id = done.order.id
        return done

    def order_until(self, state: OrderState, *, by: str = "worker") -> Order:
        """An order brought as far as this."""
        if state is OrderState.RETURNED:
            self.order_until(OrderState.REPORTED, by=by)
            self.step(by, OrderVerb.RETURN)
            return self.order()
        if state is OrderState.CANCELLED:
            self.order_until(OrderState.ISSUED, by=by)
            self.step("head", OrderVerb.CANCEL)
            return self.order()
        for verb, reached in _WAY:
            self.step(by, verb)
            if reached is state:
                break
        return self.order()

    def order(self) -> Order:
        db.session.rollback()
        db.session.expire_all()
        return db.session.get_one(Order, self.order_id)

    def consent(self, by: str = "worker", **fields: str) -> None:
        actor = person(by)
        everything = {
            "school": SCHOOL,
            "how": "recording",
            "reason": "反映人电话里同意告诉学校是哪个学生，好核对退费",
            "pupil": CHILD,
            **fields,
        }
        with transaction() as session:
            consents.record(session, self.number, actor=actor, fields=everything)

    def inquire(self, by: str = "worker", **fields: str) -> None:
        actor = person(by)
        everything = {
            "people": "李明、林芳",
            "place": SCHOOL,
            "findings": "查看收费台账，未见公示。",
            **fields,
        }
        with transaction() as session:
            inquiries.record(session, self.number, actor=actor, fields=everything, ways=["visit", "papers"])

    def owed(self) -> dict[str, str]:
        """What the school owes now, with the last day."""
        db.session.rollback()
        rows = db.session.scalars(
            sa.select(Deadline).where(
                Deadline.owner_ref.startswith("order/"),
                Deadline.met_at.is_(None),
                Deadline.ended_at.is_(None),
            )
        ).all()
        return {row.kind.value: row.last_day.isoformat() for row in rows}

    def state_of(self) -> Status:
        return self.ticket().status


def add_schools() -> None:
    """The schools of the tests: one of its own, one that belongs to a central school."""
    with transaction() as session:
        session.add(School(name=SCHOOL, stage=Stage.JUNIOR, town="城厢镇"))
        session.add(School(name=CENTRAL, stage=Stage.PRIMARY, town="湖头镇"))
        session.flush()
        central = session.scalars(sa.select(School).where(School.name == CENTRAL)).one()
        session.add(School(name=SMALL, stage=Stage.PRIMARY, town="湖头镇", parent_id=central.id))
