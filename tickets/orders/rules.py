"""Who may do what with an order, from which state to which, and what has to be said: as data, and the questions to it.

Pure: asks no database. Buttons, forms and tests read this table; only `tickets.orders.perform` changes an order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from accounts.actor import Actor
from core.errors import DomainError, NotAllowed
from tickets.action_rules import (
    DESK,
    HEADS,
    LEADERS,
    NAMED_OR_HEAD,
    WORKERS,
    Field,
    Kind,
    Step,
    Who,
)
from tickets.actions import Asker, TicketState, heads, leads
from tickets.orders.words import (
    OPEN_ORDER_STATES,
    ConsentGiven,
    DeliveryWay,
    Finding,
    OrderState,
    OrderVerb,
    ReminderWay,
)
from tickets.policy import Relation, held
from tickets.vocabulary import CallerKind, Status, TargetKind

# The order and its slip are one sheet: more than this would not fit.
TEXT_AT_MOST = 260
REQUIREMENT_AT_MOST = 420

_WORKABLE = frozenset({Status.ACCEPTED, Status.IN_PROGRESS})
_EXPOSING_TARGETS = frozenset({TargetKind.HEADMASTER, TargetKind.BUREAU})


@dataclass(frozen=True, kw_only=True)
class OrderRule:
    """One line of the table. No target: the state stays. No source: there is no order yet."""

    verb: OrderVerb
    sources: frozenset[OrderState]
    target: OrderState | None
    step: Step
    files: str = ""  # what the files are that may come with it
    while_workable: bool = False  # only while the ticket is accepted or in progress
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What the rules need to know of an order as it stands."""

    state: OrderState | None = None
    exposing: bool = False
    head_id: int | None = None
    leader_id: int | None = None
    feedback_due: date | None = None  # while the school's feedback is awaited
    today: date = date.min


@dataclass(frozen=True, kw_only=True)
class OrderOffer:
    """One button: whether it works now, and if not the sentence that says why."""

    rule: OrderRule
    why_not: str = ""

    @property
    def allowed(self) -> bool:
        return not self.why_not


_REASON = Field(name="reason", label="理由", required=True)
_AT = Field(name="at", label="时间", kind=Kind.MOMENT, hint="不填为现在")
_S, _V = OrderState, OrderVerb
_TEXTS = (
    Field(name="school", label="涉及学校", kind=Kind.LINE, required=True, hint="一单一校；多校的分别开单"),
    Field(
        name="unit", label="承办单位", kind=Kind.LINE, hint="不填为上级中心学校，没有中心学校的为涉及学校本身"
    ),
    Field(
        name="text",
        label="反映事项",
        required=True,
        hint=f"给学校看的文字，以“据反映”开头，{TEXT_AT_MOST} 字以内；不写来电来信、哪天、家长还是教师、年级班级",
    ),
    Field(name="requirement", label="办理要求", required=True, hint=f"{REQUIREMENT_AT_MOST} 字以内"),
    Field(name="due", label="反馈期限", kind=Kind.DAY, required=True),
)


def _rule(
    verb: OrderVerb,
    sources: set[OrderState],
    target: OrderState | None,
    who: Who,
    *fields: Field,
    files: str = "",
    while_workable: bool = False,
    hint: str = "",
) -> OrderRule:
    return OrderRule(
        verb=verb,
        sources=frozenset(sources),
        target=target,
        step=Step(who=who, fields=fields),
        files=files,
        while_workable=while_workable,
        hint=hint,
    )


_RULES = (
    _rule(_V.DRAFT, set(), _S.DRAFT, WORKERS, *_TEXTS, while_workable=True),
    _rule(_V.CHANGE, {_S.DRAFT}, None, WORKERS, *_TEXTS),
    _rule(
        _V.JUSTIFY,
        {_S.DRAFT},
        None,
        NAMED_OR_HEAD | LEADERS,
        Field(name="reason", label="为什么仍要向该校开单", required=True),
        hint="股室负责人和分管领导分别写，不能是同一个人。",
    ),
    _rule(
        _V.ISSUE,
        {_S.DRAFT},
        _S.ISSUED,
        WORKERS | LEADERS,
        while_workable=True,
        hint="签发后编号，文字和名称不能再改；第一张交办单签发，本件即开始办理。",
    ),
    _rule(
        _V.DELIVER,
        {_S.ISSUED},
        _S.DELIVERED,
        DESK,
        Field(name="way", label="送达方式", kind=Kind.CHOICE, choices=DeliveryWay, required=True),
        _AT,
        Field(name="to", label="交给谁（姓名、职务）", kind=Kind.LINE, required=True),
        Field(name="by", label="送达人", kind=Kind.LINE, hint="不填为您本人"),
        files="送达凭证（照片、回执、系统截图）",
        hint="不得用微信群、QQ群和对外公布的邮箱送达；签收时限从送达起算。",
    ),
    _rule(
        _V.SIGN,
        {_S.DELIVERED},
        _S.SIGNED,
        DESK,
        Field(name="signer", label="签收人", kind=Kind.LINE, required=True),
        Field(name="title", label="职务", kind=Kind.LINE),
        _AT,
        files="签收回执",
    ),
    _rule(
        _V.REPORT,
        {_S.DELIVERED, _S.SIGNED, _S.RETURNED},
        _S.REPORTED,
        DESK,
        Field(name="finding", label="学校认为是否属实", kind=Kind.CHOICE, choices=Finding, required=True),
        Field(name="facts", label="核查过程和事实经过", required=True),
        Field(name="measures", label="整改措施和完成时间", hint="属实、部分属实的必填"),
        Field(name="responsible", label="责任人", kind=Kind.LINE),
        Field(name="numbers", label="涉及人数、金额", kind=Kind.LINE),
        _AT,
        files="反馈材料（盖章件、公示照片、票据、退费凭证）",
    ),
    _rule(
        _V.VERIFY,
        {_S.REPORTED},
        _S.VERIFIED,
        NAMED_OR_HEAD,
        Field(name="reason", label="怎样核实的", required=True),
        files="核实材料",
    ),
    _rule(
        _V.RETURN,
        {_S.REPORTED},
        _S.RETURNED,
        NAMED_OR_HEAD,
        Field(name="reason", label="哪里不合格，要补什么", required=True),
        Field(name="due", label="重新反馈的期限", kind=Kind.DAY, required=True),
    ),
    _rule(
        _V.REMIND,
        {_S.DELIVERED, _S.SIGNED, _S.RETURNED},
        None,
        DESK,
        Field(name="way", label="催办方式", kind=Kind.CHOICE, choices=ReminderWay, required=True),
        Field(name="to", label="接电话或收件的人", kind=Kind.LINE, required=True),
        _AT,
        Field(name="reason", label="对方怎么说"),
    ),
    _rule(
        _V.EXTEND,
        {_S.DELIVERED, _S.SIGNED, _S.RETURNED},
        None,
        HEADS | LEADERS,
        Field(name="days", label="延长几个工作日", kind=Kind.DAYS, required=True),
        Field(name="asked_by", label="学校谁申请的", kind=Kind.LINE, required=True),
        Field(name="reason", label="学校说明的理由", required=True),
        files="学校的书面说明",
    ),
    _rule(_V.DISCARD, {_S.DRAFT}, _S.CANCELLED, WORKERS, _REASON),
    _rule(
        _V.CANCEL,
        set(OPEN_ORDER_STATES),
        _S.CANCELLED,
        HEADS | LEADERS,
        _REASON,
        hint="编号保留。已经送到学校的，要收回原单。",
    ),
)

TABLE: Mapping[OrderVerb, OrderRule] = MappingProxyType({rule.verb: rule for rule in _RULES})

CONSENT_STEP = Step(
    who=NAMED_OR_HEAD,
    fields=(
        Field(name="school", label="向哪所学校披露", kind=Kind.LINE, required=True),
        Field(name="how", label="反映人怎样同意的", kind=Kind.CHOICE, choices=ConsentGiven, required=True),
        Field(name="at", label="同意的时间", kind=Kind.MOMENT, hint="不填为现在"),
        Field(name="reason", label="反映人的原意", required=True),
    ),
)
WITHDRAWAL_STEP = Step(
    who=NAMED_OR_HEAD, fields=(Field(name="reason", label="撤回同意的情况", required=True),)
)
INQUIRY_STEP = Step(
    who=WORKERS,
    fields=(
        Field(name="people", label="参加核查的人", kind=Kind.LINE, required=True),
        Field(name="place", label="地点", kind=Kind.LINE),
        Field(name="at", label="核查时间", kind=Kind.MOMENT, hint="不填为现在"),
        Field(name="findings", label="查到的情况", required=True),
    ),
)
RELEASE_STEP = Step(
    who=NAMED_OR_HEAD | WORKERS,
    fields=(
        Field(
            name="text",
            label="脱敏摘要",
            required=True,
            hint="学校、监督部门和报告只能看到这一段",
        ),
    ),
)


def exposing(caller_kind: CallerKind, target_kind: TargetKind, *, conflict: bool) -> bool:
    """Whether an order would point at the complainant: a teacher, or whoever knows what only insiders know."""
    return caller_kind is CallerKind.TEACHER or target_kind in _EXPOSING_TARGETS or conflict


def offers(
    actor: Actor, state: TicketState, facts: OrderFacts, principals: tuple[Actor, ...] = ()
) -> list[OrderOffer]:
    """Every verb of the person's roles that belongs to the order's state; those not possible now with the reason."""
    asker = Asker(actor=actor, principals=principals)
    found = []
    for rule in TABLE.values():
        fits = facts.state in rule.sources if rule.sources else facts.state is None
        if fits and asker.may(rule.step, state):
            why_not = _why_not(rule, asker, state, facts)
            if rule.verb is not OrderVerb.JUSTIFY or facts.exposing:
                found.append(OrderOffer(rule=rule, why_not=why_not))
    return found


def check(rule: OrderRule, asker: Asker, state: TicketState, facts: OrderFacts) -> None:
    """NotAllowed if it is not one of the person's roles, DomainError with the sentence that says no."""
    if not asker.may(rule.step, state):
        raise NotAllowed(f"您的岗位不能对这一件的交办单办理“{rule.verb.label}”。")
    if rule.sources and facts.state not in rule.sources:
        now = facts.state.label if facts.state else ""
        raise DomainError(f"这张交办单现在是“{now}”，不能“{rule.verb.label}”。")
    why_not = _why_not(rule, asker, state, facts)
    if why_not:
        raise DomainError(why_not)


def _why_not(rule: OrderRule, asker: Asker, state: TicketState, facts: OrderFacts) -> str:
    if rule.while_workable and state.status not in _WORKABLE:
        return f"这一件现在是“{state.status.label}”；受理之后、报请办结之前才能开交办单。"
    special = _SPECIAL.get(rule.verb)
    return special(asker, state, facts) if special else ""


def _own_work(asker: Asker, state: TicketState, _facts: OrderFacts) -> str:
    named = state.facts.handler_id
    if named is None or named == asker.actor.id or heads(asker, state):
        return ""
    return "这件已经指定了经办人，交办单由经办人办，或请股室负责人改派。"


def _justify(asker: Asker, state: TicketState, facts: OrderFacts) -> str:
    if speaks_as(asker, state, facts):
        return ""
    if asker.actor.id in {facts.head_id, facts.leader_id}:
        return "您已经写过理由；另一半要由另一个人写。"
    if not (heads(asker, state) or _for_the_head(asker, state)):
        return "理由由股室负责人和分管领导分别写。"
    return "这一半的理由已经写过了。"


def speaks_as(asker: Asker, state: TicketState, facts: OrderFacts) -> str:
    """Whose half of the justification this person may write: "head", "leader", or none."""
    if asker.actor.id in {facts.head_id, facts.leader_id}:
        return ""
    if facts.head_id is None and _for_the_head(asker, state):
        return "head"
    return "leader" if facts.leader_id is None and leads(asker, state) else ""


def _for_the_head(asker: Asker, state: TicketState) -> bool:
    """The head; of a matter against the section itself, whoever it was given to, because the head must not know."""
    pairs = held(asker.actor, state.facts).union(*(held(each, state.facts) for each in asker.principals))
    if state.facts.conflict:
        return any(relation is Relation.HANDLER for _, relation in pairs)
    return not pairs.isdisjoint(HEADS)


def _issue(asker: Asker, state: TicketState, facts: OrderFacts) -> str:
    if facts.exposing and (facts.head_id is None or facts.leader_id is None):
        missing = [
            who
            for who, done in (("股室负责人", facts.head_id), ("分管领导", facts.leader_id))
            if done is None
        ]
        return (
            "本件反映对象是学校负责人或本局人员（或反映人可能是校内人员）。向该校发交办单，可能使反映人被认出，因此不能直接开单。"
            f"建议：直接核查、面上检查或转人事股。仍要开单的，须股室负责人和分管领导分别写明理由；现在还缺{'、'.join(missing)}的理由。"
        )
    if state.facts.handler_id is None and not _could_handle(asker, state):
        return "这件还没有经办人，请先指定经办人再签发。"
    return _own_work(asker, state, facts)


def _could_handle(asker: Asker, state: TicketState) -> bool:
    return not held(asker.actor, state.facts).isdisjoint(WORKERS)


def _extend(_asker: Asker, _state: TicketState, facts: OrderFacts) -> str:
    if facts.feedback_due is None:
        return "反馈期限现在没有在计时，不能延期。"
    if facts.feedback_due < facts.today:
        return "已经过了反馈期限，不能再延期；请催办，并如实列入超期。"
    return ""


_SPECIAL: Mapping[OrderVerb, Callable[[Asker, TicketState, OrderFacts], str]] = {
    OrderVerb.DRAFT: _own_work,
    OrderVerb.CHANGE: _own_work,
    OrderVerb.DISCARD: _own_work,
    OrderVerb.JUSTIFY: _justify,
    OrderVerb.ISSUE: _issue,
    OrderVerb.EXTEND: _extend,
}
