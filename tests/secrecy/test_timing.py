"""Whether a number is known is not told by how long the search takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest

from tests.orders.support import PHONE, OrderDesk
from tests.secrecy.test_guarding import search
from tickets.identity import Person

TRIES = 100
DIFFERENCE = 0.10


@pytest.mark.slow
def test_a_hit_and_a_miss_take_the_same_time(
    desk: OrderDesk, record_property: Callable[[str, object], None]
) -> None:
    """Ours, another section's, and nobody's: in turns, so that whatever else the machine does touches each alike."""
    theirs = "13911112222"
    desk.register(Person(name="甲乙丙", phone=theirs), matter="另一所学校收费。")
    took: dict[str, list[float]] = {PHONE: [], theirs: [], "13800000000": []}
    for _ in range(TRIES):
        for phone, times in took.items():
            begun = time.process_time()
            search(phone)
            times.append(time.process_time() - begun)
    medians = {phone: statistics.median(times) for phone, times in took.items()}
    record_property("medians in ms", {phone[-4:]: round(each * 1000, 2) for phone, each in medians.items()})
    assert max(medians.values()) < min(medians.values()) * (1 + DIFFERENCE), medians
