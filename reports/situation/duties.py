"""Who may do what with a situation report: 拟稿—核稿—签发 are three people, and nobody passes what he wrote himself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.actor import Actor
from accounts.vocabulary import Role
from reports.situation.vocabulary import SituationState


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Who has had a hand in a report so far, and who there is: heads and leaders with an account in use, by id and name."""

    state: SituationState
    writers: frozenset[int]
    checker: int | None
    heads: tuple[tuple[int, str], ...]
    leaders: tuple[tuple[int, str], ...]

    @property
    def may_check(self) -> list[tuple[int, str]]:
        everybody = dict((*self.heads, *self.leaders))
        return [(key, name) for key, name in everybody.items() if key not in self.writers]

    @property
    def may_sign(self) -> list[tuple[int, str]]:
        return [(key, name) for key, name in self.leaders if not self._kept_from_signing(key)]

    def _kept_from_signing(self, account: int) -> bool:
        """The writer always; the checker unless nobody else could have checked or can sign."""
        if account in self.writers:
            return True
        if account != self.checker:
            return False
        return any(key != account and key not in self.writers for key, _ in (*self.heads, *self.leaders))


def may_draft(actor: Actor) -> bool:
    return actor.has(Role.HEAD, Role.LEADER)


def may_edit(actor: Actor, hands: Hands) -> bool:
    return hands.state is SituationState.DRAFT and may_draft(actor)


def may_check(actor: Actor, hands: Hands) -> bool:
    return hands.state is SituationState.TO_CHECK and may_draft(actor) and _id(actor) in dict(hands.may_check)


def may_sign(actor: Actor, hands: Hands) -> bool:
    return hands.state is SituationState.TO_SIGN and _id(actor) in dict(hands.may_sign)


def may_record_signature(actor: Actor, hands: Hands) -> bool:
    """Whether this person may write down that the paper was signed by hand."""
    return hands.state is SituationState.TO_SIGN and may_draft(actor)


def may_return(actor: Actor, hands: Hands) -> bool:
    """Whoever may check sends back, and before it is signed whoever may sign."""
    return may_check(actor, hands) or may_sign(actor, hands)


def next_words(hands: Hands) -> str:
    """Who does the next step; where nobody in the system can, what to do instead."""
    if hands.state is SituationState.DRAFT:
        return "写好后送核稿。"
    if hands.state is SituationState.TO_CHECK:
        return f"下一步：核稿，由{_names(hands.may_check)}办理。" if hands.may_check else _NOBODY_CHECKS
    if hands.state is SituationState.TO_SIGN:
        if hands.may_sign:
            return f"下一步：签发，由{_names(hands.may_sign)}办理；领导在纸上签发的，登记签发并上传扫描件。"
        return "下一步：请领导在纸上签发，由股室负责人登记签发并上传扫描件。"
    return ""


_NOBODY_CHECKS = "没有别人可以核稿：拟稿人不能核自己的稿，请再设一个股室负责人或分管领导账号。"


def _names(people: Sequence[tuple[int, str]]) -> str:
    return "、".join(name for _, name in people)


def _id(actor: Actor) -> int:
    return actor.id or 0
