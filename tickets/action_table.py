"""Who may do what, from which status to which, and what has to be said: every act of a ticket's life, as data.

Buttons, forms, the policy and the tests read this table. `tickets.actions` answers questions with it; only
`tickets.handling.perform` changes a status. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from accounts.vocabulary import Role
from tickets import action_fields as ask
from tickets.action_rules import (
    ANYONE,
    DESK,
    HEADS,
    LEADERS,
    NAMED_OR_HEAD,
    TAKING_CALLS,
    WORKERS,
    ActionRule,
    Apart,
    Field,
    Kind,
    Step,
)
from tickets.past import ASKED
from tickets.policy import Relation
from tickets.vocabulary import OPEN_STATUSES, Action, Duty, Status

__all__ = ["HEADS", "LEADERS", "TABLE", "ActionRule", "Apart", "Field", "Kind", "Step"]

_S = Status
_BEGUN = frozenset({_S.PENDING, _S.ACCEPTED, _S.IN_PROGRESS})
_CALLING = _S.PENDING_CALLBACK
_REVIEWERS = HEADS | LEADERS
_NOBODY: frozenset[tuple[Role, Relation]] = frozenset()  # it happens by itself, when a mail arrives
_OVER = frozenset({_S.CLOSED, _S.REJECTED, _S.TRANSFERRED, _S.MERGED, _S.WITHDRAWN, _S.VOIDED})
_ANOTHER = frozenset({ASKED})  # somebody else than who asked for it


def _rule(
    action: Action,
    sources: Status | Iterable[Status],
    targets: Iterable[Status],
    *steps: Step,
    by_system: bool = False,
    law: str = "",
) -> ActionRule:
    return ActionRule(
        action=action,
        sources=frozenset({sources} if isinstance(sources, Status) else sources),
        targets=frozenset(targets),
        steps=steps,
        by_system=by_system,
        law=law,
    )


def _agreeing(label: str) -> Step:
    """A head or leader says yes or no to what somebody else has asked for."""
    return Step(
        who=_REVIEWERS,
        fields=(ask.DECISION, ask.OPINION),
        name="agreed",
        label=label,
        not_after=_ANOTHER,
        duty=Duty.REVIEW,
    )


_RULES = (
    _rule(
        Action.ACCEPT,
        _S.PENDING,
        {_S.ACCEPTED},
        Step(who=WORKERS, fields=(ask.HANDLER,)),
        law="信访工作条例第二十三条：自收到之日起 15 日内告知是否受理",
    ),
    _rule(Action.ANSWER_NOW, _S.PENDING, {_S.CLOSED}, Step(who=TAKING_CALLS, fields=ask.ANSWER_NOW)),
    _rule(Action.START, _S.ACCEPTED, {_S.IN_PROGRESS}, Step(who=WORKERS, fields=(ask.HANDLER,))),
    _rule(
        Action.REFUSE,
        _S.PENDING,
        {_S.REJECTED},
        Step(who=HEADS, fields=ask.REFUSE, apart=frozenset({Apart.ASSIGNED}), duty=Duty.REVIEW),
        law="信访工作条例第十九条、第二十三条",
    ),
    _rule(
        Action.HAND_OVER,
        _BEGUN,
        {_S.PENDING},
        Step(who=HEADS, fields=ask.HAND_OVER, duty=Duty.REVIEW),
    ),
    _rule(
        Action.TRANSFER_OUT,
        {_S.PENDING, _S.ACCEPTED},
        {_S.TRANSFERRED},
        Step(who=HEADS, fields=ask.TRANSFER_OUT, duty=Duty.REVIEW),
        law="信访工作条例第二十三条、第三十条",
    ),
    _rule(Action.FEEDBACK, _S.TRANSFERRED, (), Step(who=DESK, fields=ask.FEEDBACK)),
    _rule(Action.MERGE, _BEGUN, {_S.MERGED}, Step(who=WORKERS, fields=ask.MERGE)),
    _rule(Action.UNMERGE, _S.MERGED, {_S.PENDING}, Step(who=WORKERS, fields=(ask.REASON,))),
    _rule(Action.SPLIT, _BEGUN, (), Step(who=WORKERS, fields=ask.SPLIT)),
    _rule(
        Action.SUSPEND,
        _S.IN_PROGRESS,
        {_S.SUSPENDED},
        Step(who=HEADS, fields=ask.SUSPEND, duty=Duty.REVIEW),
    ),
    _rule(
        Action.RESUME,
        _S.SUSPENDED,
        {_S.IN_PROGRESS},
        Step(who=HEADS, fields=(ask.OPINION,), duty=Duty.REVIEW),
        by_system=True,
    ),
    _rule(
        Action.REPORT_DONE,
        _S.IN_PROGRESS,
        {_S.PENDING_REVIEW},
        Step(who=NAMED_OR_HEAD, fields=ask.REPORT_DONE),
        law="信访工作条例第三十二条",
    ),
    _rule(
        Action.APPROVE,
        _S.PENDING_REVIEW,
        {_CALLING, _S.CLOSED},
        Step(
            who=_REVIEWERS,
            fields=(ask.OPINION,),
            apart=frozenset({Apart.REPORTED}),
            duty=Duty.REVIEW,
        ),
    ),
    _rule(
        Action.SEND_BACK,
        _S.PENDING_REVIEW,
        {_S.IN_PROGRESS},
        Step(who=_REVIEWERS, fields=(ask.REASON,), duty=Duty.REVIEW),
    ),
    _rule(
        Action.CALLED_BACK,
        _CALLING,
        {_S.CLOSED},
        Step(
            who=DESK,
            fields=ask.CALLED_BACK,
            apart=frozenset({Apart.HANDLED}),
            duty=Duty.CALL_BACK,
        ),
    ),
    _rule(
        Action.REDO,
        _CALLING,
        {_S.IN_PROGRESS},
        Step(who=_REVIEWERS, fields=(ask.REASON, ask.HANDLER), duty=Duty.REVIEW),
    ),
    _rule(
        Action.UPHOLD,
        _CALLING,
        {_S.CLOSED},
        Step(who=HEADS, fields=(ask.REASON,), label="提出", duty=Duty.REVIEW),
        Step(
            who=LEADERS,
            fields=(ask.DECISION, ask.OPINION),
            name="agreed",
            label="批准",
            not_after=_ANOTHER,
            apart=frozenset({Apart.HANDLED}),
        ),
    ),
    _rule(
        Action.REOPEN,
        _S.CLOSED,
        {_S.IN_PROGRESS},
        Step(who=_REVIEWERS, fields=(ask.REASON, ask.HANDLER), duty=Duty.REVIEW),
    ),
    _rule(
        Action.WITHDRAW,
        OPEN_STATUSES,
        {_S.WITHDRAWN},
        Step(who=WORKERS, fields=ask.WITHDRAW_ASKED, label="提出"),
        Step(
            who=DESK,
            fields=ask.WITHDRAW_CHECKED,
            name="checked",
            label="电话核实",
            not_after=_ANOTHER,
            apart=frozenset({Apart.HANDLED}),
            duty=Duty.CALL_BACK,
        ),
        _agreeing("批准"),
    ),
    _rule(
        Action.VOID,
        frozenset(Status) - {_S.VOIDED},
        {_S.VOIDED},
        Step(who=ANYONE, fields=(ask.REASON,), label="提出"),
        Step(
            who=ANYONE,
            fields=(ask.DECISION, ask.OPINION),
            name="agreed",
            label="同意",
            not_after=_ANOTHER,
            duty=Duty.REVIEW,
        ),
    ),
    _rule(Action.ASSIGN, OPEN_STATUSES, (), Step(who=_REVIEWERS, fields=ask.ASSIGN)),
    _rule(Action.CORRECT, OPEN_STATUSES, (), Step(who=DESK, fields=ask.CORRECT)),
    _rule(
        Action.EXTEND,
        {_S.ACCEPTED, _S.IN_PROGRESS},
        (),
        Step(who=NAMED_OR_HEAD, fields=ask.EXTEND, label="申请"),
        _agreeing("审批"),
        law="信访工作条例第三十四条：经本机关负责人批准延长不超过 30 日，并告知理由",
    ),
    _rule(Action.SEND_ON, OPEN_STATUSES, (), Step(who=ANYONE, fields=ask.SEND_ON)),
    _rule(
        Action.NOTIFY,
        OPEN_STATUSES | {_S.REJECTED, _S.TRANSFERRED, _S.MERGED},
        (),
        Step(who=DESK, fields=ask.NOTIFY),
        by_system=True,
    ),
    _rule(
        Action.ANSWERED,
        {_CALLING, _S.MERGED},
        {_S.CLOSED},
        Step(who=DESK, fields=ask.ANSWERED),
        by_system=True,
    ),
    _rule(
        Action.UNDELIVERED,
        {_CALLING, _S.CLOSED, _S.MERGED},
        {_CALLING},
        Step(who=DESK, fields=(ask.REASON,)),
        by_system=True,
    ),
    _rule(
        Action.RATED,
        {_CALLING, _S.CLOSED},
        {_CALLING, _S.CLOSED},
        Step(who=_NOBODY, fields=ask.RATED),
        by_system=True,
    ),
    _rule(Action.ASK_FACTS, _BEGUN | {_S.SUSPENDED}, (), Step(who=DESK, fields=ask.ASK_FACTS)),
    _rule(
        Action.NOTICE_BACK,
        OPEN_STATUSES | {_S.REJECTED, _S.TRANSFERRED, _S.MERGED, _S.CLOSED},
        (),
        Step(who=_NOBODY, fields=(ask.REASON,)),
        by_system=True,
    ),
    _rule(Action.WROTE_AGAIN, _OVER, (), Step(who=_NOBODY), by_system=True),
    _rule(Action.LEFT_AS_IS, _OVER, (), Step(who=_REVIEWERS, fields=(ask.REASON,), duty=Duty.REVIEW)),
)

TABLE: Mapping[Action, ActionRule] = MappingProxyType({rule.action: rule for rule in _RULES})
