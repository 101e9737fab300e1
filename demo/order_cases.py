"""The demonstration's cases in which a school got an order: one is waited for, one was verified, one was looked into directly."""

from __future__ import annotations

from demo.cases import Case, Step
from tickets.identity import Person
from tickets.orders.texts import DEMANDS, DEMANDS_REFUND
from tickets.orders.words import OrderVerb
from tickets.vocabulary import Action, Anonymity


def _person(name: str, last: str) -> Person:
    return Person(name=name, phone=f"1380000{last}", anonymity=Anonymity.CONFIDENTIAL, wants_callback=True)


def _accept(days: float, who: str, handler: str) -> Step:
    return Step(days=days, who=who, action=Action.ACCEPT, fields={"handler": handler})


def _release(days: float, who: str, text: str) -> Step:
    return Step(days=days, who=who, action=Action.RELEASE, fields={"text": text})


def _order(days: float, who: str, verb: OrderVerb, **fields: str) -> Step:
    return Step(days=days, who=who, action=verb, fields=fields)


_MATERIALS = "据反映，该校课后服务期间存在另行收取材料费、费用未公示的情况。"
_REFUND = "据反映，该校课后服务存在请假、退出后费用未及时清退的情况。"
_DUTY = "据反映，该校课后服务存在到岗教师不足、看护不到位的情况。"

ORDER_CASES = (
    Case(
        key="order delivered",
        days=4.5,
        by="chenjie",
        matter="初一课后服务除了缴费，又让每人交八十元买手工包，没有收据，群里接龙。",
        school="安溪县双桥中学",
        grade="初一",
        person=_person("杨晓梅", "1041"),
        steps=(
            _accept(3.9, "sumin", "wangjun"),
            _release(3.8, "wangjun", _MATERIALS),
            _order(
                3.7,
                "wangjun",
                OrderVerb.DRAFT,
                school="安溪县双桥中学",
                text=_MATERIALS,
                requirement=DEMANDS,
                due="~3",
            ),
            _order(3.6, "sumin", OrderVerb.ISSUE),
            _order(2.9, "wangjun", OrderVerb.DELIVER, way="exchange", to="办公室收文员"),
            _order(
                0.2, "wangjun", OrderVerb.REMIND, way="phone", to="办公室主任", reason="校长外出，明早签收。"
            ),
        ),
    ),
    Case(
        key="order verified",
        days=9.5,
        by="linfang",
        matter="孩子请假两个月没参加晚托，学期末说费用不退，问了几次都说再等等。",
        school="安溪县白鹤中学",
        grade="初二",
        request="把没参加的费用退回来。",
        person=_person("骆志平", "1042"),
        steps=(
            _accept(8.9, "sumin", "linfang"),
            _release(8.8, "linfang", _REFUND),
            _order(
                8.7,
                "linfang",
                OrderVerb.DRAFT,
                school="安溪县白鹤中学",
                text=_REFUND,
                requirement=DEMANDS_REFUND,
                due="~1",
            ),
            _order(8.6, "sumin", OrderVerb.ISSUE),
            _order(7.9, "linfang", OrderVerb.DELIVER, way="in_person", to="副校长"),
            _order(7.8, "linfang", OrderVerb.SIGN, signer="谢副校长", title="副校长"),
            _order(
                2.9,
                "linfang",
                OrderVerb.REPORT,
                finding="true",
                facts="清查 213 人，其中 17 人请假、退出后未退费。",
                measures="已退还 17 人 4860 元，退费名册已公示。",
                responsible="总务处",
                numbers="17 人，4860 元",
            ),
            _order(1.5, "linfang", OrderVerb.VERIFY, reason="核对退费凭证 17 份，电话抽查 3 户，款已到账。"),
        ),
    ),
    Case(
        key="order reported",
        days=7.5,
        by="huanglan",
        matter="晚托一个老师看三个班，有两次孩子自己跑到操场没人发现。",
        school="安溪县晨光小学",
        grade="三年级",
        person=_person("温淑华", "1043"),
        steps=(
            _accept(6.9, "laimei", "xieyun"),
            _release(6.8, "xieyun", _DUTY),
            _order(
                6.7,
                "xieyun",
                OrderVerb.DRAFT,
                school="安溪县晨光小学",
                text=_DUTY,
                requirement=DEMANDS,
                due="~1",
            ),
            _order(6.6, "laimei", OrderVerb.ISSUE),
            _order(5.9, "xieyun", OrderVerb.DELIVER, way="office_system", to="校办"),
            _order(5.5, "xieyun", OrderVerb.SIGN, signer="校办主任", title="主任"),
            _order(
                0.9,
                "xieyun",
                OrderVerb.REPORT,
                finding="partly_true",
                facts="个别时段两班合并看护，未发现学生离校。",
                measures="即日起每班一名教师，值班表上墙。",
            ),
        ),
    ),
)
