"""When a mailbox that failed is tried again; pure. It slows down, but it never gives up by itself."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

_ORDINARY_MINUTES = (1, 2, 4, 8, 16, 30)
_UNSAFE_LOGIN = timedelta(minutes=15)

# 163.com answers a frequency limit with the very words it has for a wrong code. More than three refusals in a row may
# lengthen the ban; stopping for good would turn one bad Friday evening into a weekend without mail.
REFUSED_LOGINS_BEFORE_SLOW = 3
_SLOW = timedelta(hours=2)


def next_try(
    failures: int,
    refused_logins: int,
    now: datetime,
    rng: random.Random,
    *,
    unsafe_login: bool = False,
) -> datetime:
    """The moment of the next automatic attempt after so many failures in a row.

    `refused_logins` counts refused logins in a row, whatever failed between them; a success sets both to 0.
    `unsafe_login` says that the last failure was 163.com's "Unsafe Login". A person's press of a button is not bound
    by this.
    """
    if refused_logins >= REFUSED_LOGINS_BEFORE_SLOW:
        return now + _SLOW * rng.uniform(1.0, 1.1)  # never more often than promised
    if failures <= 0:
        return now
    if unsafe_login:
        return now + _UNSAFE_LOGIN * rng.uniform(1.0, 1.1)
    minutes = _ORDINARY_MINUTES[min(failures, len(_ORDINARY_MINUTES)) - 1]
    return now + timedelta(minutes=minutes) * rng.uniform(0.8, 1.0)  # never later than promised
