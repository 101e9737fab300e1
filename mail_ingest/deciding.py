"""What becomes of a mail: pure, one rule after the other, the first that fits."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from mail_ingest.vocabulary import MailKind

ACKNOWLEDGE_WITHIN = timedelta(days=7)


class Fate(enum.Enum):
    """What is done with a mail."""

    COPY = "copy"  # the same mail made a ticket already
    DUPLICATE = "duplicate"  # the same mail waits in a tray, or was set aside
    REPLY = "reply"  # it goes on with a ticket's course
    TRAY = "tray"  # it waits for a person to look
    BEFORE_START = "before_start"  # older than what is taken in
    OWN_CHECK = "own_check"  # the heartbeat we sent ourselves
    TICKET = "ticket"


@dataclass(frozen=True, kw_only=True)
class MailFacts:
    """What the rules need to know of a mail and of what is known already."""

    kind: MailKind
    from_junk: bool
    headers_only: bool
    received_at: datetime
    intake_from: datetime | None
    same_made_a_ticket: bool
    same_waits: bool
    belongs_to_ticket: bool
    answers_order: bool = False


def decide(facts: MailFacts) -> Fate:
    """The fate of a mail that could be read."""
    rules = (
        (facts.kind is MailKind.HEARTBEAT, Fate.OWN_CHECK),
        (facts.same_made_a_ticket, Fate.COPY),
        (facts.same_waits and _would_wait(facts), Fate.DUPLICATE),
        (facts.intake_from is not None and facts.received_at < facts.intake_from, Fate.BEFORE_START),
        (_school_answers(facts), Fate.REPLY),
        (_would_wait(facts), Fate.TRAY),
        (facts.belongs_to_ticket, Fate.REPLY),
    )
    return next((fate for fits, fate in rules if fits), Fate.TICKET)


def _school_answers(facts: MailFacts) -> bool:
    """A school known as a work sender answers its order: that mail belongs there, and need not wait in the work tray."""
    return (
        facts.answers_order and facts.kind is MailKind.WORK and not facts.from_junk and not facts.headers_only
    )


def _would_wait(facts: MailFacts) -> bool:
    return facts.kind is not MailKind.ORDINARY or facts.from_junk or facts.headers_only


def may_acknowledge(*, received_at: datetime, now: datetime, wants_no_reply: bool, from_junk: bool) -> bool:
    """An acknowledgement is for a person who wrote lately; a machine would answer it."""
    return not wants_no_reply and not from_junk and now - received_at <= ACKNOWLEDGE_WITHIN
