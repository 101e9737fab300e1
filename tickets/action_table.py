"""Who may do what, from which status to which, and what has to be said: every act of a ticket's life, as data.

Buttons, forms, the policy and the tests read this table. `tickets.actions` answers questions with it; only
`tickets.handling.perform` changes a status. Pure.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from accounts.vocabulary import Role
from core.labels import Labelled
from tickets.past import ASKED
from tickets.policy import Relation
from tickets.vocabulary import (
    OPEN_STATUSES,
    Action,
    CallerKind,
    ContactData,
    Decision,
    Duty,
    Outcome,
    RefusalReason,
    Satisfaction,
    Secrecy,
    Status,
    SuspensionReason,
    TargetKind,
    ToldBy,
    Urgency,
)

Who = frozenset[tuple[Role, Relation]]


class Kind(enum.StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    DAY = "day"
    MOMENT = "moment"
    DAYS = "days"
    SWITCH = "switch"
    PERSON = "person"  # a user name of the section
    SECTION = "section"  # a slug
    TICKET = "ticket"  # a number
    CATEGORY = "category"  # a code


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that is asked for with an act."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: type[Labelled] | None = None
    hint: str = ""


class Apart(enum.StrEnum):
    """Whom separation of duties keeps from an act, besides those of earlier steps."""

    HANDLED = "handled"  # whoever has handled this ticket
    REPORTED = "reported"  # whoever reported it done, and whoever it is assigned to
    ASSIGNED = "assigned"  # whoever it is assigned to


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one person does. Most acts have one step; the last one of several carries the act out."""

    who: Who
    fields: tuple[Field, ...] = ()
    name: str = ASKED
    label: str = ""
    apart: frozenset[Apart] = frozenset()
    not_after: frozenset[str] = frozenset()  # steps whose person may not do this one
    duty: Duty | None = None  # under which it can be sent to somebody else


@dataclass(frozen=True, kw_only=True)
class ActionRule:
    """One line of the table. `targets` names every status it can end in; empty: the status stays."""

    action: Action
    sources: frozenset[Status]
    targets: frozenset[Status]
    steps: tuple[Step, ...]
    by_system: bool = False
    law: str = ""


_NEAR = (Relation.RESPONSIBLE, Relation.HANDLER)


def _pairs(*roles: Role, relations: tuple[Relation, ...] = _NEAR) -> Who:
    return frozenset((role, relation) for role in roles for relation in relations)


HEADS = _pairs(Role.HEAD, relations=(Relation.RESPONSIBLE,))
LEADERS = _pairs(Role.LEADER, relations=(Relation.RESPONSIBLE,))
WORKERS = _pairs(Role.HANDLER, Role.HEAD)
NAMED_OR_HEAD = HEADS | _pairs(Role.HANDLER, Role.HEAD, relations=(Relation.HANDLER,))
TAKING_CALLS = _pairs(Role.CLERK, Role.HANDLER) | {(Role.CLERK, Relation.RECORDER)}
DESK = _pairs(Role.CLERK, Role.HANDLER, Role.HEAD)
ANYONE = DESK | LEADERS

_REASON = Field(name="reason", label="理由", required=True)
_HANDLER = Field(name="handler", label="经办人", kind=Kind.PERSON)
_AGREE = Field(name="decision", label="意见", kind=Kind.CHOICE, choices=Decision, hint="不选为同意")
_OPINION = Field(name="reason", label="意见说明", kind=Kind.LINE)
_HOW_TOLD = Field(name="how", label="告知方式", kind=Kind.CHOICE, choices=ToldBy, required=True)
_TOLD_AT = Field(name="at", label="告知时间", kind=Kind.MOMENT)

_BEGUN = frozenset({Status.PENDING, Status.ACCEPTED, Status.IN_PROGRESS})
_S = Status


def _rule(
    action: Action,
    sources: frozenset[Status] | set[Status],
    targets: frozenset[Status] | set[Status],
    *steps: Step,
    by_system: bool = False,
    law: str = "",
) -> ActionRule:
    return ActionRule(
        action=action,
        sources=frozenset(sources),
        targets=frozenset(targets),
        steps=steps,
        by_system=by_system,
        law=law,
    )


_REVIEW_APART = frozenset({Apart.REPORTED})

_RULES = (
    _rule(
        Action.ACCEPT,
        {_S.PENDING},
        {_S.ACCEPTED},
        Step(who=WORKERS, fields=(_HANDLER,)),
        law="信访工作条例第二十三条：自收到之日起 15 日内告知是否受理",
    ),
    _rule(
        Action.ANSWER_NOW,
        {_S.PENDING},
        {_S.CLOSED},
        Step(
            who=TAKING_CALLS,
            fields=(
                Field(name="answer", label="当场答复的内容", required=True),
                Field(name="category", label="类别", kind=Kind.CATEGORY),
            ),
        ),
    ),
    _rule(Action.START, {_S.ACCEPTED}, {_S.IN_PROGRESS}, Step(who=WORKERS, fields=(_HANDLER,))),
    _rule(
        Action.REFUSE,
        {_S.PENDING},
        {_S.REJECTED},
        Step(
            who=HEADS,
            fields=(
                Field(
                    name="why", label="不予受理的理由", kind=Kind.CHOICE, choices=RefusalReason, required=True
                ),
                Field(name="reason", label="具体说明和去处", required=True),
            ),
            apart=frozenset({Apart.ASSIGNED}),
            duty=Duty.REVIEW,
        ),
        law="信访工作条例第十九条、第二十三条",
    ),
    _rule(
        Action.HAND_OVER,
        _BEGUN,
        {_S.PENDING},
        Step(
            who=HEADS,
            fields=(Field(name="section", label="移交给", kind=Kind.SECTION, required=True), _REASON),
            duty=Duty.REVIEW,
        ),
    ),
    _rule(
        Action.TRANSFER_OUT,
        {_S.PENDING, _S.ACCEPTED},
        {_S.TRANSFERRED},
        Step(
            who=HEADS,
            fields=(
                Field(name="to", label="转给哪个单位", kind=Kind.LINE, required=True),
                _REASON,
                Field(
                    name="contact_data",
                    label="联系方式",
                    kind=Kind.CHOICE,
                    choices=ContactData,
                    required=True,
                ),
                Field(
                    name="feedback_by", label="要求反馈日期", kind=Kind.DAY, hint="不要求反馈的不填，即为转出"
                ),
                Field(name="discipline", label="涉及人员纪律问题，按移送告知", kind=Kind.SWITCH),
            ),
            duty=Duty.REVIEW,
        ),
        law="信访工作条例第二十三条、第三十条",
    ),
    _rule(
        Action.FEEDBACK,
        {_S.TRANSFERRED},
        set(),
        Step(who=DESK, fields=(Field(name="reason", label="反馈的内容", required=True),)),
    ),
    _rule(
        Action.MERGE,
        _BEGUN,
        {_S.MERGED},
        Step(
            who=WORKERS,
            fields=(Field(name="into", label="并入（编号）", kind=Kind.TICKET, required=True), _REASON),
        ),
    ),
    _rule(Action.UNMERGE, {_S.MERGED}, {_S.PENDING}, Step(who=WORKERS, fields=(_REASON,))),
    _rule(
        Action.SPLIT,
        _BEGUN,
        set(),
        Step(
            who=WORKERS,
            fields=(
                Field(name="matter", label="拆出的事项", required=True),
                Field(name="category", label="类别", kind=Kind.CATEGORY),
                Field(name="section", label="承办股室", kind=Kind.SECTION),
                _REASON,
            ),
        ),
    ),
    _rule(
        Action.SUSPEND,
        {_S.IN_PROGRESS},
        {_S.SUSPENDED},
        Step(
            who=HEADS,
            fields=(
                Field(
                    name="why",
                    label="暂停计时的理由",
                    kind=Kind.CHOICE,
                    choices=SuspensionReason,
                    required=True,
                ),
                Field(name="until", label="暂停到", kind=Kind.DAY, required=True),
                Field(name="reason", label="具体说明", required=True),
            ),
            duty=Duty.REVIEW,
        ),
    ),
    _rule(
        Action.RESUME,
        {_S.SUSPENDED},
        {_S.IN_PROGRESS},
        Step(who=HEADS, fields=(_OPINION,), duty=Duty.REVIEW),
        by_system=True,
    ),
    _rule(
        Action.REPORT_DONE,
        {_S.IN_PROGRESS},
        {_S.PENDING_REVIEW},
        Step(
            who=NAMED_OR_HEAD,
            fields=(
                Field(name="outcome", label="结论", kind=Kind.CHOICE, choices=Outcome, required=True),
                Field(name="measures", label="整改措施和处理结果", required=True),
                Field(name="evidence", label="佐证材料", required=True),
                Field(name="answer", label="拟答复反映人的内容", hint="反映人联系得上的必填"),
            ),
        ),
        law="信访工作条例第三十二条",
    ),
    _rule(
        Action.APPROVE,
        {_S.PENDING_REVIEW},
        {_S.PENDING_CALLBACK, _S.CLOSED},
        Step(who=HEADS | LEADERS, fields=(_OPINION,), apart=_REVIEW_APART, duty=Duty.REVIEW),
    ),
    _rule(
        Action.SEND_BACK,
        {_S.PENDING_REVIEW},
        {_S.IN_PROGRESS},
        Step(who=HEADS | LEADERS, fields=(_REASON,), duty=Duty.REVIEW),
    ),
    _rule(
        Action.CALLED_BACK,
        {_S.PENDING_CALLBACK},
        {_S.CLOSED},
        Step(
            who=DESK,
            fields=(
                Field(
                    name="satisfaction",
                    label="回访结果",
                    kind=Kind.CHOICE,
                    choices=Satisfaction,
                    required=True,
                    hint="这次没联系上的，选“无法联系”",
                ),
                Field(name="reason", label="反映人的原话"),
            ),
            apart=frozenset({Apart.HANDLED}),
            duty=Duty.CALL_BACK,
        ),
    ),
    _rule(
        Action.REDO,
        {_S.PENDING_CALLBACK},
        {_S.IN_PROGRESS},
        Step(who=HEADS | LEADERS, fields=(_REASON, _HANDLER), duty=Duty.REVIEW),
    ),
    _rule(
        Action.UPHOLD,
        {_S.PENDING_CALLBACK},
        {_S.CLOSED},
        Step(who=HEADS, fields=(_REASON,), label="提出", duty=Duty.REVIEW),
        Step(
            who=LEADERS,
            fields=(_AGREE, _OPINION),
            name="agreed",
            label="批准",
            not_after=frozenset({ASKED}),
            apart=frozenset({Apart.HANDLED}),
        ),
    ),
    _rule(
        Action.REOPEN,
        {_S.CLOSED},
        {_S.IN_PROGRESS},
        Step(who=HEADS | LEADERS, fields=(_REASON, _HANDLER), duty=Duty.REVIEW),
    ),
    _rule(
        Action.WITHDRAW,
        OPEN_STATUSES,
        {_S.WITHDRAWN},
        Step(
            who=NAMED_OR_HEAD | _pairs(Role.HANDLER, relations=(Relation.RESPONSIBLE,)),
            fields=(Field(name="reason", label="反映人怎样表示撤回", required=True),),
            label="提出",
        ),
        Step(
            who=DESK,
            fields=(Field(name="reason", label="电话核实的情况", required=True), _AGREE),
            name="checked",
            label="电话核实",
            not_after=frozenset({ASKED}),
            apart=frozenset({Apart.HANDLED}),
            duty=Duty.CALL_BACK,
        ),
        Step(
            who=HEADS | LEADERS,
            fields=(_AGREE, _OPINION),
            name="agreed",
            label="批准",
            not_after=frozenset({ASKED}),
            duty=Duty.REVIEW,
        ),
    ),
    _rule(
        Action.VOID,
        frozenset(Status) - {_S.VOIDED},
        {_S.VOIDED},
        Step(who=ANYONE, fields=(_REASON,), label="提出"),
        Step(
            who=ANYONE,
            fields=(_AGREE, _OPINION),
            name="agreed",
            label="同意",
            not_after=frozenset({ASKED}),
            duty=Duty.REVIEW,
        ),
    ),
    _rule(
        Action.ASSIGN,
        OPEN_STATUSES,
        set(),
        Step(
            who=HEADS | LEADERS,
            fields=(
                Field(name="handler", label="经办人", kind=Kind.PERSON, required=True),
                _OPINION,
            ),
        ),
    ),
    _rule(
        Action.CORRECT,
        OPEN_STATUSES,
        set(),
        Step(
            who=DESK,
            fields=(
                Field(name="title", label="标题", kind=Kind.LINE),
                Field(name="school_text", label="涉及学校", kind=Kind.LINE),
                Field(name="grade_text", label="年级", kind=Kind.LINE),
                Field(name="request", label="诉求"),
                Field(name="category", label="类别", kind=Kind.CATEGORY),
                Field(name="caller_kind", label="反映人身份", kind=Kind.CHOICE, choices=CallerKind),
                Field(name="target_kind", label="反映对象", kind=Kind.CHOICE, choices=TargetKind),
                Field(name="urgency", label="缓急", kind=Kind.CHOICE, choices=Urgency),
                Field(name="secrecy", label="保密程度", kind=Kind.CHOICE, choices=Secrecy),
                _REASON,
            ),
        ),
    ),
    _rule(
        Action.EXTEND,
        {_S.ACCEPTED, _S.IN_PROGRESS},
        set(),
        Step(
            who=NAMED_OR_HEAD,
            fields=(
                Field(name="days", label="延长几天", kind=Kind.DAYS, required=True),
                Field(name="legal", label="延长法定期限", kind=Kind.SWITCH),
                _REASON,
            ),
            label="申请",
        ),
        Step(
            who=HEADS | LEADERS,
            fields=(_AGREE, _OPINION),
            name="agreed",
            label="审批",
            not_after=frozenset({ASKED}),
            duty=Duty.REVIEW,
        ),
        law="信访工作条例第三十四条：经本机关负责人批准延长不超过 30 日，并告知理由",
    ),
    _rule(
        Action.SEND_ON,
        OPEN_STATUSES,
        set(),
        Step(
            who=ANYONE,
            fields=(
                Field(name="duty", label="请代办的事", kind=Kind.CHOICE, choices=Duty, required=True),
                Field(name="section", label="送哪个股室", kind=Kind.SECTION, hint="不选为送分管领导"),
                _REASON,
            ),
        ),
    ),
    _rule(
        Action.NOTIFY,
        OPEN_STATUSES | {_S.REJECTED, _S.TRANSFERRED, _S.MERGED},
        set(),
        Step(
            who=DESK,
            fields=(_HOW_TOLD, _TOLD_AT, Field(name="reason", label="告知的要点", required=True)),
        ),
        by_system=True,
    ),
    _rule(
        Action.ANSWERED,
        {_S.PENDING_CALLBACK},
        {_S.CLOSED},
        Step(
            who=DESK,
            fields=(_HOW_TOLD, _TOLD_AT, Field(name="reason", label="当时的情况", kind=Kind.LINE)),
        ),
        by_system=True,
    ),
    _rule(
        Action.UNDELIVERED,
        {_S.PENDING_CALLBACK, _S.CLOSED},
        {_S.PENDING_CALLBACK},
        Step(who=DESK, fields=(_REASON,)),
        by_system=True,
    ),
)

TABLE: Mapping[Action, ActionRule] = MappingProxyType({rule.action: rule for rule in _RULES})

# Acts without which a ticket's status stays, whatever their targets say they may end in.
MAY_STAY = frozenset({Action.CALLED_BACK, Action.ANSWERED, Action.UNDELIVERED})
