"""The public receipt page (回执查询): number and query code in; state, day and public answer out. Off unless it is switched on.

Whoever goes through codes meets the same answer for a wrong number and a wrong code, after the same work, and few tries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.clock import OFFICE_ZONE, now, office_day
from core.errors import DomainError
from core.keys import keys_in_use
from tickets import identity
from tickets.models import Complainant, LookupTry, Ticket
from tickets.progress import said_of
from tickets.vocabulary import Secrecy, Status

A_MINUTE_AN_ADDRESS = 5
A_DAY_AN_ADDRESS = 50
A_MINUTE_IN_ALL = 60
WRONG_A_DAY_A_NUMBER = 10
CLOSED_FOR = timedelta(days=180)
NO_MATCH = "编号和查询码对不上，或者已经过了查询期限。请核对后再试；仍不行的，请在工作时间来电。"
TOO_OFTEN = "查询太频繁，请过一会儿再试。"
TOO_WRONG = "这个编号今天试错太多次，明天才能再查。也可以在工作时间来电。"
_KEPT = timedelta(days=2)
_NOBODY = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """All the page shows; neither text nor people nor school."""

    number: str
    received_at: datetime
    closed_at: datetime | None
    said: str
    answer: str


class NoMatch(DomainError):
    """Number and code do not fit; the try has to be kept."""


def look_up(session: Session, number: str, code: str, *, address: str) -> Receipt:
    """DomainError with the sentence for the page; NoMatch has counted the try and wants to be committed."""
    number = number.strip().upper()[:40]
    digits = "".join(letter for letter in code[:40] if letter in "0123456789")
    tried = LookupTry(
        address_index=keys_in_use().blind_index("lookup address", address),
        number_index=keys_in_use().blind_index("lookup number", number),
        at=now(),
        fits=False,
    )
    _check_tries(session, tried)
    ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one_or_none()
    hashes = session.scalars(
        sa.select(Complainant.query_code_hash)
        .join(Ticket, Ticket.id == Complainant.ticket_id)
        .where(Ticket.number == number)
    ).all()
    # A number that does not exist costs a comparison, too.
    fits = [identity.query_code_fits(each, number, digits) for each in (*hashes, _NOBODY)]
    tried.fits = any(fits) and ticket is not None and not _expired(ticket)
    session.add(tried)
    session.execute(sa.delete(LookupTry).where(LookupTry.at < now() - _KEPT))
    session.flush()
    if not tried.fits or ticket is None:
        raise NoMatch(NO_MATCH)
    audit.record(session, "ticket.receipt_shown", actor="", object_ref=ticket.ref)
    return Receipt(
        number=ticket.number,
        received_at=ticket.received_at,
        closed_at=ticket.closed_at,
        said=said_of(ticket.status),
        answer=_public_answer(ticket),
    )


def _check_tries(session: Session, tried: LookupTry) -> None:
    """Counts what there was, by keyed hashes, in one question."""
    minute, day = tried.at - timedelta(minutes=1), tried.at - timedelta(days=1)
    midnight = datetime.combine(office_day(tried.at), time.min, OFFICE_ZONE)
    from_here = LookupTry.address_index == tried.address_index

    def counted(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(LookupTry).where(*conditions).scalar_subquery()

    soon, today, in_all, wrong = session.execute(
        sa.select(
            counted(from_here, LookupTry.at > minute),
            counted(from_here, LookupTry.at > day),
            counted(LookupTry.at > minute),
            counted(
                LookupTry.number_index == tried.number_index,
                LookupTry.at >= midnight,
                LookupTry.fits.is_(False),
            ),
        )
    ).one()
    if soon >= A_MINUTE_AN_ADDRESS or today >= A_DAY_AN_ADDRESS or in_all >= A_MINUTE_IN_ALL:
        raise DomainError(TOO_OFTEN)
    if wrong >= WRONG_A_DAY_A_NUMBER:
        raise DomainError(TOO_WRONG)


def _expired(ticket: Ticket) -> bool:
    return ticket.closed_at is not None and now() - ticket.closed_at > CLOSED_FOR


def _public_answer(ticket: Ticket) -> str:
    """The answer as it was given, without what identifies anybody; nothing of what few may know of."""
    given = ticket.answered_at is not None and ticket.status in {Status.CLOSED, Status.PENDING_CALLBACK}
    return ticket.answer if given and ticket.secrecy is not Secrecy.RESTRICTED else ""
