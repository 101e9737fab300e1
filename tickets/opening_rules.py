"""What can be opened of a ticket and why, and who may open the contact data."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.vocabulary import Role
from core.labels import Labelled
from tickets.policy import Permission, Relation, TicketFacts, held, may
from tickets.vocabulary import Secrecy


class OpeningReason(Labelled):
    """Why somebody looks at who complained, or at what was really said."""

    CHECK = "check", "核实情况"
    CALL_BACK = "call_back", "回访"
    SUPPLEMENT = "supplement", "补充材料"
    REFUND = "refund", "退费联系"
    OTHER = "other", "其他"


class Opening(Labelled):
    """What was opened, as the audit log calls it."""

    PAGE = "ticket.opened", "打开本件"
    CONTACT = "ticket.revealed", "查看联系方式"
    VERBATIM = "ticket.verbatim_opened", "查看原话"
    ATTACHMENT = "ticket.attachment_opened", "打开附件"
    PRINTED = "ticket.printed", "打印"
    RECOGNISED = "ticket.caller_recognised", "登记来电时按号码认出"
    IDENTITY_PRINTED = "ticket.identity_printed", "打印密封件"
    SEALED_PRINTED = "ticket.sealed_printed", "打印密封移交单"
    FOUND = "ticket.found_by_phone", "按电话号码查到"


def may_reveal(actor: Actor, facts: TicketFacts) -> bool:
    """Whether this person may open the contact data; of 限制知悉 tickets only the head may."""
    return may(actor, Permission.REVEAL, facts) and (
        facts.secrecy is not Secrecy.RESTRICTED or _is_head(actor, facts)
    )


def refusal_of_reveal(actor: Actor, facts: TicketFacts) -> str:
    """Why not, and who may."""
    if may(actor, Permission.REVEAL, facts):
        return "本件限制知悉，联系方式要由股室负责人打开。请负责人打开后当面拨号。"
    return "联系方式只有本件的经办人和股室负责人能看。"


def _is_head(actor: Actor, facts: TicketFacts) -> bool:
    return (Role.HEAD, Relation.RESPONSIBLE) in held(actor, facts)
