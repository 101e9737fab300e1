"""Guessing is slowed down: five wrong tries for a name, or thirty from an address, within a quarter of an hour.

A name waits whether or not an account has it, so waiting tells nothing. Names and addresses are kept as keyed hashes only.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from accounts.models import LoginAttempt
from accounts.rules import normal_username
from core.keys import keys_in_use

WINDOW = timedelta(minutes=15)
WAIT = timedelta(minutes=15)
TRIES_FOR_A_NAME = 5
TRIES_FROM_AN_ADDRESS = 30
_IPV6_NETWORK = 64  # one household or office holds that many addresses
_LOCK_NUMBER_DIGITS = 15


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who tries to sign in and from where, as keyed hashes."""

    username_hash: str
    address_hash: str


def origin(username: str, address: str | None) -> Origin:
    keys = keys_in_use()
    return Origin(
        username_hash=keys.blind_index("login name", normal_username(username)),
        address_hash=keys.blind_index("login address", network_of(address)),
    )


def network_of(address: str | None) -> str:
    """What counts as one address: an IPv4 address, or the /64 network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
    return str(parsed)


def waits_until(newest_first: Sequence[datetime], tries: int) -> datetime | None:
    """Until when to wait after these wrong tries, or None. No try is noted during a wait, so the newest began it."""
    if len(newest_first) < tries or newest_first[0] - newest_first[tries - 1] > WINDOW:
        return None
    return newest_first[0] + WAIT


def begin_attempt(session: Session, who: Origin, at: datetime) -> int | None:
    """Notes a try before the password is looked at, so that guesses sent at the same time count too.

    Returns the try's id, to be passed to `forgive` if it was right; None if one has to wait.
    """
    _one_at_a_time(session, who)
    if is_waiting(session, who, at):
        return None
    attempt = LoginAttempt(username_hash=who.username_hash, address_hash=who.address_hash, at=at)
    session.add(attempt)
    session.flush()
    return attempt.id


def is_waiting(session: Session, who: Origin, at: datetime) -> bool:
    for column, value, tries in (
        (LoginAttempt.username_hash, who.username_hash, TRIES_FOR_A_NAME),
        (LoginAttempt.address_hash, who.address_hash, TRIES_FROM_AN_ADDRESS),
    ):
        until = waits_until(_newest(session, column, value, tries, at), tries)
        if until is not None and at < until:
            return True
    return False


def waiting_names(session: Session, usernames: Iterable[str], at: datetime) -> dict[str, datetime]:
    """Which of these names have to wait at this moment, and until when; one query for all."""
    keys = keys_in_use()
    name_of = {keys.blind_index("login name", normal_username(name)): name for name in usernames}
    tries: dict[str, list[datetime]] = defaultdict(list)
    for row in session.execute(
        sa.select(LoginAttempt.username_hash, LoginAttempt.at)
        .where(LoginAttempt.cleared.is_(False), LoginAttempt.at > at - WINDOW - WAIT)
        .order_by(LoginAttempt.at.desc())
    ):
        tries[row.username_hash].append(row.at)
    found = {name: waits_until(tries[hashed], TRIES_FOR_A_NAME) for hashed, name in name_of.items()}
    return {name: until for name, until in found.items() if until is not None and at < until}


def forgive(session: Session, attempt_id: int) -> None:
    """Takes back one try: it was right."""
    session.execute(sa.update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(cleared=True))


def forgive_all(session: Session, username: str) -> int:
    """Takes back all tries for a name, after a complete sign-in or by a head; how many there were."""
    name_hash = keys_in_use().blind_index("login name", normal_username(username))
    mine = (LoginAttempt.username_hash == name_hash, LoginAttempt.cleared.is_(False))
    count = session.execute(sa.select(sa.func.count()).select_from(LoginAttempt).where(*mine)).scalar_one()
    session.execute(
        sa.update(LoginAttempt).where(*mine).values(cleared=True),
        execution_options={"synchronize_session": False},
    )
    return count


def forget_before(session: Session, moment: datetime) -> None:
    """Deletes tries that no wait can be counted from any more."""
    session.execute(
        sa.delete(LoginAttempt).where(LoginAttempt.at < moment),
        execution_options={"synchronize_session": False},
    )


def _newest(
    session: Session, column: InstrumentedAttribute[str], value: str, tries: int, at: datetime
) -> Sequence[datetime]:
    return session.scalars(
        sa.select(LoginAttempt.at)
        .where(column == value, LoginAttempt.cleared.is_(False), LoginAttempt.at > at - WINDOW - WAIT)
        .order_by(LoginAttempt.at.desc())
        .limit(tries)
    ).all()


def _one_at_a_time(session: Session, who: Origin) -> None:
    """On PostgreSQL two tries for one name would not see each other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        for hashed in sorted((who.username_hash, who.address_hash)):
            number = int(hashed[:_LOCK_NUMBER_DIGITS], 16)
            session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
