"""Who may record pressure, start an inquiry after a leak, and have a part in a sealed hand-over, and what is asked. Pure."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.vocabulary import Role
from tickets.action_rules import ANYONE, HEADS, LEADERS, NAMED_OR_HEAD, Field, Kind, Step
from tickets.policy import Relation, TicketFacts, held
from tickets.secrecy.words import InquiryResult, PressureKind, PressureWay, SealedContent, SealedState

REPORT_AT_MOST = 2000

PRESSURE_STEP = Step(
    who=ANYONE | {(Role.CLERK, Relation.RECORDER)},
    fields=(
        Field(name="happened", label="发生了什么", kind=Kind.CHOICE, choices=PressureKind, required=True),
        Field(
            name="people",
            label="是谁（单位、职务）",
            kind=Kind.LINE,
            required=True,
            hint="例如：该校办公室主任；说不清的写“自称家长的来电人”",
        ),
        Field(name="way", label="用什么方式", kind=Kind.CHOICE, choices=PressureWay, required=True),
        Field(name="at", label="什么时候", kind=Kind.MOMENT, hint="不填为现在"),
        Field(name="said", label="怎么说的", required=True),
        Field(name="answered", label="我们怎么答复的", required=True),
    ),
)
INQUIRY_STEP = Step(
    who=HEADS | LEADERS,
    fields=(
        Field(name="reason", label="为什么怀疑泄露", required=True),
        Field(name="since", label="从哪天查起", kind=Kind.DAY, hint="不填为来件那天"),
    ),
)
CONCLUSION_STEP = Step(
    who=HEADS | LEADERS,
    fields=(
        Field(name="result", label="核查结果", kind=Kind.CHOICE, choices=InquiryResult, required=True),
        Field(name="conclusion", label="查明的情况、补救和处理", required=True),
    ),
)
SEALED_STEP = Step(
    who=NAMED_OR_HEAD | LEADERS,
    fields=(
        Field(name="authority", label="移交给哪个机关", kind=Kind.LINE, required=True),
        Field(name="paper_number", label="来文文号或调取手续编号", kind=Kind.LINE, required=True),
        Field(name="basis", label="依据和用途", required=True),
        Field(name="envelope", label="移交什么", kind=Kind.CHOICE, choices=SealedContent, required=True),
    ),
)
APPROVAL_STEP = Step(who=HEADS | LEADERS)
REFUSAL_STEP = Step(who=HEADS | LEADERS, fields=(Field(name="reason", label="不批准的理由", required=True),))
HANDED_OVER_STEP = Step(
    who=HEADS,
    fields=(
        Field(
            name="taken_by",
            label="接收人（两人，姓名和证件）",
            kind=Kind.LINE,
            required=True,
            hint="当面核对证件后填写；纸质回执归卷",
        ),
        Field(name="at", label="移交时间", kind=Kind.MOMENT, hint="不填为现在"),
    ),
)


def is_head(actor: Actor, facts: TicketFacts) -> bool:
    return not held(actor, facts).isdisjoint(HEADS)


def is_leader(actor: Actor, facts: TicketFacts) -> bool:
    return not held(actor, facts).isdisjoint(LEADERS)


def decides(actor: Actor, facts: TicketFacts) -> bool:
    """Head or leader of the section that answers for the ticket; nobody stands in for them where identity is concerned."""
    return is_head(actor, facts) or is_leader(actor, facts)


def approves_as(
    actor: Actor,
    facts: TicketFacts,
    *,
    state: SealedState,
    asked_by_id: int | None,
    head_id: int | None,
    leader_id: int | None,
) -> Role | None:
    """As what a person may give one of the two approvals now; None if not at all.

    One is the head's, one the leader's, and they are two people; a leader who has asked cannot be the one who agrees.
    """
    if state is not SealedState.ASKED or actor.id is None:
        return None
    if head_id is None and is_head(actor, facts) and actor.id != leader_id:
        return Role.HEAD
    if leader_id is None and is_leader(actor, facts) and actor.id not in {head_id, asked_by_id}:
        return Role.LEADER
    return None
