"""What a person may do with a ticket now, and if not, why not and who else may. Pure: reads the table, asks nobody.

`available` is what the buttons show, `check` what decides; both answer from the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from accounts.actor import Actor
from accounts.vocabulary import Role
from core.errors import DomainError, NotAllowed
from tickets.action_table import HEADS, LEADERS, TABLE, ActionRule, Apart, Step
from tickets.deadlines.rules import DeadlineKind
from tickets.past import ASKED, Past, StandIn
from tickets.policy import Relation, TicketFacts, held
from tickets.vocabulary import Action, Alarm, Duty, Secrecy, Status

SUSPENSIONS_AT_MOST = 2
SUSPENDED_DAYS_AT_MOST = 30
TRIES_BEFORE_UNREACHABLE = 3
HAND_OVERS_BY_HEADS = 2  # there and back; whoever sends it a third time asks the leader
REDOS_BY_HEADS = 2


@dataclass(frozen=True, kw_only=True)
class TicketState:
    """What the rules need to know of a ticket as it stands."""

    status: Status
    facts: TicketFacts
    past: Past = field(default_factory=Past)
    alarm: Alarm | None = None
    reachable: bool = False
    open_orders: int = 0
    suspensions: int = 0
    suspended_days: int = 0
    merged_here: int = 0
    running: frozenset[DeadlineKind] = frozenset()
    answered: bool = False
    answer_due: bool = (
        False  # merged, the main ticket's answer is approved, and these people have not been told
    )


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One button: whether it works now, and if not the sentence that says why and who else may."""

    action: Action
    step: Step
    allowed: bool
    why_not: str = ""
    apart: bool = False  # somebody else has to do it: the person had a hand in what is to be looked at

    @property
    def label(self) -> str:
        return f"{self.action.label}：{self.step.label}" if self.step.label else self.action.label


@dataclass(frozen=True, kw_only=True)
class Asker:
    """A person before a ticket, and those he stands in for today (A/B 岗)."""

    actor: Actor
    principals: tuple[Actor, ...] = ()

    def may(self, step: Step, state: TicketState) -> bool:
        """Whether role and relation allow the step, in the own right or for somebody who is away."""
        return any(_entitled(person, step, state) for person in (self.actor, *self.principals))

    def barred(self, rule: ActionRule, step: Step, state: TicketState) -> str:
        """The sentence of the separation of duties that keeps the person from the step; empty if none does."""
        begun = state.past.begun.get(rule.action)
        if begun and any(
            begun.steps.get(name) == self.actor.id for name in step.not_after & begun.steps.keys()
        ):
            return "这一步要由另一个人来做：前面一步是您本人办的。"
        return self._kept_apart(step, state)

    def _kept_apart(self, step: Step, state: TicketState) -> str:
        own = _apart(self.actor, step, state)
        if own or _entitled(self.actor, step, state):
            return own
        # Standing in for somebody who may not do it either would only lend his name to his own work.
        reasons = [
            _apart(person, step, state) for person in self.principals if _entitled(person, step, state)
        ]
        return reasons[0] if reasons and all(reasons) else ""


def next_step(rule: ActionRule, state: TicketState) -> Step:
    """The step that is to be done now of an act: the first, or the one after those that were done."""
    begun = state.past.begun.get(rule.action)
    done = set(begun.steps) if begun else set()
    return next((step for step in rule.steps if step.name not in done), rule.steps[-1])


def is_last(rule: ActionRule, step: Step) -> bool:
    """Whether the step carries the act out."""
    return step is rule.steps[-1]


def available(actor: Actor, state: TicketState, principals: Iterable[Actor] = ()) -> list[Offer]:
    """Every act of the person's roles that belongs to the status, those that are not possible with the reason."""
    asker = Asker(actor=actor, principals=tuple(principals))
    offers = []
    for rule in TABLE.values():
        step = next_step(rule, state)
        if state.status not in rule.sources or not asker.may(step, state):
            continue
        barred = asker.barred(rule, step, state)
        why_not = barred or not_now(rule, step, state, asker)
        offers.append(
            Offer(action=rule.action, step=step, allowed=not why_not, why_not=why_not, apart=bool(barred))
        )
    return offers


def check(rule: ActionRule, asker: Asker, state: TicketState) -> Step:
    """The step this person may do now; NotAllowed if not in this role, DomainError with the rule's sentence."""
    step = next_step(rule, state)
    if not asker.may(step, state):
        raise NotAllowed(f"您的岗位不能对这一件办理“{rule.action.label}”。")
    if state.status not in rule.sources:
        raise DomainError(f"这一件现在是“{state.status.label}”，不能办理“{rule.action.label}”。")
    barred = asker.barred(rule, step, state)
    if barred:
        raise KeptApart(barred)
    why_not = not_now(rule, step, state, asker)
    if why_not:
        raise DomainError(why_not)
    return step


class KeptApart(DomainError):
    """Somebody else has to do this: the person had a hand in what is to be looked at."""


def _entitled(person: Actor, step: Step, state: TicketState) -> bool:
    pairs = held(person, state.facts)
    if not pairs.isdisjoint(step.who):
        return True
    asked_leader = StandIn(duty=step.duty, section_id=None) in state.past.stand_ins if step.duty else False
    if not pairs.isdisjoint(LEADERS) and (
        asked_leader or (state.facts.conflict and not step.who.isdisjoint(HEADS))
    ):
        return True
    return step.duty is not None and _sent_to(person, step, step.duty, state)


def _sent_to(person: Actor, step: Step, duty: Duty, state: TicketState) -> bool:
    """Whether the duty was sent to a section in which the person holds the role it takes."""
    roles = {role for role, relation in step.who if relation is Relation.RESPONSIBLE} - {Role.LEADER}
    return not roles.isdisjoint(person.roles) and any(
        stand_in.duty is duty and stand_in.section_id in person.section_ids
        for stand_in in state.past.stand_ins
    )


def _apart(person: Actor, step: Step, state: TicketState) -> str:
    past, facts = state.past, state.facts
    mine = person.id is not None and person.id == facts.handler_id
    if Apart.REPORTED in step.apart:
        if person.id == past.reported_by:
            return "这件是您本人报请办结的，不能由您审核。"
        if mine:
            return "这件由您承办，不能由您审核。"
    if Apart.ASSIGNED in step.apart and mine:
        return "这件由您承办，不能由您决定。"
    if Apart.HANDLED in step.apart and (mine or person.id in past.handled_by):
        return "您经办过这一件，这一步要由没有经办过的人来做。"
    return ""


def not_now(rule: ActionRule, step: Step, state: TicketState, asker: Asker) -> str:
    """Why the step is not possible at this moment, whoever asks; empty if it is."""
    special = _SPECIAL.get(rule.action)
    return special(step, state, asker) if special else ""


def leads(asker: Asker, state: TicketState) -> bool:
    """Whether the person is the leader of the responsible section, or stands in for one."""
    return any(
        not held(person, state.facts).isdisjoint(LEADERS) for person in (asker.actor, *asker.principals)
    )


def _start(_step: Step, state: TicketState, asker: Asker) -> str:
    named = state.facts.handler_id
    if named is None or named == asker.actor.id or heads(asker, state):
        return ""
    return "这件已经指定了经办人，由经办人开始办理，或请股室负责人改派。"


def heads(asker: Asker, state: TicketState) -> bool:
    """Whether the person heads or leads the responsible section, or stands in for one who does."""
    return any(
        not held(person, state.facts).isdisjoint(HEADS | LEADERS)
        for person in (asker.actor, *asker.principals)
    )


def _hand_over(_step: Step, state: TicketState, asker: Asker) -> str:
    if state.open_orders:
        return _ORDERS_OPEN
    if state.past.hand_overs >= HAND_OVERS_BY_HEADS and not leads(asker, state):
        return "这件已经在股室之间来回移交过，再移交要由分管领导决定。"
    return ""


def _merge(_step: Step, state: TicketState, _asker: Asker) -> str:
    if state.merged_here:
        return f"已有 {state.merged_here} 件并入本件，请以本件为主件，把其他件并进来。"
    return _ORDERS_OPEN if state.open_orders else ""


def _suspend(_step: Step, state: TicketState, _asker: Asker) -> str:
    if state.suspensions >= SUSPENSIONS_AT_MOST:
        return f"这件已经暂停过 {state.suspensions} 次，最多两次，不能再暂停。"
    if state.suspended_days >= SUSPENDED_DAYS_AT_MOST:
        return f"这件累计已暂停 {state.suspended_days} 日，最多 {SUSPENDED_DAYS_AT_MOST} 日，不能再暂停。"
    return ""


_ORDERS_OPEN = "还有交办单没有办完（未签收或未反馈），先把交办单办完或撤销。"


def _report_done(_step: Step, state: TicketState, _asker: Asker) -> str:
    return _ORDERS_OPEN if state.open_orders else ""


def _redo(_step: Step, state: TicketState, asker: Asker) -> str:
    if state.past.redos >= REDOS_BY_HEADS and not leads(asker, state):
        return "这件已经重办过两次，再重办要由分管领导决定。"
    return ""


def _uphold(step: Step, state: TicketState, _asker: Asker) -> str:
    if step.name == ASKED and not state.past.dissatisfied:
        return "回访结果是“不满意”的，才需要维持结论并解释。"
    return ""


def _withdraw(_step: Step, state: TicketState, _asker: Asker) -> str:
    if state.alarm is Alarm.Y1:
        return "涉及生命安全或侵害的件不能按反映人撤回办理，要查清楚。"
    if state.facts.secrecy is Secrecy.RESTRICTED:
        return "限制知悉的件不能按反映人撤回办理。"
    return _main_of_others(state)


def _void(step: Step, state: TicketState, asker: Asker) -> str:
    if step.name != ASKED and not heads(asker, state):
        begun = state.past.begun[Action.VOID]
        if not begun.data.get("by_head"):
            return "作废要两个人，其中一人是股室负责人或分管领导。"
    return _main_of_others(state)


def _main_of_others(state: TicketState) -> str:
    if not state.merged_here:
        return ""
    return f"有 {state.merged_here} 件并入本件，请先把它们拆出来，免得别人的诉求跟着没了。"


def _feedback(_step: Step, state: TicketState, _asker: Asker) -> str:
    if DeadlineKind.FEEDBACK not in state.running:
        return "这件没有要求反馈，或已经登记过反馈。"
    return ""


def _extend(step: Step, state: TicketState, _asker: Asker) -> str:
    if step.name == ASKED and not state.running & {DeadlineKind.RESOLVE, DeadlineKind.LEGAL}:
        return "没有正在计时的办理期限，不用延期。"
    return ""


def _notify(_step: Step, state: TicketState, _asker: Asker) -> str:
    return "" if state.reachable else "反映人没有留下联系方式，无法告知。"


def _answered(_step: Step, state: TicketState, _asker: Asker) -> str:
    if state.status is Status.MERGED:
        return "" if state.answer_due else "主件的答复还没有审核通过，或者这件的反映人已经告知过。"
    return "" if DeadlineKind.RESOLVE in state.running else "答复送达已经登记过了。"


def _undelivered(_step: Step, state: TicketState, _asker: Asker) -> str:
    if state.status is Status.MERGED:
        return "" if state.answered else "答复还没有登记为送达。"
    if state.status is Status.CLOSED and state.past.closed_by is not Action.ANSWERED:
        return "这件不是以书面答复办结的；有新情况请用“重启办理”。"
    return "答复还没有登记为送达。" if DeadlineKind.RESOLVE in state.running else ""


def _rated(_step: Step, state: TicketState, _asker: Asker) -> str:
    if state.status is Status.CLOSED:
        return "" if state.past.closed_by in _CLOSED_BY_ANSWER else "这件不是以答复办结的，来信要由人看。"
    return "答复还没有登记为送达。" if DeadlineKind.RESOLVE in state.running else ""


def _left_as_is(_step: Step, state: TicketState, _asker: Asker) -> str:
    return "" if state.past.wrote_again else "办结以后反映人没有再来信。"


# What was upheld by head and leader is not opened again by the same word.
_CLOSED_BY_ANSWER = frozenset({Action.ANSWERED, Action.CALLED_BACK, Action.RATED})
_SPECIAL: Mapping[Action, Callable[[Step, TicketState, Asker], str]] = {
    Action.START: _start,
    Action.HAND_OVER: _hand_over,
    Action.MERGE: _merge,
    Action.SUSPEND: _suspend,
    Action.REPORT_DONE: _report_done,
    Action.REDO: _redo,
    Action.UPHOLD: _uphold,
    Action.WITHDRAW: _withdraw,
    Action.VOID: _void,
    Action.FEEDBACK: _feedback,
    Action.EXTEND: _extend,
    Action.NOTIFY: _notify,
    Action.ASK_FACTS: _notify,
    Action.ANSWERED: _answered,
    Action.UNDELIVERED: _undelivered,
    Action.RATED: _rated,
    Action.LEFT_AS_IS: _left_as_is,
}
