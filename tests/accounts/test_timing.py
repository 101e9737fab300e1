"""A stranger learns nothing from how long a refusal takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts import signing_in, verbs
from accounts.actor import SYSTEM
from accounts.models import Account
from core.clock import FixedClock
from core.db import db, transaction
from tests.accounts.people import Desk

TRIES = 100
DIFFERENCE = 0.10


@pytest.mark.slow
def test_absent_disabled_and_wrong_take_the_same_time(
    desk: Desk, clock: FixedClock, record_property: Callable[[str, object], None]
) -> None:
    desk.account("linfang")
    desk.account("fresh", password=None)
    gone = desk.account("gone")
    with desk.app.app_context(), transaction() as session:
        verbs.disable(session, SYSTEM, session.get_one(Account, gone))
    took: dict[str, list[float]] = {name: [] for name in ("linfang", "nobody", "gone", "fresh")}

    with desk.app.test_request_context():
        for number in range(TRIES):
            clock.moment += timedelta(minutes=16)  # nobody waits
            for name, times in took.items():
                begun = time.perf_counter()
                opened = signing_in.sign_in(
                    name, "surely not this one", address=f"192.0.2.{number}", replacing=None
                )
                times.append(time.perf_counter() - begun)
                assert opened is None
        db.session.remove()

    medians = {name: statistics.median(times) for name, times in took.items()}
    record_property("medians in ms", {name: round(median * 1000, 1) for name, median in medians.items()})
    assert max(medians.values()) < min(medians.values()) * (1 + DIFFERENCE), medians
