"""Many complaints about one school within a day: found by when they arrived, whenever they were entered. Pure.

A mailbox that was out for a weekend brings Saturday's letters on Monday, and a call is written down hours late: what counts is
that five arrived within some 24 hours, not that they arrived within the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MANY = 5
WITHIN = timedelta(hours=24)


@dataclass(frozen=True, order=True)
class Arrival:
    """One complaint about the school."""

    received_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Crowd:
    """Complaints that arrived within a day of the first of them."""

    arrivals: tuple[Arrival, ...]

    @property
    def begins(self) -> datetime:
        return self.arrivals[0].received_at

    @property
    def newest(self) -> datetime:
        """When the last of them was entered: what has long been known is no news."""
        return max(arrival.recorded_at for arrival in self.arrivals)


def crowds(arrivals: Iterable[Arrival], told: Sequence[datetime] = ()) -> list[Crowd]:
    """The crowds among what belongs to none that was told of; `told` are the beginnings of those that were."""
    left = sorted(
        each for each in arrivals if not any(begins <= each.received_at < begins + WITHIN for begins in told)
    )
    found = []
    place = 0
    while place + MANY <= len(left):
        end = left[place].received_at + WITHIN
        inside = [each for each in left[place:] if each.received_at < end]
        if len(inside) < MANY:
            place += 1
            continue
        found.append(Crowd(tuple(inside)))
        place += len(inside)
    return found
